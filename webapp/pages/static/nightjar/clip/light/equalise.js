// @ts-check
/** Contrast-limited equalisation of each part of the picture (after Zuiderveld, "Contrast limited
 * adaptive histogram equalization", 1994), as tables that a shader reads between; pure.
 */

import { lumaOf } from "nightjar/clip/light/curve.js";

/** Tiles across and down, and steps of a table. */
export const TILES = 8;
export const BINS = 64;

const CLIP_LIMIT = 3;
const BIN_OF = Uint8Array.from({ length: 256 }, (_, luma) => Math.round(luma / 255 * (BINS - 1)));

/**
 * @param {Uint8Array | Uint8ClampedArray} rgba a picture of the frame, rows from the top
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array} levels the tone that is put on first
 * @returns {Uint8Array} for each tile, row by row, what each of `BINS` steps of luma becomes
 */
export function tablesOf(rgba, width, height, levels) {
  const counts = new Uint32Array(TILES * TILES * BINS);
  for (let y = 0, i = 0; y < height; y++) {
    const row = TILES * Math.floor(y * TILES / height);
    for (let x = 0; x < width; x++, i += 4) {
      const luma = lumaOf(levels[rgba[i]], levels[rgba[i + 1]], levels[rgba[i + 2]]);
      counts[(row + Math.floor(x * TILES / width)) * BINS + BIN_OF[luma]]++;
    }
  }
  const tables = new Uint8Array(counts.length);
  for (let start = 0; start < counts.length; start += BINS) {
    equalise(counts.subarray(start, start + BINS), tables.subarray(start, start + BINS));
  }
  return tables;
}

/** @param {Uint32Array} counts of one tile @param {Uint8Array} out */
function equalise(counts, out) {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!total) return void out.forEach((_, bin) => out[bin] = Math.round(255 * bin / (BINS - 1)));
  const most = CLIP_LIMIT * total / BINS;
  const excess = counts.reduce((sum, count) => sum + Math.max(0, count - most), 0);
  let below = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const share = Math.min(counts[bin], most) + excess / BINS;
    // The middle of the step's share: a tile of even light stays as it is.
    out[bin] = Math.round(255 * (below + share / 2) / total);
    below += share;
  }
}

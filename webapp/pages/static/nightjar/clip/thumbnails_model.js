// @ts-check
/** Which small picture stands for which place of a clip; pure. */

/** @typedef {{url: string | null, tile_width: number, tile_height: number, columns: number, frames: number[]}} Sheet */
/** @typedef {{x: number, y: number, width: number, height: number, frame: number}} Tile where on the sheet, and which frame it shows */
/** @typedef {Tile & {at: number}} Slot at: where on the strip, px */

/** The picture nearest to a frame. @param {Sheet} sheet @param {number} frame @returns {Tile} */
export function tileNear({ frames, columns, tile_width: width, tile_height: height }, frame) {
  const step = frames.length > 1 ? frames[1] - frames[0] : 1;
  const n = Math.max(0, Math.min(frames.length - 1, Math.round(frame / step)));
  return { x: n % columns * width, y: Math.floor(n / columns) * height, width, height, frame: frames[n] };
}

/**
 * Pictures side by side along a strip; each shows what lies at its own middle.
 * @param {Sheet} sheet
 * @param {number} count frames of the clip
 * @param {number} width of the strip, px
 * @param {number} height
 * @returns {{size: number, slots: Slot[]}} size: width of a picture, px
 */
export function slotsAlong(sheet, count, width, height) {
  const natural = height * sheet.tile_width / sheet.tile_height;
  const many = Math.max(1, Math.round(width / natural));
  const size = width / many;
  const slots = Array.from({ length: many }, (_, k) => ({
    ...tileNear(sheet, Math.floor((k + 0.5) / many * count)),
    at: k * size,
  }));
  return { size, slots };
}

/** The part of a tile that fills a slot of another shape, in its middle. @param {Tile} tile @param {number} width @param {number} height */
export function cutOf(tile, width, height) {
  const ratio = Math.min(tile.width / width, tile.height / height);
  const [w, h] = [width * ratio, height * ratio];
  return { x: tile.x + (tile.width - w) / 2, y: tile.y + (tile.height - h) / 2, width: w, height: h };
}

/** @param {number} share of the strip's width @param {number} count frames */
export function frameAtShare(share, count) {
  return Math.max(0, Math.min(count - 1, Math.floor(share * count)));
}

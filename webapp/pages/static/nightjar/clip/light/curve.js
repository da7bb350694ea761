// @ts-check
/** Tone as 256 levels, which shader, SVG filter and tests share; pure. */

import { within } from "nightjar/clip/light/settings.js";

/** @typedef {import("nightjar/clip/light/settings.js").Settings} Settings */

/** The levels that change nothing. */
export const IDENTITY = Uint8Array.from({ length: 256 }, (_, level) => level);

/** Steps of a table for one level: averages of frames lie between whole levels. */
export const FINE = 4;

/** A table that shaders read without filtering, which costs them a quarter. @param {Uint8Array} levels */
export function fineLevels(levels) {
  return Uint8Array.from({ length: 255 * FINE + 1 }, (_, step) => {
    const [level, share] = [Math.floor(step / FINE), (step % FINE) / FINE];
    return Math.round(levels[level] + share * (levels[Math.min(255, level + 1)] - levels[level]));
  });
}

/**
 * Brightness first, then gamma, then contrast about the middle.
 * @param {Pick<Settings, "gain" | "gamma" | "contrast">} settings
 * @returns {Uint8Array} what each recorded level is shown as
 */
export function levelsOf({ gain, gamma, contrast }) {
  return Uint8Array.from(IDENTITY, (level) => {
    const lifted = Math.min(1, gain * level / 255) ** gamma;
    return Math.round(255 * within(contrast * (lifted - 0.5) + 0.5, { min: 0, max: 1 }));
  });
}

/**
 * What the dark hides is mostly coloured noise: the more is lifted, the less colour is shown.
 * @param {Pick<Settings, "gain" | "gamma">} settings
 */
export function saturationOf({ gain, gamma }) {
  return within(1.15 * gamma / gain ** 0.25, { min: 0.35, max: 1 });
}

/**
 * Lifts the middle of the picture to where eyes work well; a lamp or a window may burn out.
 * @param {ArrayLike<number>} rgba pixels that stand for the frame
 * @returns {{gain: number, gamma: number, contrast: number}}
 */
export function toneFor(rgba) {
  const counts = new Uint32Array(256);
  for (let i = 0; i + 3 < rgba.length; i += 4) counts[lumaOf(rgba[i], rgba[i + 1], rgba[i + 2])]++;
  const total = rgba.length >> 2;
  if (!total) return { gain: 1, gamma: 1, contrast: 1 };
  const quantile = (/** @type {number} */ share) => quantileOf(counts, total, share) / 255;
  // An even dark picture must not turn white: its middle is as bright as its brightest.
  const most = Math.min(0.9 / Math.max(quantile(0.97), 0.02), 0.45 / Math.max(quantile(0.5), 0.01));
  const gain = within(most, { min: 1, max: 8 });
  const middle = within(quantile(0.5) * gain, { min: 0.01, max: 0.9 });
  const gamma = within(Math.log(0.26) / Math.log(middle), { min: 0.38, max: 1 });
  return { gain, gamma, contrast: 1 };
}

/** Whole luma 0..255 (Rec. 709). @param {number} r @param {number} g @param {number} b */
export function lumaOf(r, g, b) {
  return Math.round(0.2126 * r + 0.7152 * g + 0.0722 * b);
}

/** @param {ArrayLike<number>} counts @param {number} total @param {number} share 0 to 1 */
export function quantileOf(counts, total, share) {
  const wanted = Math.floor((total - 1) * share) + 1;
  let seen = 0;
  for (let level = 0; level < counts.length; level++) {
    seen += counts[level];
    if (seen >= wanted) return level;
  }
  return counts.length - 1;
}

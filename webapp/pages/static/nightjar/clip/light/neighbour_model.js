// @ts-check
/** Which frames are averaged with which, and what of a difference is noise; pure. */

/** Neighbours that one frame is averaged with at most. */
export const MOST = 4;

/** Farther frames are no neighbours. */
export const FARTHEST = 4;

const MEDIAN_TO_SPREAD = 1.4826;
const LEAST_SPREAD = 0.05;

/**
 * Of the frames that are at hand, those nearest to a frame, the nearest first.
 * @param {number[]} held @param {number} frame
 */
export function nearest(held, frame) {
  const distance = (/** @type {number} */ other) => Math.abs(other - frame);
  return held.filter((other) => other !== frame && distance(other) <= FARTHEST)
    .sort((a, b) => distance(a) - distance(b) || a - b).slice(0, MOST);
}

/**
 * The frames that a still wants beside it: half before, half after; at the clip's ends fewer.
 * @param {number} frame @param {number} count frames of the clip
 */
export function wantedAround(frame, count) {
  return [-1, 1, -2, 2].map((by) => frame + by).filter((other) => other >= 0 && other < count);
}

/** Which of the held frames makes room for a new one. @param {number[]} held @param {number} frame */
export function farthest(held, frame) {
  return held.reduce((far, other) => Math.abs(other - frame) > Math.abs(far - frame) ? other : far, held[0]);
}

/**
 * Spread of the noise in the difference of two calmed frames: most of the picture stands still.
 * @param {Uint8Array} packed RGBA, the absolute difference in 1/256 levels as two bytes in R and G
 * @returns {number} levels of 255
 */
export function spreadOf(packed) {
  const changes = new Uint16Array(packed.length >> 2);
  for (let i = 0; i < changes.length; i++) changes[i] = packed[4 * i] * 256 + packed[4 * i + 1];
  changes.sort();
  const median = changes.length ? changes[changes.length >> 1] / 256 : 0;
  return Math.max(MEDIAN_TO_SPREAD * median, LEAST_SPREAD);
}

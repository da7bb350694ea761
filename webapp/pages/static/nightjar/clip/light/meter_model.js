// @ts-check
/** The light meter: how much light a picture holds and what is lost at both ends; pure. */

import { t } from "nightjar/core/i18n.js";
import { lumaOf, quantileOf } from "nightjar/clip/light/curve.js";

/** At and below, and at and above these levels a pixel holds no shape any more. */
export const BLACK = 1;
export const WHITE = 254;

/**
 * @typedef {object} Light
 * @property {Uint32Array} counts pixels of each luma 0..255
 * @property {number} mean 0 to 1
 * @property {number} middle the median, 0 to 1
 * @property {number} black share of pixels with nothing in any channel
 * @property {number} white share of pixels with a channel that is full
 */

/** @param {ArrayLike<number>} rgba @returns {Light} */
export function measure(rgba) {
  const counts = new Uint32Array(256);
  let [sum, black, white] = [0, 0, 0];
  for (let i = 0; i + 3 < rgba.length; i += 4) {
    const [r, g, b] = [rgba[i], rgba[i + 1], rgba[i + 2]];
    const luma = lumaOf(r, g, b);
    counts[luma]++;
    sum += luma;
    const most = Math.max(r, g, b);
    if (most <= BLACK) black++;
    else if (most >= WHITE) white++;
  }
  const total = rgba.length >> 2;
  const share = (/** @type {number} */ count) => total ? count / total : 0;
  const middle = total ? quantileOf(counts, total, 0.5) / 255 : 0;
  return { counts, mean: share(sum) / 255, middle, black: share(black), white: share(white) };
}

/**
 * Heights of a histogram's bars, 0 to 1. The root is drawn: in the dark nearly all pixels are in
 * a few bars, which would leave the others too low to be seen.
 * @param {Light} light @param {number} bars
 */
export function barsOf({ counts }, bars) {
  const heights = new Array(bars).fill(0);
  counts.forEach((count, luma) => heights[Math.floor(luma * bars / 256)] += count);
  const most = Math.max(...heights, 1);
  return heights.map((count) => Math.sqrt(count / most));
}

/** The numbers, for people who do not see the bars. @param {Light} light */
export function lightInWords({ mean, middle, black, white }) {
  return t("Mean {mean} %, median {middle} %; {black} % black, {white} % burnt out", {
    mean: percentOf(mean), middle: percentOf(middle), black: percentOf(black), white: percentOf(white),
  });
}

/** As many digits as say something. @param {number} share 0 to 1 */
export function percentOf(share) {
  const percent = 100 * share;
  if (percent > 0 && percent < 0.1) return "< 0.1";
  return percent.toFixed(percent < 10 && percent > 0 ? 1 : 0);
}

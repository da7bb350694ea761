// @ts-check
/** What is to be done to a frame on its way to the eyes, from settings or from a run; pure. */

import { IDENTITY, levelsOf, saturationOf } from "nightjar/clip/light/curve.js";
import { isPlainTone } from "nightjar/clip/light/settings.js";

/** @typedef {import("nightjar/clip/light/settings.js").Settings} Settings */
/** @typedef {import("nightjar/clip/light/settings.js").PaletteName} PaletteName */

/**
 * @typedef {object} Look
 * @property {Uint8Array} levels what each recorded level becomes, in each channel
 * @property {number} saturation
 * @property {number} local
 * @property {number} denoise
 * @property {PaletteName} palette
 * @property {number | null} split the picture is as recorded left of this share of its width
 */

/** @type {Look} */
export const PLAIN = { levels: IDENTITY, saturation: 1, local: 0, denoise: 0, palette: "none", split: null };

/** @param {Settings} settings @param {number | null} split @returns {Look} */
export function lookOf(settings, split) {
  const saturation = isPlainTone(settings) ? 1 : saturationOf(settings);
  const { local, denoise, palette } = settings;
  return { levels: levelsOf(settings), saturation, local, denoise, palette, split };
}

/** Levels alone, in each channel: how the pipeline lights a clip. @param {Uint8Array} levels @param {number | null} split @returns {Look} */
export function lookOfLevels(levels, split) {
  return { ...PLAIN, levels, split };
}

/** Whether the picture stays as it is recorded. @param {Look} look */
export function isPlain({ levels, saturation, local, denoise, palette }) {
  return saturation === 1 && !local && !denoise && palette === "none" && levels.every((value, level) => value === level);
}

/**
 * Which variant of the shader draws a look: what is off costs nothing.
 * @param {Look} look @param {number} neighbours frames at hand
 */
export function variantOf({ levels, saturation, local, denoise, palette, split }, neighbours) {
  return {
    NEIGHBOURS: denoise > 0 ? neighbours : 0,
    TONE: levels.every((value, level) => value === level) ? 0 : 1,
    LOCAL: local > 0 ? 1 : 0,
    SATURATION: saturation === 1 ? 0 : 1,
    PALETTE: palette === "none" ? 0 : 1,
    SPLIT: split === null ? 0 : 1,
  };
}

// @ts-check
/** What a person can set to see in the dark, and the presets that one key goes through; pure. */

import { t } from "nightjar/core/i18n.js";

/**
 * @typedef {object} Settings
 * @property {number} gain times the recorded light
 * @property {number} gamma power; below 1 lifts the dark
 * @property {number} contrast about the middle
 * @property {number} local share of local contrast, 0 to 1
 * @property {number} denoise share of neighbouring frames, 0 to 1
 * @property {PaletteName} palette
 */
/** @typedef {"none" | "heat" | "zones"} PaletteName */
/** @typedef {{id: string, name: string, auto: boolean, settings: Settings}} Preset auto: the tone is found from the picture */
/** @typedef {{id: string, name: string, settings: Settings}} OwnPreset */
/** @typedef {{preset: string, settings: Settings, own: OwnPreset[], split: boolean, at: number}} Kept what is remembered for a person */

/** @type {Settings} */
export const NEUTRAL = { gain: 1, gamma: 1, contrast: 1, local: 0, denoise: 0, palette: "none" };

export const LIMITS = {
  gain: { min: 0.5, max: 10, step: 0.05 },
  gamma: { min: 0.3, max: 1.6, step: 0.05 },
  contrast: { min: 0.5, max: 2, step: 0.05 },
  local: { min: 0, max: 1, step: 0.05 },
  denoise: { min: 0, max: 1, step: 0.05 },
};

/** @type {PaletteName[]} */
export const PALETTE_NAMES = ["none", "heat", "zones"];

export const OWN = "own";
const MOST_OWN = 9;
const LONGEST_NAME = 24;

/** @type {Preset[]} */
export const PRESETS = [
  { id: "auto", name: t("Auto"), auto: true, settings: NEUTRAL },
  { id: "raw", name: t("Raw"), auto: false, settings: NEUTRAL },
  { id: "lifted", name: t("Lifted"), auto: false, settings: { ...NEUTRAL, gain: 1.4, gamma: 0.75 } },
  { id: "night", name: t("Night"), auto: false, settings: { ...NEUTRAL, gain: 2, gamma: 0.55, denoise: 0.8 } },
  { id: "shapes", name: t("Shapes"), auto: true, settings: { ...NEUTRAL, local: 0.6, denoise: 0.8 } },
  { id: "heat", name: t("False colour"), auto: true, settings: { ...NEUTRAL, denoise: 0.8, palette: "heat" } },
];

/** @type {Kept} */
export const USUAL = { preset: "auto", settings: NEUTRAL, own: [], split: false, at: 0.5 };

/**
 * All presets that the key goes through, the person's own last; settings that were moved by hand
 * and have no name are one of them.
 * @param {Kept} kept
 * @returns {Preset[]}
 */
export function presetsOf({ own, preset, settings }) {
  const named = own.map((one) => ({ ...one, auto: false }));
  const loose = preset === OWN ? [{ id: OWN, name: t("Own"), auto: false, settings }] : [];
  return [...PRESETS, ...named, ...loose];
}

/** @param {Kept} kept @param {number} by */
export function presetBeside(kept, by) {
  const all = presetsOf(kept);
  const at = all.findIndex(({ id }) => id === kept.preset);
  return all[(Math.max(at, 0) + by + all.length) % all.length];
}

/** The chosen one, or the first where it is gone. @param {Kept} kept */
export function presetOf(kept) {
  return presetsOf(kept).find(({ id }) => id === kept.preset) ?? PRESETS[0];
}

/** Keeps the settings under a name; one of the same name is replaced. @param {Kept} kept @param {string} name @returns {Kept} */
export function withOwn(kept, name) {
  const title = name.trim().slice(0, LONGEST_NAME);
  if (!title) return kept;
  const id = `own:${title.toLowerCase()}`;
  const others = kept.own.filter((one) => one.id !== id);
  const own = [...others, { id, name: title, settings: kept.settings }].slice(-MOST_OWN);
  return { ...kept, own, preset: id };
}

/** @param {Kept} kept @param {string} id @returns {Kept} */
export function withoutOwn(kept, id) {
  const own = kept.own.filter((one) => one.id !== id);
  return { ...kept, own, preset: kept.preset === id ? OWN : kept.preset };
}

/** @param {Settings} settings */
export function isNeutral(settings) {
  return isPlainTone(settings) && settings.local === 0 && settings.denoise === 0 && settings.palette === "none";
}

/** @param {Settings} settings */
export function isPlainTone({ gain, gamma, contrast }) {
  return gain === 1 && gamma === 1 && contrast === 1;
}

/**
 * Numbers within their limits, whatever was stored.
 * @param {unknown} given
 * @returns {Settings}
 */
export function settingsFrom(given) {
  const source = /** @type {Record<string, unknown>} */ (given && typeof given === "object" ? given : {});
  const palette = /** @type {PaletteName} */ (source.palette);
  const number = (/** @type {keyof typeof LIMITS} */ name) => {
    const value = Number(source[name] ?? NEUTRAL[name]);
    return within(Number.isFinite(value) ? value : NEUTRAL[name], LIMITS[name]);
  };
  return {
    gain: number("gain"),
    gamma: number("gamma"),
    contrast: number("contrast"),
    local: number("local"),
    denoise: number("denoise"),
    palette: PALETTE_NAMES.includes(palette) ? palette : "none",
  };
}

/** What was kept for a person, mended where it is broken. @param {unknown} given @returns {Kept} */
export function keptFrom(given) {
  const source = /** @type {Record<string, any>} */ (given && typeof given === "object" ? given : {});
  const own = Array.isArray(source.own) ? source.own : [];
  const kept = {
    preset: typeof source.preset === "string" ? source.preset : USUAL.preset,
    settings: settingsFrom(source.settings),
    own: own.filter((one) => typeof one?.id === "string" && typeof one.name === "string").slice(0, MOST_OWN)
      .map(({ id, name, settings }) => ({ id, name: name.slice(0, LONGEST_NAME), settings: settingsFrom(settings) })),
    split: source.split === true,
    at: within(Number(source.at ?? USUAL.at) || 0, { min: 0, max: 1 }),
  };
  return { ...kept, preset: presetOf(kept).id };
}

/** @param {number} value @param {{min: number, max: number}} limits */
export const within = (value, { min, max }) => Math.max(min, Math.min(max, value));

// @ts-check
/** What the pose network was given of a clip, from what the run says of it; pure. */

import { t } from "nightjar/core/i18n.js";
import { IDENTITY } from "nightjar/clip/light/curve.js";

/**
 * @typedef {object} Decision how the run treated the frames for a network
 * @property {string} treatment steps joined by "+"
 * @property {number[]} [levels] what each level became
 * @property {boolean} [averaged]
 */
/**
 * @typedef {object} ModelView
 * @property {Uint8Array | null} levels null: they have to be worked out from the picture
 * @property {"gamma" | "curve" | null} estimate how
 * @property {boolean} isExact nothing that the network was given differs, but for the review copy's compression
 * @property {string} text what is shown, in words
 */

/**
 * @param {Decision | null | undefined} decision
 * @returns {ModelView | null} null: nobody knows
 */
export function modelView(decision) {
  if (!decision?.treatment) return null;
  const steps = new Set(decision.treatment.split("+"));
  const isAveraged = decision.averaged === true || ["averaged", "denoised", "average"].some((name) => steps.has(name));
  const levels = levelsFrom(decision.levels);
  const tone = ["raw", "gamma", "curve", "clahe"].find((name) => steps.has(name)) ?? (isAveraged && steps.size === 1 ? "raw" : "other");
  const view = levels
    ? { levels, estimate: null, isExact: true, text: t("The pose network saw frames brightened by this curve.") }
    : toneView(tone, decision.treatment);
  if (!isAveraged) return view;
  return {
    ...view,
    isExact: false,
    text: t("{tone} Before that, what stands still was averaged over neighbouring frames: this is not shown here.", { tone: view.text }),
  };
}

/**
 * What is on screen, and how near it is to what the network was given.
 * @param {ModelView} model
 * @param {"none" | "waiting" | "shown" | "outdated" | "failed"} exactness of the picture that a worker draws
 */
export function exactWords({ text, isExact }, exactness) {
  if (exactness === "shown") return t("Exactly what the pose network was given of this frame, drawn from the original.");
  const near = isExact ? t("{text} Shown on the review copy, which is compressed.", { text }) : text;
  if (exactness === "waiting") return t("{text} The exact picture is being drawn …", { text: near });
  if (exactness === "outdated") return t("{text} Networks or settings have changed since this run: the exact picture cannot be drawn any more.", { text: near });
  if (exactness === "failed") return t("{text} The exact picture could not be had.", { text: near });
  return t("{text} Pause for the exact picture.", { text: near });
}

/** @param {string} tone @param {string} name @returns {ModelView} */
function toneView(tone, name) {
  if (tone === "raw") return { levels: IDENTITY, estimate: null, isExact: true, text: t("The pose network saw the frames as they are.") };
  if (tone === "gamma") {
    return { levels: null, estimate: "gamma", isExact: false, text: t("The pose network saw each frame brightened by a gamma of its own; this one is worked out from the review copy.") };
  }
  if (tone === "curve") {
    return { levels: null, estimate: "curve", isExact: false, text: t("The pose network saw frames brightened by the learnt curve. The run did not keep the curve: this one is worked out from the review copy and only near.") };
  }
  return { levels: IDENTITY, estimate: null, isExact: false, text: t("The pose network saw frames treated by “{name}”, which cannot be shown here. You see the frames as they are.", { name }) };
}

/** @param {unknown} given */
function levelsFrom(given) {
  const isWhole = Array.isArray(given) && given.length === 256 && given.every((value) => Number.isInteger(value) && value >= 0 && value <= 255);
  return isWhole ? Uint8Array.from(given) : null;
}

const STEEPEST_GAMMA = 6;
const TARGET_LUMA = 0.45;

/**
 * The gamma that lifts a frame's mean to where the pipeline wants it, see `inference/enhance/gamma.py`.
 * @param {ArrayLike<number>} rgba
 */
export function gammaLevels(rgba) {
  const total = rgba.length >> 2;
  let sum = 0;
  for (let i = 0; i + 3 < rgba.length; i += 4) sum += 0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2];
  const mean = Math.min(0.999, Math.max(1e-3, total ? sum / total / 255 : 1));
  const gamma = Math.min(STEEPEST_GAMMA, Math.max(1, Math.log(mean) / Math.log(TARGET_LUMA)));
  return Uint8Array.from(IDENTITY, (level) => Math.round(255 * (level / 255) ** (1 / gamma)));
}

/** Luma of well lit pictures at 17 quantiles, and the steepest rise, as in `inference/tone_curve.py`. */
const WELL_LIT = [
  0.0067, 0.1327, 0.2061, 0.266, 0.3196, 0.3688, 0.4133, 0.4538, 0.4917, 0.5295, 0.5682, 0.6071, 0.6462, 0.6889, 0.7392, 0.8066, 0.9757,
];
const STEEPEST = 12;

/** The learnt curve for a picture. @param {ArrayLike<number>} rgba */
export function curveLevels(rgba) {
  const counts = new Uint32Array(256);
  for (let i = 0; i + 3 < rgba.length; i += 4) {
    counts[Math.round(0.299 * rgba[i] + 0.587 * rgba[i + 1] + 0.114 * rgba[i + 2])]++;
  }
  const total = Math.max(1, rgba.length >> 2);
  let [below, before, height] = [0, 0, 0];
  return Uint8Array.from(IDENTITY, (level) => {
    below += counts[level];
    const wanted = between(WELL_LIT, below / total);
    height += Math.min(STEEPEST / 255, Math.max(0, wanted - before));
    before = wanted;
    return Math.round(255 * Math.min(1, Math.max(height, level / 255)));
  });
}

/** @param {number[]} values evenly spread over 0 to 1 @param {number} at */
function between(values, at) {
  const place = at * (values.length - 1);
  const i = Math.min(values.length - 2, Math.floor(place));
  return values[i] + (place - i) * (values[i + 1] - values[i]);
}

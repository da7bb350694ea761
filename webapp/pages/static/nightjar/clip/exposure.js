// @ts-check
/** How a dark clip is made visible on screen; the stored pixels are never touched. Pure. */

/** @typedef {{gain: number, gamma: number, contrast: number}} Exposure */
/** @typedef {{id: string, name: string, exposure: Exposure | null}} Preset null: from the picture */

/** @type {Exposure} */
export const NEUTRAL = { gain: 1, gamma: 1, contrast: 1 };

/** @type {Preset[]} */
export const PRESETS = [
  { id: "auto", name: "Auto", exposure: null },
  { id: "original", name: "As recorded", exposure: NEUTRAL },
  { id: "dusk", name: "Dusk", exposure: { gain: 1.4, gamma: 0.75, contrast: 1 } },
  { id: "night", name: "Night", exposure: { gain: 2, gamma: 0.55, contrast: 1 } },
  { id: "deep", name: "Deep night", exposure: { gain: 4, gamma: 0.45, contrast: 1.1 } },
];

export const LIMITS = {
  gain: { min: 0.5, max: 10 },
  gamma: { min: 0.3, max: 1.6 },
  contrast: { min: 0.5, max: 2 },
};

/** @param {string} id */
export function nextPreset(id) {
  const at = PRESETS.findIndex((preset) => preset.id === id);
  return PRESETS[(at + 1) % PRESETS.length];
}

/** @param {number} value @param {{min: number, max: number}} limits */
const within = (value, { min, max }) => Math.max(min, Math.min(max, value));

/**
 * Lifts the middle of the picture to where eyes work well; a lamp or a window may burn out.
 * @param {Uint8ClampedArray | number[]} rgba pixels of a small picture of the frame
 * @returns {Exposure}
 */
export function exposureFor(rgba) {
  /** @type {number[]} */
  const lumas = [];
  for (let i = 0; i < rgba.length; i += 4) {
    lumas.push((0.2126 * rgba[i] + 0.7152 * rgba[i + 1] + 0.0722 * rgba[i + 2]) / 255);
  }
  if (!lumas.length) return NEUTRAL;
  lumas.sort((a, b) => a - b);
  const quantile = (/** @type {number} */ share) => lumas[Math.floor((lumas.length - 1) * share)];
  const gain = within(0.9 / Math.max(quantile(0.97), 0.02), { min: 1, max: 8 });
  const middle = within(quantile(0.5) * gain, { min: 0.01, max: 0.9 });
  const gamma = within(Math.log(0.26) / Math.log(middle), { min: 0.38, max: 1 });
  return { gain, gamma, contrast: 1 };
}

/**
 * As an SVG filter has it: `amplitude × value ^ exponent`, then `slope × value + intercept`.
 * @param {Exposure} exposure
 */
export function transferOf({ gain, gamma, contrast }) {
  return {
    amplitude: gain ** gamma,
    exponent: gamma,
    slope: contrast,
    intercept: 0.5 - 0.5 * contrast,
    // What the dark hides is mostly coloured noise: the more is lifted, the less colour is shown.
    saturation: within(1.15 * gamma / gain ** 0.25, { min: 0.35, max: 1 }),
  };
}

/** @param {Exposure} exposure */
export function isNeutral({ gain, gamma, contrast }) {
  return gain === 1 && gamma === 1 && contrast === 1;
}

// @ts-check
/** How this person likes to see clips, kept in this browser. */

const KEY = "nightjar.clip";

/**
 * @typedef {object} Preferences
 * @property {boolean} loop
 * @property {boolean} lock whether playing keeps to what is selected
 * @property {number} rate
 * @property {boolean} showSkeleton
 * @property {boolean} showBoxes
 */

/** @type {Preferences} */
const USUAL = { loop: true, lock: false, rate: 1, showSkeleton: true, showBoxes: true };

/** @returns {Preferences} */
export function loadPreferences(storage = localStorage) {
  try {
    return { ...USUAL, ...JSON.parse(storage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...USUAL };
  }
}

/** @param {Preferences} preferences */
export function savePreferences({ loop, lock, rate, showSkeleton, showBoxes }, storage = localStorage) {
  storage.setItem(KEY, JSON.stringify({ loop, lock, rate, showSkeleton, showBoxes }));
}

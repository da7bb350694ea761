// @ts-check
/** Keys and colours for labels; pure. */

/** @typedef {{id: number, hotkey: string, colour: string, archived: boolean}} Keyed */

const KEYS = [..."1234567890-"];
const COLOURS = ["#4cc9f0", "#ffd166", "#ef6f6c", "#7b9cff", "#06d6a0", "#ff9f1c", "#c77dff", "#f4f1de", "#f48fb1", "#9ef01a", "#d4a373", "#8ecae6", "#e5989b", "#b5e48c"];

/** Keys that no other label in use has. @param {Keyed[]} labels @param {Keyed | null} own */
export function freeKeys(labels, own) {
  const taken = labels.filter(({ id, archived }) => !archived && id !== own?.id).map(({ hotkey }) => hotkey);
  return KEYS.filter((key) => !taken.includes(key));
}

/** @param {Keyed[]} labels */
export function nextColour(labels) {
  const taken = new Set(labels.map(({ colour }) => colour));
  return COLOURS.find((colour) => !taken.has(colour)) ?? COLOURS[labels.length % COLOURS.length];
}

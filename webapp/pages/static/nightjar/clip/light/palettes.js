// @ts-check
/** False colours for luma: small differences in the dark become differences of colour; pure. */

/** @typedef {[number, [number, number, number]]} Stop luma 0..255, colour */

/** From cold to hot, ever lighter, so that order is seen without colour sight, too. @type {Stop[]} */
const HEAT = [
  [0, [6, 6, 20]],
  [36, [38, 20, 92]],
  [84, [112, 30, 122]],
  [128, [184, 52, 92]],
  [172, [232, 104, 50]],
  [216, [248, 180, 58]],
  [255, [252, 250, 200]],
];

/** Zones of exposure: lost, deep, shadow, middle, bright, nearly burnt, burnt. @type {[number, [number, number, number]][]} */
const ZONES = [
  [4, [88, 28, 135]],
  [20, [37, 78, 190]],
  [56, [40, 140, 150]],
  [120, [128, 128, 128]],
  [150, [80, 165, 90]],
  [225, [190, 190, 190]],
  [251, [240, 205, 70]],
  [255, [220, 50, 40]],
];

/**
 * RGBA of each of 256 levels of luma.
 * @param {"heat" | "zones"} name
 * @returns {Uint8Array}
 */
export function paletteOf(name) {
  const colour = name === "heat" ? heat : zone;
  const rgba = new Uint8Array(1024);
  for (let luma = 0; luma < 256; luma++) rgba.set([...colour(luma), 255], 4 * luma);
  return rgba;
}

/** @param {number} luma */
function heat(luma) {
  const at = Math.max(1, HEAT.findIndex(([end]) => luma <= end));
  const [[from, a], [to, b]] = [HEAT[at - 1], HEAT[at]];
  const share = (luma - from) / (to - from);
  return a.map((value, i) => Math.round(value + share * (b[i] - value)));
}

/** @param {number} luma */
function zone(luma) {
  return (ZONES.find(([end]) => luma <= end) ?? ZONES[ZONES.length - 1])[1];
}

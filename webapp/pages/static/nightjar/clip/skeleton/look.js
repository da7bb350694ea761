// @ts-check
/** How a person likes skeletons to be shown, kept for the next time; pure but for the keeping. */

/** @typedef {import("nightjar/clip/overlay.js").Colouring} Colouring */
/** @typedef {{colouring: Colouring, heat: boolean, trail: number, hidden: string[]}} Look hidden: names of joints */

/** @type {Colouring[]} */
export const COLOURINGS = ["side", "person", "score"];
/** Frames of a trail. */
export const TRAIL = 24;
/** Groups of joints that are shown and hidden together. */
export const GROUPS = /** @type {Record<"head" | "arms" | "legs", RegExp>} */ ({
  head: /nose|eye|ear|head/,
  arms: /shoulder|elbow|wrist/,
  legs: /hip|knee|ankle/,
});

/** @type {Look} */
const USUAL = { colouring: "side", heat: false, trail: 0, hidden: [] };

/** @param {any} kept @returns {Look} */
export function lookFrom(kept) {
  const look = { ...USUAL, ...kept };
  return {
    colouring: COLOURINGS.includes(look.colouring) ? look.colouring : USUAL.colouring,
    heat: Boolean(look.heat),
    trail: Number(look.trail) > 0 ? TRAIL : 0,
    hidden: Array.isArray(look.hidden) ? look.hidden.map(String) : [],
  };
}

/** @param {Colouring} colouring @returns {Colouring} */
export const nextColouring = (colouring) => COLOURINGS[(COLOURINGS.indexOf(colouring) + 1) % COLOURINGS.length];

/** @param {readonly string[]} hidden @param {readonly string[]} joints @param {keyof typeof GROUPS} group */
export function withGroup(hidden, joints, group) {
  const mine = joints.filter((name) => GROUPS[group].test(name));
  const isHidden = mine.every((name) => hidden.includes(name));
  return isHidden ? hidden.filter((name) => !mine.includes(name)) : [...new Set([...hidden, ...mine])];
}

/** @param {readonly string[]} hidden @param {string} joint */
export const withJoint = (hidden, joint) => (hidden.includes(joint) ? hidden.filter((name) => name !== joint) : [...hidden, joint]);

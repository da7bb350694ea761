// @ts-check
/** Draws what is dragged to frames, to other edges and to the playhead; pure. */

/** @typedef {{frame: number, to: "frame" | "edge" | "playhead"}} Snapped */

/**
 * Edges are between frames: frame `n` as an edge is where frame `n` begins.
 * @param {number} place where the pointer is, in frames
 * @param {object} near
 * @param {number[]} near.edges other edges, in any order
 * @param {number} near.playhead the frame on screen; an edge may go before or behind it
 * @param {number} near.reach how far things attract, in frames
 * @param {boolean} [isOn] whether more than frames attract
 * @returns {Snapped}
 */
export function snap(place, { edges, playhead, reach }, isOn = true) {
  /** @type {Snapped} */
  let best = { frame: Math.round(place), to: "frame" };
  if (!isOn) return best;
  let nearest = reach;
  const consider = (/** @type {number} */ frame, /** @type {Snapped["to"]} */ to) => {
    const off = Math.abs(frame - place);
    if (off > nearest || (off === nearest && best.to !== "frame")) return;
    [nearest, best] = [off, { frame, to }];
  };
  if (playhead >= 0) [playhead, playhead + 1].forEach((frame) => consider(frame, "playhead"));
  edges.forEach((frame) => consider(frame, "edge"));
  return best;
}

// @ts-check
/** Where keys jump to: edges, gaps and places of which the classifier is not sure; pure. */

/** @typedef {import("nightjar/clip/timeline/bars_model.js").Lane} Lane */
/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {{person: number | null, start: number, end: number}} Place */
/** @typedef {Place & {frame: number, share: number}} Doubt */
/** @typedef {import("nightjar/clip/timeline/curves_model.js").Curves} Curves */

/** Surer than this of one label nothing is doubtful. */
export const SURE = 0.6;
/** Gaps shorter than this are how things are cut, nothing that was left out. */
export const LEAST_GAP = 5;

/** Edges of a lane, or of all of them, rising, none twice. @param {Lane[]} lanes @param {number | null | undefined} person undefined: everybody's */
export function edgesOf(lanes, person) {
  const chosen = person === undefined ? lanes : lanes.filter((lane) => lane.person === person);
  const edges = chosen.flatMap(({ predicted, drawn }) => [...predicted, ...drawn].flatMap(({ start, end }) => [start, end]));
  return [...new Set(edges)].sort((a, b) => a - b);
}

/**
 * The frame to show for the edge before or after: the first of what begins there, or the last
 * frame of the clip.
 * @param {number[]} edges rising @param {number} frame @param {number} by -1 or 1 @param {number} frames
 * @returns {number | null}
 */
export function edgeBeside(edges, frame, by, frames) {
  const shown = [...new Set(edges.map((edge) => Math.min(edge, frames - 1)))];
  const found = by > 0 ? shown.find((edge) => edge > frame) : shown.findLast((edge) => edge < frame);
  return found ?? null;
}

/**
 * Where a person is there and nothing says what they do.
 * @param {Lane} lane @param {number} [least] frames
 * @returns {Place[]}
 */
export function gapsOf({ person, presence, predicted, drawn }, least = LEAST_GAP) {
  if (!presence) return [];
  const found = [];
  let at = presence[0];
  for (const { start, end } of [...predicted, ...drawn].sort((a, b) => a.start - b.start)) {
    if (start - at >= least) found.push({ person, start: at, end: Math.min(start, presence[1]) });
    at = Math.max(at, end);
  }
  if (presence[1] - at >= least) found.push({ person, start: at, end: presence[1] });
  return found.filter(({ start, end }) => end - start >= least);
}

/**
 * Stretches of which the classifier is unsure and of which no person has said anything, each with
 * the frame where it is least sure; by that frame.
 * @param {Lane[]} lanes @param {Curves} curves
 * @returns {Doubt[]}
 */
export function doubtsOf(lanes, curves) {
  return lanes.flatMap((lane) => {
    const isSaid = (/** @type {number} */ frame) =>
      [...lane.drawn, ...lane.predicted.filter(({ judged }) => judged)].some(({ start, end }) => start <= frame && frame < end);
    return stretches(curves.ofPerson(lane.person).filter(({ middle }) => !isSaid(middle)), lane.person);
  }).sort((a, b) => a.frame - b.frame);
}

/** @param {import("nightjar/clip/timeline/curves_model.js").Window[]} windows by middle @param {number | null} person @returns {Doubt[]} */
function stretches(windows, person) {
  /** @type {Doubt[]} */
  const found = [];
  let last = -Infinity;
  for (const { middle, start, end, top } of windows) {
    if (top >= SURE) continue;
    const open = found.at(-1);
    if (!open || start > last) found.push({ person, start, end, frame: middle, share: top });
    else {
      open.end = Math.max(open.end, end);
      if (top < open.share) [open.share, open.frame] = [top, middle];
    }
    last = end;
  }
  return found;
}

/**
 * @template {{start: number, frame?: number}} P
 * @param {P[]} places @param {number} frame @param {number} by
 * @returns {P | null}
 */
export function placeBeside(places, frame, by) {
  const at = (/** @type {P} */ place) => place.frame ?? place.start;
  const sorted = [...places].sort((a, b) => at(a) - at(b));
  return (by > 0 ? sorted.find((place) => at(place) > frame) : sorted.findLast((place) => at(place) < frame)) ?? null;
}

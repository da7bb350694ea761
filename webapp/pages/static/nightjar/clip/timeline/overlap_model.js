// @ts-check
/** What the label set's rule on overlaps lets people draw; pure. */

/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {"allow" | "per_person" | "forbid"} Rule */

/**
 * Drawn segments with which one of a person may not share a frame.
 * @param {Bar[]} drawn @param {Rule} rule @param {number | null} person
 * @param {string} [except] key
 */
export function rivals(drawn, rule, person, except = "") {
  if (rule === "allow") return [];
  return drawn.filter((bar) => bar.key !== except && (rule === "forbid" || bar.person === person));
}

/** @param {{start: number, end: number}} a @param {{start: number, end: number}} b */
export const overlaps = (a, b) => a.start < b.end && b.start < a.end;

/**
 * How far an edge may go: up to the next rival, and never past the other edge. Rivals that it
 * shares frames with already (the rule was another then) hold nothing up.
 * @param {Bar} bar @param {"start" | "end"} edge @param {Bar[]} others rivals @param {number} frames
 * @returns {[number, number]} least and most
 */
export function limits(bar, edge, others, frames) {
  if (edge === "start") {
    const before = others.filter(({ end }) => end <= bar.start).map(({ end }) => end);
    return [Math.max(0, ...before), bar.end - 1];
  }
  const after = others.filter(({ start }) => start >= bar.end).map(({ start }) => start);
  return [bar.start + 1, Math.min(frames, ...after)];
}

/**
 * The part of a range around one of its frames that is free of rivals.
 * @param {{start: number, end: number}} range @param {number} frame in the range @param {Bar[]} others
 * @returns {{start: number, end: number} | null} null: the frame is taken
 */
export function freePart({ start, end }, frame, others) {
  if (others.some((bar) => bar.start <= frame && frame < bar.end)) return null;
  const before = others.filter((bar) => bar.end <= frame).map((bar) => bar.end);
  const after = others.filter((bar) => bar.start > frame).map((bar) => bar.start);
  return { start: Math.max(start, ...before), end: Math.min(end, ...after) };
}

/** Pairs that share frames against the rule, for showing them. @param {Bar[]} drawn @param {Rule} rule @returns {Set<string>} keys */
export function clashes(drawn, rule) {
  const found = new Set();
  if (rule === "allow") return found;
  const sorted = [...drawn].sort((a, b) => a.start - b.start);
  sorted.forEach((bar, i) => {
    for (let n = i + 1; n < sorted.length && sorted[n].start < bar.end; n += 1) {
      if (rule === "forbid" || sorted[n].person === bar.person) found.add(bar.key).add(sorted[n].key);
    }
  });
  return found;
}

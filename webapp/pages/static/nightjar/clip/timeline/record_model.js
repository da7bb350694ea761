// @ts-check
/** Labels while the clip plays: a tapped key begins and ends, a held key lasts as long; pure. */

/** @typedef {{label: number, from: number, since: number}} Open */
/** @typedef {{label: number, start: number, end: number}} Stroke half-open */
/** @typedef {{open: Open | null, done: Stroke | null}} Step */

/** Keys let go sooner were tapped. */
export const TAP_MS = 350;

/** @param {Open} open @param {number} frame @returns {Stroke} */
export function strokeTo({ label, from }, frame) {
  return { label, start: Math.min(from, frame), end: Math.max(from, frame) + 1 };
}

/**
 * @param {Open | null} open @param {number} label @param {number} frame on screen @param {number} now milliseconds
 * @returns {Step}
 */
export function press(open, label, frame, now) {
  const begun = { label, from: frame, since: now };
  if (!open) return { open: begun, done: null };
  if (open.label === label) return { open: null, done: strokeTo(open, frame) };
  // Another label takes over: the frame on screen is the new one's first.
  return { open: begun, done: frame > open.from ? strokeTo(open, frame - 1) : null };
}

/**
 * @param {Open | null} open @param {number} label @param {number} frame @param {number} now
 * @returns {Step}
 */
export function release(open, label, frame, now) {
  if (!open || open.label !== label || now - open.since < TAP_MS) return { open, done: null };
  return { open: null, done: strokeTo(open, frame) };
}

/** @param {Open | null} open @param {number} frame @returns {Step} */
export function finish(open, frame) {
  return { open: null, done: open && strokeTo(open, frame) };
}

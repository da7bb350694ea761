// @ts-check
/** What Ctrl+Z takes back and Ctrl+Shift+Z gives again: one stack a clip, one step a group; pure. */

/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/model.js").Family} Family */
/**
 * @typedef {object} Change what one edit did to one thing
 * @property {string} edit id
 * @property {Family} family
 * @property {string} target
 * @property {Thing | null} before
 * @property {Thing | null} after
 */
/** @typedef {{group: string | null, changes: Change[]}} Stride what one press of Ctrl+Z takes back */
/** @typedef {{done: Stride[], undone: Stride[]}} Stack */

/** How many strides are kept. */
const MOST = 500;

/** @type {Stack} */
export const EMPTY = { done: [], undone: [] };

/**
 * The stack after something new was done, which leaves nothing to be done again.
 * @param {Stack} stack @param {Change} change @param {string | null} group
 * @returns {Stack}
 */
export function withChange({ done }, change, group) {
  const last = done.at(-1);
  const joins = group !== null && last?.group === group;
  const stride = joins && last ? { group, changes: [...last.changes, change] } : { group, changes: [change] };
  return { done: [...(joins ? done.slice(0, -1) : done), stride].slice(-MOST), undone: [] };
}

/**
 * The stack after its last stride was taken back by other edits.
 * @param {Stack} stack @param {Change[]} changes what taking it back did
 * @returns {Stack}
 */
export function afterUndo({ done, undone }, changes) {
  return { done: done.slice(0, -1), undone: [...undone, { group: null, changes }] };
}

/** @param {Stack} stack @param {Change[]} changes what doing it again did @returns {Stack} */
export function afterRedo({ done, undone }, changes) {
  return { done: [...done, { group: null, changes }], undone: undone.slice(0, -1) };
}

/**
 * The stack without edits that came to nothing: refused, or given up for somebody else's.
 * @param {Stack} stack @param {ReadonlySet<string>} ids
 * @returns {Stack}
 */
export function without(stack, ids) {
  const keep = (/** @type {Stride[]} */ strides) =>
    strides.map((stride) => ({ ...stride, changes: stride.changes.filter(({ edit }) => !ids.has(edit)) })).filter(({ changes }) => changes.length);
  return { done: keep(stack.done), undone: keep(stack.undone) };
}

/** @param {string | null | undefined} text @returns {Stack} */
export function readStack(text) {
  try {
    const stack = JSON.parse(text ?? "null");
    return Array.isArray(stack?.done) && Array.isArray(stack?.undone) ? stack : EMPTY;
  } catch {
    return EMPTY;
  }
}

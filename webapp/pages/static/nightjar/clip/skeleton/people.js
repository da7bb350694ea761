// @ts-check
/** Who is who at a frame once people were deleted, merged, split and swapped; pure. */

/**
 * @typedef {object} TrackChange
 * @property {string} target its own uuid
 * @property {string} kind add, delete, merge, split or swap, with or without "track." before it
 * @property {number} person
 * @property {number} frame from here on
 * @property {number | null} [other]
 * @property {number[] | null} [box_xyxy] of somebody who was added
 * @property {number | null} [estimate] id of what a worker found for the box
 * @property {number} [order]
 * @property {boolean} [deleted] taken back
 */

/** Tracks of a run have smaller numbers, people whom somebody added this one or more. */
export const FIRST_ADDED = 1_000_000;

/** @param {TrackChange} change */
export const kindOf = ({ kind }) => kind.replace(/^track\./, "");

/** Changes that count, in the order in which they were made. @param {readonly TrackChange[]} changes */
export function inOrder(changes) {
  return changes.filter(({ deleted }) => !deleted).toSorted((a, b) => (a.order ?? Infinity) - (b.order ?? Infinity) || 0);
}

/**
 * Sources that may be a person at a frame, the likeliest first: a track of the run or somebody
 * who was added. The latest change is undone first, down to what was there in the beginning.
 * @param {readonly TrackChange[]} changes in order
 * @param {number} person @param {number} frame
 * @returns {number[]}
 */
export function sourcesOf(changes, person, frame) {
  let who = [person];
  for (let i = changes.length - 1; i >= 0 && who.length; i--) {
    if (changes[i].frame <= frame) who = who.flatMap((one) => before(changes[i], one));
  }
  return who;
}

/** Who somebody was before a change. @param {TrackChange} change @param {number} who @returns {number[]} */
function before(change, who) {
  const { person, other } = change;
  switch (kindOf(change)) {
    case "delete":
      return who === person ? [] : [who];
    case "swap":
      return who === person ? [other ?? who] : who === other ? [person] : [who];
    case "merge":
      return who === person ? [other ?? who, person] : who === other ? [] : [who];
    case "split":
      return who === other ? [person] : who === person ? [] : [who];
    default:
      return [who];
  }
}

/** Everybody who may be seen: tracks of the run, those added, and those split off. @param {number} tracks @param {readonly TrackChange[]} changes */
export function everybody(tracks, changes) {
  const keys = Array.from({ length: tracks }, (_, n) => n);
  for (const change of changes) {
    const kind = kindOf(change);
    const fresh = kind === "add" ? change.person : kind === "split" ? change.other : null;
    if (typeof fresh === "number" && !keys.includes(fresh)) keys.push(fresh);
  }
  return keys;
}

/** A number for a new person, which nobody else can have chosen. @param {() => number} [random] */
export const newPerson = (random = Math.random) => FIRST_ADDED + Math.floor(random() * 1_000_000_000);

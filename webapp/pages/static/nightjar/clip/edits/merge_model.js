// @ts-check
/** Lays two people's edits of one thing side by side, and joins them; pure. */

import { factsOf, familyOf, isSame, isThere } from "nightjar/clip/edits/model.js";
import { FIELDS } from "nightjar/clip/edits/words_model.js";

/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {"mine" | "theirs"} Side */
/** @typedef {{name: string, title: string, was: any, mine: any, theirs: any, differs: boolean, pick: Side}} Row */

/**
 * The fields of a segment that two people edited; empty where one of them deleted it.
 * @param {Thing | null} was @param {Thing | null} mine @param {Thing | null} theirs
 * @returns {Row[]}
 */
export function rowsOf(was, mine, theirs) {
  if (!isThere(mine) || !isThere(theirs)) return [];
  return FIELDS.map(({ name, text }) => {
    const [a, b, c] = [was, mine, theirs].map((thing) => thing?.[name] ?? null);
    // What only they changed stays theirs; where both did, one's own is offered first.
    return { name, title: text(), was: a, mine: b, theirs: c, differs: !isSame(b, c), pick: isSame(a, b) ? "theirs" : "mine" };
  });
}

/**
 * A segment with each field from the side that was picked.
 * @param {Thing} theirs
 * @param {readonly Row[]} rows
 * @param {Readonly<Record<string, Side>>} picks by field
 * @returns {Thing}
 */
export function combined(theirs, rows, picks) {
  const facts = Object.fromEntries(rows.map(({ name, pick, mine, theirs: other }) => [name, (picks[name] ?? pick) === "mine" ? mine : other]));
  return { ...theirs, ...facts };
}

/** Whether the start lies before the end, without which there is no segment. @param {Thing} thing */
export const isPossible = ({ start_frame, end_frame }) => start_frame === undefined || start_frame < end_frame;

/**
 * Whether both sides say the same, so that there is nothing to decide.
 * @param {Entry} edit @param {Thing | null} mine @param {Thing | null} theirs
 */
export function isAgreed(edit, mine, theirs) {
  const family = familyOf(edit);
  return isSame(factsOf(family, mine), factsOf(family, theirs));
}

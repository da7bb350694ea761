// @ts-check
/** What a judgement is about, what was decided before, and which comments there are; pure. */

import { segmentById } from "nightjar/clip/model.js";

/** @typedef {import("nightjar/clip/state.js").State} State */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */
/**
 * @typedef {object} Decision
 * @property {string} target "clip", the uuid of a human segment, or the id of a predicted one
 * @property {"accept" | "reject" | "send_back"} decision
 * @property {string} [comment]
 * @property {number | null} [frame]
 * @property {number | null} [person]
 * @property {string} author
 * @property {string} edited_at
 * @property {boolean} [outdated] what it was about was changed since
 * @property {boolean} [deleted]
 * @property {boolean} [waiting]
 */
/**
 * @typedef {object} Comment
 * @property {string} target
 * @property {number | null} frame
 * @property {number | null} person
 * @property {string} text
 * @property {boolean} resolved
 * @property {string} [author] of the last change
 * @property {string} [edited_at]
 * @property {string} [written_by]
 * @property {string} [written_at]
 * @property {boolean} [deleted]
 */

/** @param {State} state @returns {any} the human segment that is selected */
export function annotatedSegment({ annotations, annotated }) {
  const found = annotated === null ? null : annotations?.segments.find((/** @type {any} */ one) => one.target === annotated);
  return found && !found.deleted ? found : null;
}

/** What a decision now would be about. @param {State} state */
export function subjectOf(state) {
  if (annotatedSegment(state)) return String(state.annotated);
  return segmentById(state.found, state.selected) ? String(state.selected) : "clip";
}

/** What was decided about a thing and still stands. @param {State} state @param {string} [target] @returns {Decision | null} */
export function decisionOn(state, target = subjectOf(state)) {
  const found = (state.annotations?.decisions ?? []).find((/** @type {Decision} */ one) => one.target === target);
  return found && !found.deleted && found.decision && !found.outdated ? found : null;
}

/**
 * What Enter does: `give` the predicted label, `confirm` what somebody else said, or only `go` on.
 * @param {State} state
 * @returns {{act: "give", label: number} | {act: "confirm", target: string} | {act: "go"}}
 */
export function acceptance(state) {
  const human = annotatedSegment(state);
  const me = state.boot.user.username;
  const isAccepted = decisionOn(state)?.decision === "accept";
  if (human) return human.author === me || human.waiting || isAccepted ? { act: "go" } : { act: "confirm", target: human.target };
  const current = segmentById(state.found, state.selected)?.current;
  if (current?.source === "prediction") return { act: "give", label: current.label.id };
  if (!current || current.author === me || isAccepted) return { act: "go" };
  return { act: "confirm", target: String(state.selected) };
}

/**
 * Comments in the order of their frames; those of the whole clip first.
 * @param {State} state
 * @returns {Comment[]}
 */
export function commentsOf({ annotations }) {
  const all = /** @type {Comment[]} */ (annotations?.comments ?? []).filter(({ deleted }) => !deleted);
  return [...all].sort((a, b) => (a.frame ?? -1) - (b.frame ?? -1) || String(a.written_at).localeCompare(String(b.written_at)));
}

/** Who a comment made now would be about: the chosen person, else the one of the segment. @param {State} state @returns {number | null} */
export function personOf(state) {
  if (state.person !== null) return state.person;
  const human = annotatedSegment(state);
  if (human) return human.person;
  return state.found?.tracks.find(({ segments }) => segments.some(({ id }) => id === state.selected))?.index ?? null;
}

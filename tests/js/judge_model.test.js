// @ts-check
import { strict as assert } from "node:assert";
import { acceptance, annotatedSegment, commentsOf, decisionOn, personOf, subjectOf } from "nightjar/clip/review/judge_model.js";

const WALK = { id: 1, name: "Walk", colour: "#123456" };
const UUID = "5b0d6a55-7a0c-4f0e-9d0b-2f3f5a7f4e10";

/** @param {any} current @param {object} [more] @returns {any} */
const state = (current, more = {}) => ({
  boot: { user: { id: 1, username: "ann" } },
  found: { tracks: [{ id: 1, index: 2, start_frame: 0, end_frame: 9, segments: [{ id: 7, start_frame: 0, end_frame: 9, version: 0, predicted: null, current }] }] },
  selected: 7, annotated: null, person: null, annotations: { segments: [], comments: [], decisions: [] },
  ...more,
});
const predicted = { label: WALK, source: "prediction", author: null };
const given = (/** @type {string} */ author) => ({ label: WALK, source: "correction", author });
const decided = (/** @type {string} */ decision, more = {}) => ({ segments: [], comments: [], decisions: [{ target: "7", decision, author: "bob", ...more }] });

Deno.test("Enter gives the predicted label", () => {
  assert.deepEqual(acceptance(state(predicted)), { act: "give", label: 1 });
});

Deno.test("Enter goes on after one's own label, and confirms what somebody else gave, once", () => {
  assert.deepEqual(acceptance(state(given("ann"))), { act: "go" });
  assert.deepEqual(acceptance(state(given("bob"))), { act: "confirm", target: "7" });
  assert.deepEqual(acceptance(state(given("bob"), { annotations: decided("accept") })), { act: "go" });
});

Deno.test("a human segment that is selected is what is judged", () => {
  const annotations = { segments: [{ target: UUID, person: 0, author: "bob" }], comments: [], decisions: [] };
  const seen = state(predicted, { annotated: UUID, annotations });
  assert.equal(annotatedSegment(seen)?.target, UUID);
  assert.equal(subjectOf(seen), UUID);
  assert.deepEqual(acceptance(seen), { act: "confirm", target: UUID });
});

Deno.test("without a segment a decision is about the clip", () => {
  assert.equal(subjectOf(state(null, { found: null, selected: null })), "clip");
});

Deno.test("a decision stands until it is withdrawn or what it was about has changed", () => {
  assert.equal(decisionOn(state(predicted, { annotations: decided("reject") }))?.decision, "reject");
  assert.equal(decisionOn(state(predicted, { annotations: decided("reject", { outdated: true }) })), null);
  assert.equal(decisionOn(state(predicted, { annotations: decided("reject", { deleted: true }) })), null);
});

Deno.test("comments follow their frames, those of the clip first; deleted ones are gone", () => {
  const comments = [{ target: "a", frame: 9 }, { target: "b", frame: null }, { target: "c", frame: 3 }, { target: "d", frame: 1, deleted: true }];
  assert.deepEqual(commentsOf(state(null, { annotations: { comments } })).map(({ target }) => target), ["b", "c", "a"]);
});

Deno.test("a comment is pinned to the chosen person, else to the one of the segment", () => {
  assert.equal(personOf(state(predicted)), 2);
  assert.equal(personOf(state(predicted, { person: 0 })), 0);
  assert.equal(personOf(state(predicted, { selected: null })), null);
});

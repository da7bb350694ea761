// @ts-check
import { strict as assert } from "node:assert";
import { applyEvent, canOpen, filtersFrom, isFiltered, mergeCards, NO_FILTERS, paramsOf, stateChip } from "nightjar/library/model.js";

/** @param {object} [more] @returns {import("nightjar/library/model.js").Card} */
const card = (more = {}) => ({
  id: 1, name: "a.mp4", state: "analysed", error_code: "", message: "", duplicate_of: null, poster_url: null,
  width: 320, height: 240, frames: 90, fps: [30, 1], duration_s: 3, created_at: "2026-11-22T10:00:00Z", uploaded_by: "maria",
  job: null, predicted: { label: { id: 1, name: "Walk", colour: "#fff" }, probability: 0.8, classifier: 1 }, corrected: null, reviewed: false,
  ...more,
});

Deno.test("an analysed clip with a label needs no chip, one without people does", () => {
  assert.equal(stateChip(card()), null);
  assert.equal(stateChip(card({ predicted: null }))?.text, "No person found");
});

for (const [state, tone] of [["rejected", "bad"], ["duplicate", "warm"], ["failed", "bad"], ["cancelled", "warm"], ["ready", "busy"]]) {
  Deno.test(`a clip that is ${state} says so`, () => assert.equal(stateChip(card({ state }))?.tone, tone));
}

Deno.test("a running analysis names its stage, a queued one waits", () => {
  const job = { id: 7, stage: "detect", progress: 0.2, state: "running" };
  assert.deepEqual(stateChip(card({ state: "analysing", job })), { text: "Finding people", tone: "busy", busy: true });
  assert.match(stateChip(card({ state: "analysing", job: { ...job, state: "queued" } }))?.text ?? "", /waiting/);
});

Deno.test("only clips with a proxy can be opened", () => {
  assert.deepEqual(["ready", "analysing", "analysed", "failed", "rejected", "duplicate", "ingesting"].map((state) => canOpen(card({ state }))),
    [true, true, true, true, false, false, false]);
});

Deno.test("progress is shown from the event itself", () => {
  const before = [card({ state: "analysing", job: { id: 7, stage: "", progress: 0, state: "queued" } })];
  const { cards, read } = applyEvent(before, { kind: "job", id: 7, state: "running", stage: "pose", progress: 0.5 });
  assert.equal(read, null);
  assert.deepEqual(cards[0].job, { id: 7, stage: "pose", progress: 0.5, state: "running" });
  assert.equal(before[0].job?.progress, 0);
});

Deno.test("events that change a clip make it be read, a switch of versions all of them", () => {
  assert.equal(applyEvent([], { kind: "video", id: 4, state: "ready" }).read, 4);
  assert.equal(applyEvent([], { kind: "correction", id: 9, video: 3 }).read, 3);
  assert.equal(applyEvent([], { kind: "promotion", id: 1, state: "running" }).read, null);
  assert.equal(applyEvent([], { kind: "promotion", id: 1, state: "done" }).read, "all");
  assert.equal(applyEvent([], { kind: "hello", id: 1 }).read, null);
});

Deno.test("fresh cards take their places, new ones come first", () => {
  const merged = mergeCards([card({ id: 2 }), card({ id: 1 })], [card({ id: 1, name: "new" }), card({ id: 3 })]);
  assert.deepEqual(merged.map(({ id, name }) => [id, name]), [[3, "a.mp4"], [2, "a.mp4"], [1, "new"]]);
});

Deno.test("filters survive the way through the address", () => {
  const filters = { ...NO_FILTERS, state: "failed", q: "a&b", reviewed: "false" };
  assert.deepEqual(filtersFrom(new URLSearchParams(paramsOf(filters))), filters);
  assert.equal(paramsOf(NO_FILTERS), "");
  assert.ok(isFiltered(filters) && !isFiltered({ ...NO_FILTERS, ordering: "name" }));
});

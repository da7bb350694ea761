// @ts-check
import { strict as assert } from "node:assert";
import { provenanceInWords } from "nightjar/clip/model.js";
import { filtersFrom, isFiltered, paramsOf } from "nightjar/library/model.js";
import { applyTraining, chosenClips, clipsBehind, labelNote, moved, rebuiltInWords } from "nightjar/training/model.js";
import { changeInWords, choicesOf, ruleInWords, startedBy, wantedRule } from "nightjar/training/rules_model.js";

/** @param {[number, number]} interval @returns {any} */
const compared = (interval) => ({ candidate: [0.6, 0.8], baseline: [0.5, 0.7], difference: 0.1, difference_interval: interval });

Deno.test("a change counts only where its interval leaves out nothing at all", () => {
  assert.deepEqual(moved(0.7, 0.6, compared([0.01, 0.2]), 0), { text: "+10.0", tone: "better", range: "+1.0 to +20.0" });
  assert.deepEqual(moved(0.7, 0.6, compared([-0.02, 0.2]), 0).tone, "same");
  assert.deepEqual(moved(0.5, 0.6, compared([-0.2, -0.03]), 0), { text: "−10.0", tone: "worse", range: "−20.0 to −3.0" });
  assert.deepEqual(moved(0.7, 0.6, undefined, 0.2), { text: "+10.0", tone: "same", range: "" });
});

/** @returns {any} */
const evaluation = () => ({
  run: 1, base: 40,
  segments: [
    { segment_id: 1, video_id: 7, truth: "Walk", candidate: { label: "Run", probability: 0.6 }, baseline: { label: "Walk", probability: 0.6 } },
    { segment_id: 2, video_id: 7, truth: "Walk", candidate: { label: "Run", probability: 0.7 }, baseline: null },
    { segment_id: 3, video_id: 9, truth: "Walk", candidate: { label: "Run", probability: 0.5 }, baseline: { label: "Run", probability: 0.6 } },
  ],
});

Deno.test("a cell knows the clips behind it, each once", () => {
  assert.deepEqual(clipsBehind(evaluation(), "candidate")("Walk", "Run"), [7, 9]);
  assert.deepEqual(clipsBehind(evaluation(), "baseline")("Walk", "Run"), [9]);
  assert.deepEqual(clipsBehind(evaluation(), "candidate")("Run", "Walk"), []);
  assert.deepEqual(clipsBehind(null, "candidate")("Walk", "Run"), []);
});

Deno.test("the library opens with the chosen clips and says why", () => {
  const url = new URL(chosenClips("/projects/a/", [7, 9], "Walk, said Run"), "http://x");
  const filters = filtersFrom(url.searchParams);
  assert.deepEqual([filters.ids, filters.why, isFiltered(filters)], ["7,9", "Walk, said Run", true]);
  assert.deepEqual(filtersFrom(new URLSearchParams(paramsOf(filters))), filters);
});

Deno.test("labels with no or few examples are named as such", () => {
  const row = { base_examples: 0, corrected_examples: 0, known_to_model: false };
  assert.match(labelNote(row), /never said/);
  assert.equal(labelNote({ ...row, corrected_examples: 2 }), "not trained yet · few examples: expect mistakes");
  assert.equal(labelNote({ base_examples: 20, corrected_examples: 0, known_to_model: true }), "");
});

Deno.test("a rebuild says whether the same came out", () => {
  assert.equal(rebuiltInWords({}).text, "");
  assert.equal(rebuiltInWords({ state: "running" }).tone, "busy");
  assert.equal(rebuiltInWords({ state: "done", same: true, differences: [] }).tone, "ok");
  assert.match(rebuiltInWords({ state: "done", same: false, differences: ["weights", "figures"] }).text, /other weights, figures/);
  assert.match(rebuiltInWords({ state: "failed", message: "gone" }).text, /gone/);
});

/** @returns {any} */
const rules = (more = {}) => ({ after_corrections: null, nightly_hour: null, largest_f1_fall: null, scenes: "clip", updated_by: null, ...more });

Deno.test("rules are off, or as they were set, also to odd values", () => {
  assert.deepEqual(choicesOf("after_corrections", rules())[0], ["", "Never"]);
  const choices = choicesOf("after_corrections", rules({ after_corrections: 7 })).map(([value]) => value);
  assert.deepEqual(choices.slice(0, 4), ["", "5", "7", "10"]);
  assert.equal(ruleInWords("nightly_hour", 3), "At 03:00 UTC");
  assert.equal(ruleInWords("largest_f1_fall", 0), "If F1 falls on no label");
  assert.deepEqual([wantedRule("nightly_hour", ""), wantedRule("nightly_hour", "0")], [{ nightly_hour: null }, { nightly_hour: 0 }]);
  assert.deepEqual(wantedRule("scenes", "prefix"), { scenes: "prefix" });
});

Deno.test("a change of rules is told with what was before", () => {
  /** @type {any} */
  const change = { before: { after_corrections: null }, after: { after_corrections: 50 } };
  assert.equal(changeInWords(change), "Retrain after: 50 new judgements (was: Never)");
});

Deno.test("work names the person or the rule that started it", () => {
  assert.equal(startedBy({ trigger: "person", created_by: "ada" }), "by ada");
  assert.equal(startedBy({ trigger: "nightly", created_by: null }), "by rule, nightly");
  assert.equal(startedBy({ trigger: "gate", created_by: "ada" }), "by rule of ada");
});

Deno.test("a clip's predictions name classifier, training set and pose weights", () => {
  const made = { classifier: 2, classifier_sha256: "c", training_set: "0123456789", pose_version: null, pose_sha256: "abcdefghij", pose_every: 1, feature_version: "f-1" };
  assert.equal(provenanceInWords(made), "Predictions by classifier version 2, learned from training set 01234567; shipped pose weights abcdefgh; features f-1");
  assert.equal(provenanceInWords(null), "");
});

Deno.test("news of a run that is done are read: a rebuild's outcome, the rule's verdict", () => {
  /** @type {any} */
  const runs = [{ id: 1, state: "done", curves: [] }];
  assert.equal(applyTraining(runs, { kind: "training", id: 1, state: "done", news: "rebuilt" }).mustRead, true);
  assert.equal(applyTraining(runs, { kind: "training", id: 1, state: "done" }).mustRead, false);
});

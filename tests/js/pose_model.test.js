// @ts-check
import { strict as assert } from "node:assert";
import { adaptationToShow, applyAdaptation, applyChange, bySteps, factsInWords, gainOf, importToShow, intervalOf, jointsInWords, misfitRows, nameOf, namesIn, oftenInWords, sizeInWords, stageOf, teacherName } from "nightjar/pose/model.js";

/** @param {number} id @param {object} [more] @returns {any} */
const adaptation = (id, more = {}) => ({ id, state: "done", curve: [], candidate: { id, state: "retired" }, ...more });

/** @returns {any} */
const pose = () => ({ active: null, analysed: 3, outdated: 2, running: { id: 5, state: "running", clips: { total: 3, done: 1, failed: 0, progress: 0.33 } } });

Deno.test("no version stands for the shipped network", () => {
  assert.equal(nameOf(null), "the shipped network");
  assert.equal(nameOf({ number: 4 }), "version 4");
  assert.deepEqual([1, 2, 3, 5].map(oftenInWords), ["every frame", "every 2nd frame", "every 3rd frame", "every 5th frame"]);
});

Deno.test("a network is told by its size, joints and crops", () => {
  const facts = /** @type {any} */ ({ parameters: 65_200_000, joints: 17, skeleton: "posetrack17", image: [288, 384] });
  assert.equal(factsInWords(facts), "65.2 M parameters · 17 joints, PoseTrack order: the head's ends in place of the eyes · crops of 288 × 384 px");
  assert.equal(jointsInWords({ ...facts, skeleton: "coco17" }), "17 joints, COCO order");
  assert.deepEqual([999, 4200, 1e6].map(sizeInWords), ["999 parameters", "4 k parameters", "1.0 M parameters"]);
});

Deno.test("a gain counts only where its whole interval is on one side", () => {
  assert.deepEqual(gainOf({ pck: 60 }, { pck: 66.5, gain: 6.5, gain_low: 1, gain_high: 12 }), { text: "+6.5", tone: "better" });
  assert.deepEqual(gainOf({ pck: 60 }, { pck: 61, gain: 1, gain_low: -2, gain_high: 4 }), { text: "+1.0", tone: "same" });
  assert.deepEqual(gainOf({ pck: 60 }, { pck: 50, gain: -10, gain_low: -14, gain_high: -3 }), { text: "−10.0", tone: "worse" });
  assert.deepEqual(gainOf({ pck: 60 }, { pck: 62 }), { text: "+2.0", tone: "better" });
  assert.deepEqual(gainOf({ pck: 60 }, { pck: 60 }), { text: "±0.0", tone: "same" });
  assert.equal(gainOf({}, {}).text, "");
  assert.equal(intervalOf({ pck_low: 51.26, pck_high: 70 }, "pck"), "51.3 to 70.0");
  assert.equal(intervalOf({ pck: 60 }, "pck"), "");
});

Deno.test("names that do not fit are listed by what is wrong with them", () => {
  const rows = misfitRows({ missing: ["a", "b", "c"], unknown: [], odd: ["d"] }, 2);
  assert.deepEqual(rows.map(({ title, count, names, more }) => [title, count, names, more]), [
    ["Expected, but not in the file", 3, ["a", "b"], 1],
    ["Odd", 1, ["d"], 0],
  ]);
});

Deno.test("an adaptation that waits for a decision is shown before newer ones", () => {
  const all = [adaptation(3), adaptation(2, { candidate: { id: 2, state: "candidate" } }), adaptation(1)];
  assert.equal(adaptationToShow(all)?.id, 2);
  assert.equal(adaptationToShow([adaptation(4, { state: "failed", candidate: null })]), null);
});

Deno.test("an import is shown while it is read and where it failed, not once it is done", () => {
  const one = (/** @type {string} */ state) => /** @type {any} */ ({ id: 1, state });
  assert.equal(importToShow([one("receiving"), one("failed")])?.state, "failed");
  assert.equal(importToShow([one("done"), one("failed")]), null);
  assert.equal(importToShow([one("running")])?.state, "running");
});

Deno.test("progress of a change comes with the event; a further clip or an end is read", () => {
  const event = /** @type {any} */ ({ kind: "pose_change", id: 5, state: "running", total: 3, done: 1, failed: 0, progress: 0.5 });
  const { pose: next, mustRead } = applyChange(pose(), event);
  assert.deepEqual([next?.running?.clips.progress, mustRead], [0.5, false]);
  assert.equal(applyChange(pose(), { ...event, done: 2 }).mustRead, true);
  assert.equal(applyChange(pose(), { ...event, state: "done" }).mustRead, true);
  assert.equal(applyChange(pose(), { ...event, id: 6 }).mustRead, true);
  assert.equal(applyChange(null, event).mustRead, true);
});

Deno.test("points of a curve are added once, in order", () => {
  const all = [adaptation(1, { state: "running", curve: [{ step: 5, loss: 2 }, { step: 10, loss: 1 }] })];
  const event = /** @type {any} */ ({ kind: "adaptation", id: 1, state: "running", point: { step: 10, loss: 0.9 } });
  const applied = applyAdaptation(all, event);
  assert.deepEqual(applied.all[0].curve, [{ step: 5, loss: 2 }, { step: 10, loss: 0.9 }]);
  assert.deepEqual(bySteps(applied.all[0].curve).map(({ epoch }) => epoch), [5, 10]);
  assert.equal(applyAdaptation(all, { ...event, state: "done" }).mustRead, true);
  assert.equal(applyAdaptation([], event).mustRead, true);
});

Deno.test("stages are told in words", () => {
  assert.equal(stageOf(null), "Waiting for a free worker");
  assert.equal(stageOf(/** @type {any} */ ({ state: "running", stage: "train" })), "Learning");
});

Deno.test("keypoint files teach in the stead of a network", () => {
  assert.equal(teacherName({ teacher: null, config: { minutes: 5, steps: null, by_keypoints: true } }), "keypoint files");
  assert.equal(teacherName({ teacher: /** @type {any} */ ({ number: 3 }), config: { minutes: 5, steps: null } }), "version 3");
});

Deno.test("names are parted by commas or lines", () => {
  assert.deepEqual(namesIn(" Jump_8, yard 2.mp4;\nRun_1 ,"), ["Jump_8", "yard 2.mp4", "Run_1"]);
  assert.deepEqual(namesIn("  "), []);
});

// @ts-check
import { strict as assert } from "node:assert";
import { idBeside, lightText, mainSegment, neighbour, newestOf, palette, ticks, withSegment } from "nightjar/clip/model.js";

const [WALK, RUN, WAVE] = ["Walk", "Run", "Wave"].map((name, i) => ({ id: i + 1, name, colour: "#123456" }));

/** @param {number} id @param {number} start_frame @param {number} end_frame @param {number} [version] */
const segment = (id, start_frame, end_frame, version = 0) => ({
  id, start_frame, end_frame, version,
  predicted: { label: WALK, probability: 0.7, probabilities: [{ label: WALK, probability: 0.7 }, { label: RUN, probability: 0.3 }] },
  current: { label: WALK, source: /** @type {"prediction"} */ ("prediction"), author: null, created_at: null },
});

/** @returns {import("nightjar/clip/model.js").Found} */
const found = () => ({
  run: { id: 1, people: 2, frames: 90, skeleton: { joints: [], limbs: [] } },
  classifier: { id: 1, number: 1 },
  poses_url: null,
  tracks: [
    { id: 1, index: 0, start_frame: 0, end_frame: 50, segments: [segment(1, 0, 50)] },
    { id: 2, index: 1, start_frame: 0, end_frame: 90, segments: [segment(2, 0, 40), segment(3, 40, 90)] },
  ],
});

Deno.test("the longest segment of the longest person stands for the clip", () => {
  assert.equal(mainSegment(found())?.id, 3);
  assert.equal(mainSegment(null), null);
  assert.equal(mainSegment({ ...found(), tracks: [] }), null);
});

Deno.test("a saved segment takes the place of the old one only", () => {
  const after = withSegment(found(), { ...segment(2, 0, 40, 1), current: null });
  assert.deepEqual(after.tracks.flatMap(({ segments }) => segments.map(({ version }) => version)), [0, 1, 0]);
});

Deno.test("a late answer does not bring back what was before a save", () => {
  const saved = withSegment(found(), segment(2, 0, 40, 1));
  const joined = newestOf(saved, found());
  assert.equal(joined?.tracks[1].segments[0].version, 1);
});

Deno.test("what others saved meanwhile is taken over", () => {
  const joined = newestOf(found(), withSegment(found(), segment(3, 40, 90, 2)));
  assert.equal(joined?.tracks[1].segments[1].version, 2);
});

Deno.test("another run replaces everything", () => {
  const other = { ...found(), run: { id: 2, people: 0, frames: 90, skeleton: { joints: [], limbs: [] } }, tracks: [] };
  assert.deepEqual(newestOf(found(), other), other);
});

Deno.test("the arrow keys stop at the first and last segment", () => {
  assert.deepEqual([neighbour(found(), 1, -1)?.id, neighbour(found(), 1, 1)?.id, neighbour(found(), 3, 1)?.id], [1, 2, 3]);
});

Deno.test("the palette says which labels the model cannot know", () => {
  const full = [WALK, RUN, WAVE, { ...WAVE, id: 4, name: "Sit" }].map((label, order) => ({
    ...label, hotkey: "", archived: false, order, examples: label.id === 3 ? 0 : 5, known_to_model: label.id < 3,
  }));
  const rows = palette(full, segment(1, 0, 50));
  assert.deepEqual(rows.map(({ probability }) => probability), [0.7, 0.3, null, null]);
  assert.deepEqual(rows.map(({ hasNoExamples }) => hasNoExamples), [false, false, true, false]);
  assert.deepEqual(rows.map(({ waitsForTraining }) => waitsForTraining), [false, false, false, true]);
  assert.deepEqual(rows.filter(({ isCurrent }) => isCurrent).map(({ label }) => label.name), ["Walk"]);
});

Deno.test("archived labels cannot be given", () => {
  const full = { ...WALK, hotkey: "1", archived: true, order: 0, examples: 3, known_to_model: true };
  assert.deepEqual(palette([full], null), []);
});

Deno.test("ruler ticks are round and start at 0", () => {
  assert.deepEqual(ticks(90), [0, 10, 20, 30, 40, 50, 60, 70, 80]);
  assert.deepEqual(ticks(1), [0]);
  assert.ok(ticks(12345).length <= 13);
});

Deno.test("next and previous clip stop at the ends of the list", () => {
  assert.deepEqual([idBeside([5, 4, 3], 4, 1), idBeside([5, 4, 3], 5, -1), idBeside([5, 4, 3], 3, 1)], [3, null, null]);
  assert.equal(idBeside([5, 4], 99, 1), 5);
});

Deno.test("the light of a clip is told with what the networks saw", () => {
  const raw = { treatment: "raw", mean: 0.063, contrast: 38.4 };
  const gamma = { ...raw, treatment: "gamma" };
  assert.equal(lightText({ detector: raw, pose: raw }), "Brightness 6.3 %, contrast 38 × the noise: the networks saw the frames as they are");
  assert.match(lightText({ detector: raw, pose: gamma }), /the detector saw the frames as they are, the pose network saw frames brightened by gamma$/);
  assert.match(lightText({ detector: raw, pose: { ...raw, averaged: true } }), /the detector saw the frames as they are, the pose network saw the frames as they are, averaged over time where nothing moved$/);
  assert.match(lightText({ detector: raw }), /: the detector saw/);
  assert.equal(lightText({}), "");
  assert.equal(lightText(undefined), "");
});

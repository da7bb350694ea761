// @ts-check
import { strict as assert } from "node:assert";
import { around, EditedPoses } from "nightjar/clip/skeleton/edited.js";

/** @typedef {import("nightjar/clip/skeleton/edited.js").PoseEdit} PoseEdit */
/** @typedef {import("nightjar/clip/skeleton/people.js").TrackChange} TrackChange */

/** Two people who walk to the right, person p at x = 100 p + frame; the second leaves at frame 20. */
function walkers(frames = 40, people = 2, gone = 20) {
  const isThere = (/** @type {number} */ p, /** @type {number} */ n) => p >= 0 && p < people && n >= 0 && n < (p === 1 ? gone : frames);
  return {
    people,
    frames,
    isThere,
    /** @param {number} p @param {number} n @returns {[number, number, number, number] | null} */
    box: (p, n) => (isThere(p, n) ? [100 * p + n, 0, 100 * p + n + 10, 20] : null),
    /** @param {number} p @param {number} n @param {number} joint @returns {[number, number, number] | null} */
    joint: (p, n, joint) => (isThere(p, n) ? [100 * p + n, 10 * joint, 0.7] : null),
  };
}

/** @param {PoseEdit[]} poses @param {TrackChange[]} tracks */
function edited(poses = [], tracks = []) {
  const found = new EditedPoses(walkers(), ["nose", "left_wrist"]);
  found.update(poses, tracks);
  return found;
}

let number = 0;
/** @param {string} kind @param {number} person @param {number} frame @param {Partial<TrackChange>} [more] @returns {TrackChange} */
const change = (kind, person, frame, more = {}) => ({ target: `t${++number}`, kind, person, frame, order: number, ...more });

/** Whose pose each of these people shows. @param {EditedPoses} found @param {number} frame @param {number[]} people */
const shown = (found, frame, people) => people.map((person) => found.pose(person, frame)?.source ?? null);

Deno.test("without edits the run's poses are shown", () => {
  const pose = edited().pose(0, 5);
  assert.deepEqual(pose?.joints[1], { x: 5, y: 10, score: 0.7, state: "seen", edited: false });
  assert.deepEqual(pose?.box, [5, 0, 15, 20]);
  assert.equal(edited().pose(1, 25), null);
});

Deno.test("a joint that was placed stands where it was put, at its frame alone", () => {
  const found = edited([{ target: "0:5", joints: { left_wrist: [50, 60, "occluded"] }, keyframe: true }]);
  assert.deepEqual(found.pose(0, 5)?.joints[1], { x: 50, y: 60, score: 0.5, state: "occluded", edited: true });
  assert.deepEqual(found.pose(0, 5)?.joints[0], { x: 5, y: 0, score: 0.7, state: "seen", edited: false });
  assert.equal(found.pose(0, 6)?.joints[1]?.x, 6);
  assert.equal(found.pose(0, 5)?.keyframe, true);
});

Deno.test("the box follows joints that were placed", () => {
  const found = edited([{ target: "0:5", joints: { nose: [0, 0, "seen"], left_wrist: [100, 50, "seen"] } }]);
  assert.deepEqual(found.pose(0, 5)?.box, [-10, -5, 110, 55]);
});

Deno.test("frames between keyframes are interpolated where the later one says so, and only there", () => {
  /** @type {PoseEdit[]} */
  const poses = [
    { target: "0:10", joints: { left_wrist: [100, 0, "occluded"] }, keyframe: true },
    { target: "0:20", joints: { left_wrist: [200, 100, "seen"] }, keyframe: true, tween: true },
    { target: "0:30", joints: { left_wrist: [0, 0, "seen"] }, keyframe: true },
  ];
  const found = edited(poses);
  const at15 = found.pose(0, 15)?.joints[1];
  assert.deepEqual([at15?.x, at15?.y, at15?.state], [150, 50, "occluded"]);
  assert.equal(found.pose(0, 15)?.joints[0]?.x, 15, "a joint that nobody placed stays as it was found");
  assert.equal(found.pose(0, 25)?.joints[1]?.x, 25);
  assert.equal(found.pose(0, 9)?.joints[1]?.x, 9);
});

Deno.test("one keyframe has the joint placed, the other as it was found: the line goes between both", () => {
  const found = edited([
    { target: "0:10", joints: { nose: [10, 0, "seen"] }, keyframe: true },
    { target: "0:20", joints: { left_wrist: [40, 30, "seen"] }, keyframe: true, tween: true },
  ]);
  assert.deepEqual([found.pose(0, 15)?.joints[1]?.x, found.pose(0, 15)?.joints[1]?.y], [25, 20]);
});

Deno.test("where nobody was found, keyframes bring the person there", () => {
  const whole = (/** @type {number} */ x) => /** @type {PoseEdit["joints"]} */ ({ nose: [x, 0, "seen"], left_wrist: [x, 10, "seen"] });
  const found = edited([
    { target: "1:24", joints: whole(0), keyframe: true },
    { target: "1:28", joints: whole(40), keyframe: true, tween: true },
  ]);
  assert.deepEqual([23, 24, 26, 28, 29].map((n) => found.pose(1, n)?.joints[0]?.x ?? null), [null, 0, 20, 40, null]);
});

Deno.test("a deletion counts from its frame on", () => {
  const found = edited([], [change("delete", 0, 10)]);
  assert.deepEqual([shown(found, 9, [0, 1]), shown(found, 10, [0, 1])], [[0, 1], [null, 1]]);
});

Deno.test("a swap counts from its frame on, and twice is nothing", () => {
  const swap = change("swap", 0, 10, { other: 1 });
  assert.deepEqual(shown(edited([], [swap]), 10, [0, 1]), [1, 0]);
  assert.deepEqual(shown(edited([], [swap]), 9, [0, 1]), [0, 1]);
  assert.deepEqual(shown(edited([], [swap, change("swap", 0, 10, { other: 1 })]), 12, [0, 1]), [0, 1]);
});

Deno.test("a merge lets another go on as the person; where that one has gone the person is its own again", () => {
  const found = edited([], [change("merge", 0, 10, { other: 1 })]);
  assert.deepEqual([shown(found, 9, [0, 1]), shown(found, 12, [0, 1]), shown(found, 25, [0, 1])], [[0, 1], [1, null], [0, null]]);
});

Deno.test("a split makes somebody new from its frame on", () => {
  const found = edited([], [change("track.split", 0, 10, { other: 1_000_007 })]);
  assert.deepEqual(found.people, [0, 1, 1_000_007]);
  assert.deepEqual(shown(found, 12, [0, 1, 1_000_007]), [null, 1, 0]);
  assert.deepEqual(shown(found, 9, [0, 1_000_007]), [0, null]);
});

Deno.test("changes count in the order in which they were made, whatever order they come in", () => {
  const first = change("swap", 0, 10, { other: 1 });
  const second = change("delete", 0, 15);
  for (const tracks of [[first, second], [second, first]]) {
    assert.deepEqual(shown(edited([], tracks), 16, [0, 1]), [null, 0]);
  }
});

Deno.test("what was taken back does not count", () => {
  assert.deepEqual(shown(edited([], [change("delete", 0, 10, { deleted: true })]), 12, [0]), [0]);
  const poses = [{ target: "0:5", joints: {}, deleted: true }];
  assert.deepEqual(edited(poses).keyframesOf(0), []);
});

Deno.test("an edited pose goes along when people are swapped afterwards", () => {
  /** @type {PoseEdit[]} */
  const poses = [{ target: "0:12", joints: { nose: [77, 7, "seen"] }, keyframe: true }];
  const found = edited(poses, [change("swap", 0, 10, { other: 1 })]);
  assert.equal(found.pose(1, 12)?.joints[0]?.x, 77);
  assert.deepEqual([found.keyframesOf(1), found.keyframesOf(0)], [[12], []]);
});

Deno.test("somebody who was added is where a worker found them, and before that has the drawn box", () => {
  const added = change("add", 1_000_001, 8, { box_xyxy: [1, 2, 3, 4], estimate: 5 });
  const found = edited([], [added]);
  assert.deepEqual([found.missing, found.pose(1_000_001, 8)?.box], [[5], [1, 2, 3, 4]]);
  assert.equal(found.pose(1_000_001, 9), null);
  found.estimated(5, { ...walkers(12), isThere: (p, n) => p === 0 && n >= 8 && n < 12 });
  assert.deepEqual(found.missing, []);
  assert.equal(found.pose(1_000_001, 9)?.joints[0]?.x, 9);
  assert.equal(found.pose(1_000_001, 12), null);
});

Deno.test("a draft is seen at once and is no keyframe when it is let go", () => {
  const found = edited();
  found.draft({ source: 0, frame: 5, edit: { target: "0:5", joints: { nose: [1, 1, "seen"] } } });
  assert.equal(found.pose(0, 5)?.joints[0]?.x, 1);
  found.draft(null);
  assert.equal(found.pose(0, 5)?.joints[0]?.x, 5);
});

Deno.test("neighbours among keyframes leave the frame itself out", () => {
  assert.deepEqual(around([5, 10, 20], 10), { before: 5, after: 20 });
  assert.deepEqual(around([5, 10, 20], 11), { before: 10, after: 20 });
  assert.deepEqual(around([5], 5), { before: null, after: null });
});

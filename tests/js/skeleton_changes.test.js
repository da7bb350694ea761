// @ts-check
import { strict as assert } from "node:assert";
import {
  figureIn, interpolated, jointMarked, jointMoved, keyframeHere, personAdded, personSplit, poseCleared, previousCopied, wholeMoved,
} from "nightjar/clip/skeleton/changes.js";
import { EditedPoses } from "nightjar/clip/skeleton/edited.js";
import { boxBetween, jointAt, nearestOther, personAt } from "nightjar/clip/skeleton/pick.js";

/** @typedef {import("nightjar/clip/skeleton/edited.js").PoseEdit} PoseEdit */

const NAMES = ["nose", "left_wrist"];

/** Three people, person p at x = 100 p + frame; the third leaves at frame 10. @param {PoseEdit[]} poses @param {any[]} tracks */
function people(poses = [], tracks = []) {
  const isThere = (/** @type {number} */ p, /** @type {number} */ n) => p < 3 && n >= 0 && n < (p === 2 ? 10 : 100);
  const found = new EditedPoses({
    people: 3,
    frames: 100,
    isThere,
    box: (p, n) => (isThere(p, n) ? [100 * p + n - 5, -5, 100 * p + n + 25, 25] : null),
    joint: (p, n, joint) => (isThere(p, n) ? [100 * p + n + 20 * joint, 20 * joint, 0.8] : null),
  }, NAMES);
  found.update(poses, tracks);
  return found;
}

/** What is seen after an edit. @param {any} change @param {PoseEdit[]} [before] */
const after = (change, before = []) =>
  people([...before.filter(({ target }) => target !== change.target), { target: change.target, ...change.data }]);

Deno.test("a joint that was moved is one keyframe with that joint alone", () => {
  assert.deepEqual(jointMoved(people(), 0, 5, 1, 33.333, 44), {
    kind: "pose.set",
    target: "0:5",
    data: { joints: { left_wrist: [33.33, 44, "seen"] }, keyframe: true, tween: false },
  });
});

Deno.test("a second joint joins the first", () => {
  /** @type {PoseEdit[]} */
  const before = [{ target: "0:5", joints: { nose: [1, 2, "occluded"] }, keyframe: true }];
  assert.deepEqual(jointMoved(people(before), 0, 5, 1, 3, 4)?.data.joints, { nose: [1, 2, "occluded"], left_wrist: [3, 4, "seen"] });
});

Deno.test("a joint moved amid interpolated frames keeps the others on their line", () => {
  /** @type {PoseEdit[]} */
  const before = [
    { target: "0:10", joints: { nose: [0, 0, "seen"], left_wrist: [0, 0, "seen"] }, keyframe: true },
    { target: "0:20", joints: { nose: [100, 0, "seen"], left_wrist: [100, 0, "seen"] }, keyframe: true, tween: true },
  ];
  const change = jointMoved(people(before), 0, 15, 1, 50, 30);
  assert.deepEqual(change?.data, { joints: { nose: [50, 0, "seen"], left_wrist: [50, 30, "seen"] }, keyframe: true, tween: true });
  const seen = after(change, before);
  assert.deepEqual([seen.pose(0, 12)?.joints[0]?.x, seen.pose(0, 18)?.joints[0]?.x], [20, 80]);
});

Deno.test("marking goes from seen to occluded to outside and back", () => {
  /** @type {PoseEdit[]} */
  let poses = [];
  const states = [];
  for (let i = 0; i < 3; i++) {
    const change = jointMarked(people(poses), 0, 5, 1);
    poses = [{ target: "0:5", .../** @type {any} */ (change?.data) }];
    states.push(poses[0].joints.left_wrist[2]);
  }
  assert.deepEqual(states, ["occluded", "outside", "seen"]);
});

Deno.test("a keyframe pins every joint as it is seen", () => {
  assert.deepEqual(keyframeHere(people(), 1, 7)?.data.joints, { nose: [107, 0, "seen"], left_wrist: [127, 20, "seen"] });
  assert.equal(keyframeHere(people(), 2, 50), null);
});

Deno.test("the pose of the frame before is put on this one, also where nobody was found", () => {
  assert.deepEqual(previousCopied(people(), 0, 8)?.data.joints.nose, [7, 0, "seen"]);
  const lost = previousCopied(people(), 2, 10);
  assert.deepEqual([lost?.target, lost?.data.joints.nose], ["2:10", [209, 0, "seen"]]);
  assert.equal(previousCopied(people(), 2, 12), null);
});

Deno.test("interpolating is switched on and off between the keyframes around the frame", () => {
  /** @type {PoseEdit[]} */
  const before = [
    { target: "0:10", joints: { nose: [0, 0, "seen"] }, keyframe: true },
    { target: "0:20", joints: { nose: [100, 0, "seen"] }, keyframe: true },
  ];
  const on = interpolated(people(before), 0, 14);
  assert.deepEqual([on.frames, on.isOn, on.change?.target], [[10, 20], true, "0:20"]);
  assert.deepEqual(interpolated(people(before), 0, 10).frames, [10, 20], "on the first keyframe: what comes after");
  assert.deepEqual(interpolated(people(before), 0, 20).frames, [10, 20], "on the last one: what comes before");
  const seen = after(on.change, before);
  assert.equal(seen.pose(0, 15)?.joints[0]?.x, 50);
  assert.equal(interpolated(seen, 0, 15).isOn, false);
  assert.equal(interpolated(people(before), 0, 5).change, null);
});

Deno.test("a whole skeleton is moved, or scaled about its middle", () => {
  assert.deepEqual(wholeMoved(people(), 0, 0, { dx: 5, dy: -2 })?.data.joints, { nose: [5, -2, "seen"], left_wrist: [25, 18, "seen"] });
  assert.deepEqual(wholeMoved(people(), 0, 0, { factor: 2 })?.data.joints, { nose: [-10, -10, "seen"], left_wrist: [30, 30, "seen"] });
});

Deno.test("only what people edited can be cleared", () => {
  assert.equal(poseCleared(people(), 0, 5), null);
  const found = people([{ target: "0:5", joints: { nose: [1, 1, "seen"] } }]);
  assert.deepEqual(poseCleared(found, 0, 5), { kind: "pose.clear", target: "0:5", data: {} });
});

Deno.test("edits of somebody who was swapped go to whose pose it is", () => {
  const swapped = people([], [{ target: "t", kind: "swap", person: 0, other: 1, frame: 3, order: 1 }]);
  assert.equal(jointMoved(swapped, 0, 5, 0, 1, 1)?.target, "1:5");
  assert.equal(jointMoved(swapped, 0, 2, 0, 1, 1)?.target, "0:2");
});

Deno.test("new people get numbers that no track of a run has", () => {
  assert.ok(personSplit("t", 0, 5).data.other >= 1_000_000);
  const added = personAdded("t", 5, [1.23456, 2, 3, 4], 7);
  assert.ok(added.data.person >= 1_000_000);
  assert.deepEqual([added.data.box_xyxy, added.data.estimate], [[1.23, 2, 3, 4], 7]);
});

Deno.test("a figure stands upright in its box", () => {
  const figure = figureIn([100, 50, 140, 150], ["nose", "left_ankle", "right_wrist"]);
  assert.ok(figure.nose[1] < figure.right_wrist[1] && figure.right_wrist[1] < figure.left_ankle[1]);
  for (const [x, y] of Object.values(figure)) assert.ok(x >= 100 && x <= 140 && y >= 50 && y <= 150);
});

Deno.test("the nearest joint within reach is picked, the selected person's first", () => {
  const close = people([{ target: "1:0", joints: { nose: [4, 0, "seen"] } }]);
  assert.deepEqual(jointAt(close, 0, 3, 0, 8), { person: 1, joint: 0 });
  assert.deepEqual(jointAt(close, 0, 1.5, 0, 8, { person: 0 }), { person: 0, joint: 0 });
  assert.equal(jointAt(close, 0, 60, 60, 8), null);
  assert.equal(jointAt(close, 0, 3, 0, 8, { isHidden: (joint) => joint === 0 }), null);
});

Deno.test("a place belongs to whose box holds it, and the nearest other is meant by a swap", () => {
  assert.equal(personAt(people(), 0, 110, 10), 1);
  assert.equal(personAt(people(), 0, 60, 10), null);
  assert.equal(nearestOther(people(), 2, 5), 1);
  assert.equal(nearestOther(people(), 1, 30, 0), 0);
  assert.equal(nearestOther(people(), 1, 15, 10), 2, "somebody who was lost a moment ago counts too");
});

Deno.test("a box may be drawn from any corner and ends at the picture's edge", () => {
  assert.deepEqual(boxBetween([50, 40], [-30, 10], 64, 48), [-0.5, 10, 50, 40]);
});

// @ts-check
import { strict as assert } from "node:assert";
import { hueOf, limbSide, opacityOf, PALETTE, rampOf, sideOf } from "nightjar/clip/overlay.js";
import { lookFrom, nextColouring, withGroup, withJoint } from "nightjar/clip/skeleton/look.js";
import { chosenPerson, GREY, nameOf, peopleAt } from "nightjar/clip/skeleton/who.js";

const WALK = { id: 1, name: "Walk", colour: "#9ef01a" };
const segment = (/** @type {number} */ id, /** @type {number} */ start_frame, /** @type {number} */ end_frame) => ({
  id, start_frame, end_frame, version: 0, predicted: null,
  current: { label: WALK, source: /** @type {const} */ ("prediction"), author: null, created_at: null },
});
const FOUND = /** @type {import("nightjar/clip/model.js").Found} */ ({
  run: null,
  classifier: null,
  poses_url: null,
  tracks: [
    { id: 10, index: 0, start_frame: 0, end_frame: 50, segments: [segment(1, 0, 50)] },
    { id: 11, index: 1, start_frame: 0, end_frame: 90, segments: [segment(2, 0, 40), segment(3, 40, 90)] },
  ],
});

Deno.test("limbs take the side of their joints", () => {
  assert.equal(sideOf("left_knee"), "left");
  assert.equal(limbSide("left_hip", "left_knee"), "left");
  assert.equal(limbSide("left_hip", "right_hip"), "middle");
  assert.equal(limbSide("nose", "right_eye"), "right");
  assert.equal(limbSide("nose", "head_top"), "middle");
});

Deno.test("joints are as bright as they are sure, and never quite gone", () => {
  assert.ok(opacityOf(0) > 0.1);
  assert.ok(opacityOf(0.2) < opacityOf(0.4));
  assert.equal(opacityOf(0.9), 1);
});

Deno.test("confidence goes from low over mid to high", () => {
  assert.deepEqual([0, 0.5, 1].map((share) => rampOf(share, PALETTE)), [PALETTE.low, PALETTE.mid, PALETTE.high]);
  assert.equal(rampOf(7, PALETTE), PALETTE.high);
});

Deno.test("neighbours in the list have colours far apart", () => {
  const hues = Array.from({ length: 12 }, (_, n) => Number(/\d+/.exec(hueOf(n))?.[0]));
  for (let n = 1; n < hues.length; n++) {
    const apart = Math.abs(hues[n] - hues[n - 1]);
    assert.ok(Math.min(apart, 360 - apart) > 90);
  }
});

Deno.test("people carry the label of the segment at the frame, and those without one are grey", () => {
  const people = peopleAt(FOUND, [0, 1, 1_000_042], 60, 1);
  assert.deepEqual(people.map(({ title }) => title), ["Person 1", "Person 2 · Walk", "Added 1"]);
  assert.deepEqual(people.map(({ isSelected }) => isSelected), [false, true, false]);
  assert.deepEqual(people.map(({ colour }) => colour), [GREY, "#9ef01a", GREY]);
});

Deno.test("the person is the chosen one, else the one whose segment is chosen", () => {
  assert.equal(chosenPerson(FOUND, 0, 3), 0);
  assert.equal(chosenPerson(FOUND, null, 3), 1);
  assert.equal(chosenPerson(FOUND, null, null), null);
});

Deno.test("added people are counted by themselves", () => {
  assert.equal(nameOf(2_000_000, [0, 1, 1_500_000, 2_000_000]), "Added 2");
});

Deno.test("what was kept is read with care", () => {
  const kept = { colouring: "rainbow", trail: 7, hidden: "nose", heat: 1 };
  assert.deepEqual(lookFrom(kept), { colouring: "side", trail: 24, hidden: [], heat: true });
  assert.deepEqual(lookFrom({}), { colouring: "side", trail: 0, hidden: [], heat: false });
});

Deno.test("colourings go round", () => {
  assert.deepEqual(["side", "person", "score"].map((one) => nextColouring(/** @type {any} */ (one))), ["person", "score", "side"]);
});

Deno.test("parts of the body are hidden and shown together, joints one by one", () => {
  const joints = ["nose", "left_eye", "left_wrist", "left_knee"];
  const hidden = withGroup([], joints, "head");
  assert.deepEqual(hidden, ["nose", "left_eye"]);
  assert.deepEqual(withGroup(["nose"], joints, "head"), ["nose", "left_eye"]);
  assert.deepEqual(withGroup(hidden, joints, "head"), []);
  assert.deepEqual(withJoint(withJoint([], "nose"), "nose"), []);
});

// @ts-check
import { strict as assert } from "node:assert";
import { Poses } from "nightjar/clip/poses.js";

/** Two people, three frames, two joints; the second person is absent in frame 1. */
function sample() {
  const stride = 4 + 3 * 2;
  const values = Float32Array.from({ length: 2 * 3 * stride }, (_, i) => i);
  values.fill(NaN, 4 * stride, 5 * stride);
  return new Poses(values.buffer, 2, 3, 2);
}

Deno.test("boxes and joints are found at their person and frame", () => {
  const poses = sample();
  assert.deepEqual(poses.box(0, 1), [10, 11, 12, 13]);
  assert.deepEqual(poses.joint(0, 1, 0), [14, 15, 16]);
  assert.deepEqual(poses.joint(1, 2, 1), [57, 58, 59]);
});

Deno.test("an absent person has neither box nor joints", () => {
  const poses = sample();
  assert.equal(poses.box(1, 1), null);
  assert.equal(poses.joint(1, 1, 0), null);
});

Deno.test("nobody is found outside the clip", () => {
  const poses = sample();
  for (const [person, frame] of [[0, -1], [0, 3], [2, 0], [-1, 0]]) assert.equal(poses.box(person, frame), null);
});

Deno.test("a cut off answer is refused", () => {
  assert.throws(() => new Poses(new ArrayBuffer(8), 1, 1, 17), /Expected 220 bytes/);
});

// @ts-check
import { strict as assert } from "node:assert";
import { limbSide, opacityOf, sideOf } from "nightjar/clip/overlay.js";

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

// @ts-check
import { strict as assert } from "node:assert";
import { exposureFor, isNeutral, NEUTRAL, nextPreset, PRESETS, transferOf } from "nightjar/clip/exposure.js";

/** @param {number[]} lumas */
const grey = (lumas) => lumas.flatMap((luma) => [luma, luma, luma, 255]);

/** @param {number} value 0 to 1 @param {import("nightjar/clip/exposure.js").Exposure} exposure */
function shown(value, exposure) {
  const { amplitude, exponent, slope, intercept } = transferOf(exposure);
  return Math.min(1, Math.max(0, slope * Math.min(1, amplitude * value ** exponent) + intercept));
}

Deno.test("the neutral exposure changes nothing", () => {
  for (const value of [0, 0.1, 0.5, 1]) assert.ok(Math.abs(shown(value, NEUTRAL) - value) < 1e-12);
  assert.equal(transferOf(NEUTRAL).saturation, 1);
  assert.ok(isNeutral(NEUTRAL));
});

Deno.test("gain comes before gamma", () => {
  const value = shown(0.1, { gain: 4, gamma: 0.5, contrast: 1 });
  assert.ok(Math.abs(value - Math.sqrt(0.4)) < 1e-12);
});

Deno.test("a dark picture is lifted until its middle can be seen", () => {
  const dark = grey([...Array(95).fill(8), ...Array(5).fill(40)]);
  const lifted = shown(8 / 255, exposureFor(dark));
  assert.ok(lifted > 0.25 && lifted < 0.6, String(lifted));
});

Deno.test("a lamp in the picture does not keep the rest dark", () => {
  const lamp = grey([...Array(90).fill(8), ...Array(10).fill(255)]);
  assert.ok(shown(8 / 255, exposureFor(lamp)) > 0.2);
});

Deno.test("a bright picture stays as it is", () => {
  const { gain, gamma } = exposureFor(grey(Array(100).fill(230)));
  assert.deepEqual([gain, gamma], [1, 1]);
});

Deno.test("a black picture and an empty one do not break", () => {
  for (const pixels of [grey(Array(10).fill(0)), []]) {
    const { gain, gamma, contrast } = exposureFor(pixels);
    assert.ok([gain, gamma, contrast].every(Number.isFinite));
  }
});

Deno.test("the presets go round, also from an own setting", () => {
  const seen = [];
  for (let id = PRESETS[0].id, i = 0; i < PRESETS.length; i += 1) seen.push(id = nextPreset(id).id);
  assert.deepEqual(new Set(seen).size, PRESETS.length);
  assert.equal(nextPreset("own").id, PRESETS[0].id);
});

// @ts-check
import { strict as assert } from "node:assert";
import { cutOf, frameAtShare, slotsAlong, tileNear } from "nightjar/clip/thumbnails_model.js";
import { partSelected, speedText, timeText } from "nightjar/clip/transport_model.js";

const SHEET = { url: "t.jpg", tile_width: 96, tile_height: 72, columns: 10, frames: Array.from({ length: 25 }, (_, i) => i * 12) };

Deno.test("the picture nearest to a frame stands for it", () => {
  assert.deepEqual([0, 5, 7, 12, 288, 299, 9999].map((frame) => tileNear(SHEET, frame).frame), [0, 0, 12, 12, 288, 288, 288]);
  assert.deepEqual(tileNear(SHEET, 12 * 13), { x: 288, y: 72, width: 96, height: 72, frame: 156 });
});

Deno.test("a clip of one frame has one picture", () => {
  const sheet = { ...SHEET, frames: [0] };
  assert.equal(tileNear(sheet, 0).frame, 0);
  assert.deepEqual(slotsAlong(sheet, 1, 500, 40).slots.map(({ frame }) => frame), Array(9).fill(0));
});

Deno.test("pictures fill the strip side by side, each with what is under its middle", () => {
  const { size, slots } = slotsAlong(SHEET, 300, 1000, 40);
  assert.ok(Math.abs(size * slots.length - 1000) < 1e-9);
  slots.forEach(({ at, frame }) => assert.ok(Math.abs(frame - (at + size / 2) / 1000 * 300) <= 6.5, `${frame} at ${at}`));
});

Deno.test("what is cut from a picture has the slot's shape and stays inside of it", () => {
  const { x, y, width, height } = cutOf({ x: 96, y: 72, width: 96, height: 72, frame: 0 }, 50, 60);
  assert.ok(Math.abs(width / height - 50 / 60) < 1e-9);
  assert.ok(x >= 96 && y >= 72 && x + width <= 192 + 1e-9 && y + height <= 144 + 1e-9);
});

Deno.test("every frame has its place on the strip, and no other", () => {
  for (const count of [1, 7, 150]) for (let n = 0; n < count; n += 1) assert.equal(frameAtShare((n + 0.5) / count, count), n);
  assert.deepEqual([frameAtShare(-1, 9), frameAtShare(2, 9)], [0, 8]);
});

Deno.test("playing keeps to a person's own segment before the predicted one", () => {
  const found = /** @type {any} */ ({ tracks: [{ index: 0, segments: [{ id: 4, start_frame: 10, end_frame: 40 }] }] });
  const annotations = { segments: [{ target: "a", start_frame: 5, end_frame: 9 }, { target: "b", start_frame: 1, end_frame: 2, deleted: true }] };
  assert.deepEqual(partSelected({ found, selected: 4, annotated: null, annotations }), [10, 40]);
  assert.deepEqual(partSelected({ found, selected: 4, annotated: "a", annotations }), [5, 9]);
  assert.deepEqual(partSelected({ found, selected: 4, annotated: "b", annotations }), [10, 40]);
  assert.equal(partSelected({ found: null, selected: null, annotated: null, annotations: null }), null);
});

Deno.test("speeds and times read well", () => {
  assert.deepEqual([1, 0.25, -2].map(speedText), ["1×", "0.25×", "−2×"]);
  assert.deepEqual([0, 59.5, 61.25, 600].map(timeText), ["0.000 s", "59.500 s", "1:01.250", "10:00.000"]);
});

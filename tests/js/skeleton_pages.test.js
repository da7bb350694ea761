// @ts-check
import { strict as assert } from "node:assert";
import { PosePages, readMessage, wantedRange } from "nightjar/clip/skeleton/pages.js";
import { message, RECORD, walker } from "./skeleton_packing.js";

Deno.test("boxes, joints and scores are read where they lie", () => {
  const pages = new PosePages();
  pages.take(message([{ start: 4, frames: 4, there: { 0: walker, 2: (n) => (n === 6 ? null : walker(n)) } }]));
  assert.deepEqual(pages.box(0, 5), [5, 2, 10, 40]);
  assert.deepEqual(pages.joint(2, 7, 0)?.slice(0, 2), [7.25, 10.5]);
  assert.deepEqual(pages.joint(2, 7, 1), [-3, 7, 1]);
  assert.ok(Math.abs((pages.joint(0, 4, 0)?.[2] ?? 0) - 0.6) < 0.002);
  assert.deepEqual([pages.frames, pages.people, pages.joints], [10, 3, 2]);
});

Deno.test("absent people, absent pages and frames outside the clip hold nothing", () => {
  const pages = new PosePages();
  pages.take(message([{ start: 4, frames: 4, there: { 2: (n) => (n === 6 ? null : walker(n)) } }]));
  for (const [person, frame] of [[2, 6], [1, 5], [2, 3], [2, 8], [2, -1]]) {
    assert.equal(pages.box(person, frame), null);
    assert.equal(pages.joint(person, frame, 0), null);
    assert.equal(pages.isThere(person, frame), false);
  }
  assert.equal(pages.isThere(2, 5), true);
});

Deno.test("an odd number of people keeps the numbers aligned, and the last page may be short", () => {
  const pages = new PosePages();
  const there = { 0: walker, 1: walker, 2: walker };
  pages.take(message([{ start: 0, frames: 4, there }, { start: 8, frames: 2, there }]));
  for (const person of [0, 1, 2]) assert.deepEqual(pages.box(person, 9), [9, 2, 14, 40]);
  assert.deepEqual([pages.has(0), pages.has(5), pages.has(9)], [true, false, true]);
});

Deno.test("what is no such message, of another version or cut off, is refused", () => {
  const whole = message([{ start: 0, frames: 4, there: { 0: walker } }]);
  assert.throws(() => readMessage(new ArrayBuffer(8)), /Expected packed skeletons/);
  assert.throws(() => readMessage(whole.slice(0, whole.byteLength - 8)), /cut off/);
  const other = whole.slice(0);
  new DataView(other).setUint16(4, 9, true);
  assert.throws(() => readMessage(other), /version 1, got 9/);
});

Deno.test("the page farthest from the frame on screen is forgotten first, and its bytes with it", () => {
  const pages = new PosePages();
  const there = { 0: walker };
  pages.take(message([{ start: 0, frames: 4, there }, { start: 4, frames: 4, there }, { start: 8, frames: 2, there }]));
  const all = pages.bytes;
  pages.forgetFarthest(9);
  assert.deepEqual([pages.has(0), pages.has(4), pages.has(8), pages.count], [false, true, true, 2]);
  assert.equal(pages.bytes, all - 4 * RECORD);
});

Deno.test("the page on screen is asked for first, then those around it, in whole pages", () => {
  const held = new Set();
  const has = (/** @type {number} */ frame) => held.has(Math.floor(frame / 256));
  assert.deepEqual(wantedRange(600, 18000, 256, has), [512, 1536]);
  held.add(2);
  assert.deepEqual(wantedRange(600, 18000, 256, has), [768, 1536]);
  for (const page of [3, 4, 5]) held.add(page);
  assert.deepEqual(wantedRange(600, 18000, 256, has), [256, 512]);
  held.add(1);
  assert.equal(wantedRange(600, 18000, 256, has), null);
  assert.deepEqual(wantedRange(17999, 18000, 256, has), [17920, 18000]);
});

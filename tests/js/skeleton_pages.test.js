// @ts-check
import { strict as assert } from "node:assert";
import { PosePages, readMessage, wantedRange } from "nightjar/clip/skeleton/pages.js";

const [JOINTS, UNITS, PAGE] = [2, 16, 4];
const RECORD = 18; // 8 bytes of box, 8 of joints, 2 scores

/**
 * Packs people as docs/formats.md has it, by hand.
 * @param {{start: number, frames: number, there: Record<number, (frame: number) => number[] | null>}[]} pages
 *   for each person a function from the frame to [x1, y1, x2, y2, x, y, x, y, score, score]
 */
function message(pages, frames = 10, people = 3) {
  const parts = pages.map(({ start, frames, there }) => {
    const keys = Object.keys(there).map(Number);
    const head = 12 + 4 * Math.ceil(keys.length / 2);
    const size = head + Math.ceil((keys.length * frames * RECORD) / 4) * 4;
    const view = new DataView(new ArrayBuffer(size));
    view.setUint32(0, start, true);
    view.setUint16(4, frames, true);
    view.setUint16(6, keys.length, true);
    view.setUint32(8, size, true);
    keys.forEach((key, row) => {
      view.setUint16(12 + 2 * row, key, true);
      for (let n = 0; n < frames; n++) {
        const at = head + (row * frames + n) * RECORD;
        const values = there[key](start + n);
        for (let i = 0; i < 8; i++) view.setInt16(at + 2 * i, values ? Math.round(values[i] * UNITS) : -32768, true);
        for (let i = 0; i < 2; i++) view.setUint8(at + 16 + i, values ? Math.round(values[8 + i] * 255) : 0);
      }
    });
    return new Uint8Array(view.buffer);
  });
  const head = new DataView(new ArrayBuffer(32 + 4 * parts.length));
  [..."NJPS"].forEach((letter, i) => head.setUint8(i, letter.charCodeAt(0)));
  [1, UNITS, JOINTS, PAGE, 32, RECORD].forEach((value, i) => head.setUint16(4 + 2 * i, value, true));
  [people, frames, parts.length, pages[0]?.start ?? 0].forEach((value, i) => head.setUint32(16 + 4 * i, value, true));
  let at = head.byteLength;
  parts.forEach((part, i) => {
    head.setUint32(32 + 4 * i, at, true);
    at += part.byteLength;
  });
  const bytes = new Uint8Array(at);
  bytes.set(new Uint8Array(head.buffer));
  at = head.byteLength;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes.buffer;
}

const walker = (/** @type {number} */ n) => [n, 2, n + 5, 40, n + 0.25, 10.5, -3, n, 0.6, 1];

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

// @ts-check
import { strict as assert } from "node:assert";
import { FrameClock } from "nightjar/clip/frames.js";

const EVEN = Array.from({ length: 91 }, (_, i) => i * 1001 / 30000);
const UNEVEN = [0, 0.04, 0.05, 0.3, 0.301, 1];

for (const [name, times] of /** @type {[string, number[]][]} */ ([["30000/1001", EVEN], ["variable", UNEVEN]])) {
  Deno.test(`${name}: the middle of each frame lies in that frame`, () => {
    const clock = new FrameClock(times);
    for (let n = 0; n < clock.count; n += 1) assert.equal(clock.at(clock.middle(n)), n);
  });

  Deno.test(`${name}: a stamp rounded either way still names its frame`, () => {
    const clock = new FrameClock(times);
    for (let n = 0; n < clock.count; n += 1) {
      for (const off of [-4e-4, -1e-6, 0, 1e-6, 4e-4]) assert.equal(clock.presented(times[n] + off), n);
    }
  });
}

Deno.test("a moment on a border belongs to the frame that starts there", () => {
  const clock = new FrameClock(UNEVEN);
  assert.equal(clock.at(0.05), 2);
  assert.equal(clock.at(0.0499), 1);
});

Deno.test("moments outside the clip give its first and last frame", () => {
  const clock = new FrameClock(UNEVEN);
  assert.equal(clock.at(-1), 0);
  assert.equal(clock.at(9), 4);
  assert.equal(clock.clamp(-3), 0);
  assert.equal(clock.clamp(99), 4);
});

Deno.test("a clip of one frame works", () => {
  const clock = new FrameClock([0, 0.04]);
  assert.deepEqual([clock.count, clock.middle(0), clock.presented(0.03)], [1, 0.02, 0]);
});

Deno.test("a table without a frame is refused", () => {
  assert.throws(() => new FrameClock([0]), RangeError);
});

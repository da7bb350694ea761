// @ts-check
import { strict as assert } from "node:assert";
import { FrameClock } from "nightjar/clip/frames.js";
import { beginning, frameBack, rangeWithin, shuttled, SPEEDS, speedBeside, verdictOn } from "nightjar/clip/shuttle_model.js";

const TENTHS = new FrameClock(Array.from({ length: 101 }, (_, i) => i / 10));

Deno.test("speeds go from a tenth to four, one after the other, and stop at the ends", () => {
  let rate = SPEEDS[0];
  const seen = [rate];
  while (speedBeside(rate, 1) !== rate) seen.push(rate = speedBeside(rate, 1));
  assert.deepEqual(seen, SPEEDS);
  assert.deepEqual([SPEEDS[0], SPEEDS.at(-1), speedBeside(0.1, -1), speedBeside(1.2, -1), speedBeside(1.2, 1)], [0.1, 4, 0.1, 1, 1.5]);
});

Deno.test("the shuttle gets faster the same way and turns round at once", () => {
  assert.deepEqual([shuttled(0, 1), shuttled(1, 1), shuttled(2, 1), shuttled(4, 1)], [1, 2, 4, 4]);
  assert.deepEqual([shuttled(4, -1), shuttled(-1, -1), shuttled(-4, -1), shuttled(-2, 1)], [-1, -2, -4, 1]);
});

Deno.test("from a speed in between the shuttle goes on to the next", () => {
  assert.deepEqual([shuttled(0.25, 1), shuttled(1.5, 1)], [1, 2]);
});

Deno.test("a part lies inside the clip and is never empty", () => {
  assert.deepEqual([rangeWithin(null, 9), rangeWithin([-4, 99], 9), rangeWithin([5, 5], 9), rangeWithin([20, 30], 9)], [[0, 9], [0, 9], [5, 6], [8, 9]]);
});

Deno.test("play begins where one is, else at the start", () => {
  assert.deepEqual([2, 3, 6, 7, 9].map((frame) => beginning(frame, [3, 8])), [3, 3, 6, 3, 3]);
});

Deno.test("what lies outside of the part is not shown: it begins again or stops on its last frame", () => {
  assert.deepEqual(verdictOn(7, [3, 8], true), { show: true, jump: null, stop: null });
  assert.deepEqual(verdictOn(8, [3, 8], true), { show: false, jump: 3, stop: null });
  assert.deepEqual(verdictOn(9, [3, 8], false), { show: false, jump: null, stop: 7 });
  assert.deepEqual(verdictOn(2, [3, 8], false), { show: false, jump: 3, stop: null });
});

Deno.test("running back takes as long as the frames do, and ends at the first", () => {
  const at = (/** @type {number} */ gone) => frameBack(TENTHS, 50, gone, [10, 60], false);
  assert.deepEqual([at(0), at(0.1), at(1), at(4)].map(({ frame }) => frame), [50, 49, 40, 10]);
  assert.deepEqual([at(4).isOver, at(4.2)], [false, { frame: 10, isOver: true }]);
});

Deno.test("running back in a loop goes on from the end", () => {
  assert.equal(frameBack(TENTHS, 12, 0.26, [10, 20], true).frame, 19);
  for (let gone = 0; gone < 7; gone += 0.01) {
    const { frame, isOver } = frameBack(TENTHS, 12, gone, [10, 20], true);
    assert.ok(frame >= 10 && frame < 20 && !isOver, `${frame} after ${gone}`);
  }
});

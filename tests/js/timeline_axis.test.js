// @ts-check
import { strict as assert } from "node:assert";
import { FrameClock } from "nightjar/clip/frames.js";
import { around, following, frameAt, frameTicks, roundStep, timeText, timeTicks, toX, whole, within, zoomed } from "nightjar/clip/timeline/axis_model.js";

Deno.test("zooming keeps the frame under the pointer where it is", () => {
  for (const factor of [0.5, 0.8, 1.3]) {
    const view = { from: 4000, span: 1000 };
    const closer = zoomed(view, factor, 4300, 18000);
    assert.ok(Math.abs(toX(view, 900, 4300) - toX(closer, 900, 4300)) < 1e-6);
    assert.ok(Math.abs(closer.span - 1000 * factor) < 1e-6);
  }
});

Deno.test("a view never leaves the clip and never shows less than a dozen frames", () => {
  assert.deepEqual(zoomed(whole(300), 4, 150, 300), whole(300));
  assert.equal(zoomed(whole(300), 1e-6, 299, 300).span, 12);
  assert.deepEqual(within({ from: 290, span: 50 }, 300), { from: 250, span: 50 });
  assert.deepEqual(within({ from: 0, span: 5 }, 1), { from: 0, span: 1 });
});

Deno.test("every frame has a place of its own, and the place leads back to it", () => {
  const view = { from: 100.5, span: 40 };
  for (let frame = 101; frame < 140; frame += 1) assert.equal(frameAt(view, 777, toX(view, 777, frame + 0.5), 1000), frame);
  assert.equal(frameAt(whole(300), 500, -20, 300), 0);
  assert.equal(frameAt(whole(300), 500, 900, 300), 299);
});

Deno.test("the view turns a page when the playhead leaves it, and stays while it is inside", () => {
  const view = { from: 100, span: 100 };
  assert.equal(following(view, 150, 1000), view);
  assert.deepEqual(following(view, 200, 1000), { from: 190, span: 100 });
  assert.deepEqual(following(view, 700, 1000), { from: 650, span: 100 });
});

Deno.test("a segment is shown with room around it", () => {
  const { from, span } = around(500, 600, 1000);
  assert.ok(from < 500 && from + span > 600);
});

Deno.test("ticks of frames are round, inside the view, and not too close", () => {
  assert.deepEqual([1, 3, 7, 60, 101].map(roundStep), [1, 5, 10, 100, 200]);
  const ticks = frameTicks({ from: 37, span: 500 }, 800, 18000, 80);
  assert.deepEqual(ticks.map(({ frame }) => frame), [50, 100, 150, 200, 250, 300, 350, 400, 450, 500]);
});

Deno.test("ticks of time stand where their moment is, also with frames of uneven length", () => {
  const clock = new FrameClock([0, 0.5, 1, 1.1, 1.2, 1.3, 2, 2.5, 3, 3.5, 4]);
  const ticks = timeTicks(whole(10), 500, clock, 100);
  assert.deepEqual(ticks.map(({ text }) => text), ["0:00", "0:01", "0:02", "0:03", "0:04"]);
  assert.deepEqual(ticks.map(({ frame }) => Math.round(frame)), [0, 2, 6, 8, 10]);
});

Deno.test("times are written as people read them", () => {
  assert.equal(timeText(65.25, 1), "1:05");
  assert.equal(timeText(65.25, 0.05), "1:05.25");
  assert.equal(timeText(59.9999, 0.01), "1:00.00");
  assert.equal(timeText(3723, 1), "1:02:03");
});

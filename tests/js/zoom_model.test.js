// @ts-check
import { strict as assert } from "node:assert";
import { FIT, MAX_ZOOM, panned, pictureAt, wheelFactor, windowAt, zoomedAt } from "nightjar/clip/zoom_model.js";

/** @param {number[]} a @param {number[]} b */
const near = (a, b) => a.forEach((value, i) => assert.ok(Math.abs(value - b[i]) < 1e-9, `${a} is not ${b}`));

Deno.test("what lies under the pointer stays under it", () => {
  let view = FIT;
  for (const [factor, u, v] of [[2, 0.3, 0.7], [1.7, 0.9, 0.2], [0.6, 0.5, 0.4]]) {
    const before = pictureAt(view, u, v);
    view = zoomedAt(view, factor, u, v);
    near(pictureAt(view, u, v), before);
  }
});

Deno.test("the picture never leaves the window, nor gets smaller than it", () => {
  assert.deepEqual(panned(FIT, 0.3, -0.3), FIT);
  const near4 = zoomedAt(FIT, 4, 0, 0);
  near(Object.values(panned(near4, 9, 9)), [4, 0, 0]);
  near(Object.values(panned(near4, -9, -9)), [4, -3, -3]);
  assert.deepEqual(zoomedAt(zoomedAt(FIT, 3, 0.2, 0.9), 0.01, 0.5, 0.5), FIT);
});

Deno.test("there is a nearest", () => {
  assert.equal(zoomedAt(FIT, 1e6).zoom, MAX_ZOOM);
});

Deno.test("window and picture are each other's way back", () => {
  const view = panned(zoomedAt(FIT, 5, 0.8, 0.1), 0.1, 0.05);
  near(pictureAt(view, ...windowAt(view, 0.37, 0.61)), [0.37, 0.61]);
});

Deno.test("a wheel up and down again ends where it began; a pinch is stronger", () => {
  const wheel = (/** @type {number} */ deltaY, ctrlKey = false) => wheelFactor({ deltaY, deltaMode: 0, ctrlKey });
  near([wheel(100) * wheel(-100)], [1]);
  assert.ok(wheel(-100) > 1 && wheel(-10, true) > wheel(-10));
  assert.equal(wheelFactor({ deltaY: 3, deltaMode: 1, ctrlKey: false }), wheel(54));
});

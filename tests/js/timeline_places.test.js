// @ts-check
import { strict as assert } from "node:assert";
import { barAt, barBeside, barOf, barsOf, lanesOf } from "nightjar/clip/timeline/bars_model.js";
import { course, Curves, readCurves, stepsOf } from "nightjar/clip/timeline/curves_model.js";
import { hit, layOut, rowsOf } from "nightjar/clip/timeline/layout_model.js";
import { doubtsOf, edgeBeside, edgesOf, gapsOf, placeBeside } from "nightjar/clip/timeline/places_model.js";

const WALK = { id: 1, name: "Walk", colour: "#9ef01a" };
const WAVE = { id: 2, name: "Wave", colour: "#a98467" };

/** @param {number} id @param {number} start @param {number} end @param {number} share @param {"prediction" | "correction"} [source] @returns {any} */
const segment = (id, start, end, share, source = "prediction") => ({
  id, start_frame: start, end_frame: end, version: 0,
  predicted: { label: WALK, probability: share, probabilities: [{ label: WALK, probability: share }, { label: WAVE, probability: 1 - share }] },
  current: { label: WALK, source, author: source === "correction" ? "ada" : null, created_at: null },
});

/** @type {any} */
const FOUND = {
  run: { id: 1, people: 2, frames: 300, skeleton: { joints: [], limbs: [] } },
  tracks: [
    { id: 1, index: 0, start_frame: 0, end_frame: 200, segments: [segment(1, 0, 60, 0.9), segment(2, 60, 120, 0.5), segment(3, 150, 200, 0.5, "correction")] },
    { id: 2, index: 1, start_frame: 100, end_frame: 300, segments: [segment(4, 100, 290, 0.55)] },
  ],
};
/** @type {any} */
const ANNOTATIONS = {
  segments: [
    { target: "u1", person: 0, start_frame: 10, end_frame: 50, label: 2, origin: 1 },
    { target: "u2", person: null, start_frame: 0, end_frame: 300, label: 1, origin: null },
    { target: "u3", person: 1000001, start_frame: 5, end_frame: 9, label: 1, origin: null },
    { target: "gone", deleted: true },
  ],
  tracks: [{ target: "t1", kind: "add", person: 1000002, frame: 4 }],
};
const LANES = lanesOf(FOUND, ANNOTATIONS);

Deno.test("the clip and each person have a lane, also people who were drawn", () => {
  assert.deepEqual(LANES.map(({ person }) => person), [null, 0, 1, 1000001, 1000002]);
  assert.deepEqual(barsOf(LANES).map(({ key }) => key), ["d:u2", "p:1", "d:u1", "p:2", "p:3", "p:4", "d:u3"]);
  assert.equal(barOf(LANES, "d:u1")?.label, 2);
  assert.equal(barOf(LANES, "d:gone"), null);
  assert.deepEqual(lanesOf(null, null).map(({ person }) => person), [null]);
});

Deno.test("keys go through all segments, predicted and drawn", () => {
  assert.equal(barBeside(LANES, "p:1", 1)?.key, "d:u1");
  assert.equal(barBeside(LANES, "d:u2", -1)?.key, "d:u2");
  assert.equal(barBeside(LANES, null, 1)?.key, "d:u2");
  assert.equal(barAt(LANES, 0, 20)?.key, "d:u1");
  assert.equal(barAt(LANES, 0, 55)?.key, "p:1");
  assert.equal(barAt(LANES, 0, 130), null);
});

Deno.test("drawn segments that overlap lie in rows of their own", () => {
  assert.deepEqual(rowsOf(/** @type {any} */ ([{ start: 0, end: 10 }, { start: 5, end: 20 }, { start: 10, end: 12 }])), [0, 1, 0]);
});

Deno.test("a pointer finds the edge that is near, else the segment, and of two that touch its own side", () => {
  const layout = layOut(LANES);
  const lane = layout.lanes[1];
  const y = lane.curvesY + 4;
  const at = (/** @type {number} */ x, /** @type {number} */ height = y) => {
    const found = hit(layout, { from: 0, span: 300 }, 600, x, height);
    return found && [found.bar?.key ?? null, found.edge];
  };
  assert.deepEqual(at(60), ["p:1", null]);
  assert.deepEqual(at(118), ["p:1", "end"]);
  assert.deepEqual(at(122), ["p:2", "start"]);
  assert.deepEqual(at(270), [null, null]);
  assert.deepEqual(at(60, lane.y + 3), ["d:u1", null]);
  assert.deepEqual(at(98, lane.y + 3), ["d:u1", "end"]);
  assert.equal(at(60, layout.height + 50), null);
});

Deno.test("edges are reached one after the other, both ways", () => {
  const edges = edgesOf(LANES, 0);
  assert.deepEqual(edges, [0, 10, 50, 60, 120, 150, 200]);
  assert.equal(edgeBeside(edges, 60, 1, 300), 120);
  assert.equal(edgeBeside(edges, 60, -1, 300), 50);
  assert.equal(edgeBeside(edges, 200, 1, 300), null);
  assert.equal(edgeBeside([0, 300], 20, 1, 300), 299);
});

Deno.test("gaps are where a person is there and nothing is said", () => {
  assert.deepEqual(LANES.slice(1, 3).flatMap((lane) => gapsOf(lane)), [
    { person: 0, start: 120, end: 150 },
    { person: 1, start: 290, end: 300 },
  ]);
  assert.equal(placeBeside(LANES.flatMap((lane) => gapsOf(lane)), 130, 1)?.start, 290);
});

Deno.test("doubtful places are those that nobody has judged, least sure first in each stretch", () => {
  const doubts = doubtsOf(LANES, stepsOf(FOUND));
  assert.deepEqual(doubts.map(({ person, start, end }) => [person, start, end]), [[0, 60, 120], [1, 100, 290]]);
  assert.equal(placeBeside(doubts, 0, 1)?.frame, doubts[0].frame);
  assert.equal(placeBeside(doubts, 299, 1), null);
});

Deno.test("window scores are read out of their binary form", () => {
  const buffer = new ArrayBuffer(2 * 12 + 2 * 2);
  const view = new DataView(buffer);
  [0, 30, 90, 1, 0, 60].forEach((value, i) => view.setInt32(4 * i, value, true));
  [255, 0, 51, 204].forEach((value, i) => view.setUint8(24 + i, value));
  const curves = readCurves(buffer, 2, [1, 2]);
  assert.equal(curves.kind, "windows");
  assert.deepEqual(curves.ofPerson(0).map(({ start, end, middle, top }) => [start, end, middle, top]), [[30, 90, 59, 1]]);
  assert.ok(Math.abs(curves.ofPerson(1)[0].shares[1] - 0.8) < 1e-6);
  assert.equal(curves.likeliest(1, 0, 60), 2);
  assert.equal(curves.likeliest(5, 0, 60), null);
  assert.throws(() => readCurves(buffer, 3, [1, 2]), RangeError);
});

Deno.test("a curve of thousands of windows is drawn by few points that keep its peaks", () => {
  const windows = Array.from({ length: 1200 }, (_, n) => ({ person: 0, start: 15 * n, end: 15 * n + 60, shares: [n === 777 ? 1 : 0.2] }));
  const curves = new Curves([1], windows, "windows");
  const points = course(curves.ofPerson(0), 0, 0, 18000, 60, false);
  assert.ok(points.length < 310, String(points.length));
  assert.equal(Math.max(...points.map(({ y }) => y)), 1);
  const near = course(curves.ofPerson(0), 0, 9000, 9100, 0.2, false);
  assert.ok(near.length < 20 && near[0].x < 9000 && near[near.length - 1].x > 9100);
});

Deno.test("the clip's curve is the mean over its people", () => {
  const curves = new Curves([1], [{ person: 0, start: 0, end: 60, shares: [1] }, { person: 1, start: 0, end: 60, shares: [0.5] }], "windows");
  assert.deepEqual(curves.ofClip().map(({ shares }) => shares[0]), [0.75]);
});

// @ts-check
import { strict as assert } from "node:assert";
import { drawnBar } from "nightjar/clip/timeline/bars_model.js";
import { clashes, freePart, limits, rivals } from "nightjar/clip/timeline/overlap_model.js";
import { join, paint, reshape, split } from "nightjar/clip/timeline/plan_model.js";
import { finish, press, release } from "nightjar/clip/timeline/record_model.js";
import { snap } from "nightjar/clip/timeline/snap_model.js";

/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/timeline/overlap_model.js").Rule} Rule */

/** @param {string} target @param {number} start @param {number} end @param {number | null} [person] @param {number} [label] */
const drawn = (target, start, end, person = 0, label = 1) =>
  drawnBar({ target, person, start_frame: start, end_frame: end, label, origin: null });

/** @returns {Bar} */
const predicted = () => ({ ...drawn("", 10, 40), key: "p:7", kind: "predicted", id: 7, target: "", judged: false });

function ids() {
  let n = 0;
  return () => `new${(n += 1)}`;
}

/** What is there after the edits, by uuid. @param {Bar[]} bars @param {import("nightjar/clip/timeline/plan_model.js").Edit[]} edits */
function after(bars, edits) {
  const now = new Map(bars.map(({ target, start, end, label, person }) => [target, { start_frame: start, end_frame: end, label, person }]));
  for (const { kind, target, data } of edits) {
    if (kind === "segment.create") assert.ok(!now.has(target));
    else assert.ok(now.has(target));
    if (kind === "segment.delete") now.delete(target);
    else now.set(target, /** @type {any} */ ({ ...now.get(target), ...data }));
  }
  return [...now.values()].map(({ start_frame, end_frame, label, person }) => ({ start: start_frame, end: end_frame, label, person }))
    .sort((a, b) => a.start - b.start || Number(a.person) - Number(b.person));
}

Deno.test("what is dragged goes to frames, and to edges and the playhead where they are near", () => {
  const near = { edges: [20, 50], playhead: 34, reach: 3 };
  assert.deepEqual(snap(26.4, near), { frame: 26, to: "frame" });
  assert.deepEqual(snap(22.4, near), { frame: 20, to: "edge" });
  assert.deepEqual(snap(33, near), { frame: 34, to: "playhead" });
  assert.deepEqual(snap(35.4, near), { frame: 35, to: "playhead" });
  assert.deepEqual(snap(22.4, near, false), { frame: 22, to: "frame" });
});

Deno.test("each rule lets edges go as far as it says", () => {
  const all = [drawn("a", 10, 20), drawn("b", 30, 40), drawn("c", 22, 28, 1)];
  const reach = (/** @type {Rule} */ rule) => limits(all[0], "end", rivals(all, rule, 0, "d:a"), 100);
  assert.deepEqual(reach("allow"), [11, 100]);
  assert.deepEqual(reach("per_person"), [11, 30]);
  assert.deepEqual(reach("forbid"), [11, 22]);
  assert.deepEqual(limits(all[1], "start", rivals(all, "forbid", 0, "d:b"), 100), [28, 39]);
});

Deno.test("a segment that is put between others takes what is free there, or nothing", () => {
  const others = [drawn("a", 10, 20), drawn("b", 30, 40)];
  assert.deepEqual(freePart({ start: 5, end: 60 }, 25, others), { start: 20, end: 30 });
  assert.equal(freePart({ start: 5, end: 60 }, 30, others), null);
});

Deno.test("clashes are found by the rule that holds now", () => {
  const all = [drawn("a", 10, 20), drawn("b", 15, 30), drawn("c", 18, 19, 1)];
  assert.deepEqual([...clashes(all, "per_person")].sort(), ["d:a", "d:b"]);
  assert.equal(clashes(all, "forbid").size, 3);
  assert.equal(clashes(all, "allow").size, 0);
});

Deno.test("another edge of a prediction makes a drawn segment above it; a drawn one is changed", () => {
  const plan = reshape(predicted(), { end: 35 }, ids());
  assert.deepEqual(plan.edits, [{ kind: "segment.create", target: "new1", data: { person: 0, start_frame: 10, end_frame: 35, label: 1, origin: 7 } }]);
  assert.deepEqual(reshape(drawn("a", 10, 40), { end: 35 }, ids()).edits, [{ kind: "segment.change", target: "a", data: { end_frame: 35 } }]);
  assert.deepEqual(reshape(drawn("a", 10, 40), { end: 40, label: 1 }, ids()).edits, []);
});

Deno.test("parting and joining keep every frame", () => {
  const one = drawn("a", 10, 40);
  const parted = split(one, 25, ids());
  assert.deepEqual(after([one], parted.edits).map(({ start, end }) => [start, end]), [[10, 25], [25, 40]]);
  assert.deepEqual(split(one, 10, ids()).edits, []);
  assert.deepEqual(split(predicted(), 25, ids()).edits.map(({ data }) => data.origin), [7, 7]);
  const [a, b] = [drawn("a", 10, 20), drawn("b", 30, 40, 0, 2)];
  assert.deepEqual(after([a, b], join(a, b, ids()).edits), [{ start: 10, end: 40, label: 1, person: 0 }]);
});

Deno.test("a stroke cuts what it may not overlap, and grows what has its label", () => {
  const before = [drawn("a", 0, 50, 0, 2), drawn("b", 60, 70, 0, 1), drawn("c", 72, 75, 0, 3), drawn("d", 20, 30, 1, 2)];
  const wanted = { person: 0, start: 20, end: 30, label: 1 };
  const spans = (/** @type {Rule} */ rule, /** @type {Partial<typeof wanted>} */ more = {}) =>
    after(before, paint({ ...wanted, ...more }, before, rule, ids()).edits).map(({ start, end, label, person }) => `${person}:${label}:${start}-${end}`);
  assert.deepEqual(spans("per_person"), ["0:2:0-20", "0:1:20-30", "1:2:20-30", "0:2:30-50", "0:1:60-70", "0:3:72-75"]);
  assert.deepEqual(spans("forbid"), ["0:2:0-20", "0:1:20-30", "0:2:30-50", "0:1:60-70", "0:3:72-75"]);
  assert.deepEqual(spans("allow"), ["0:2:0-50", "0:1:20-30", "1:2:20-30", "0:1:60-70", "0:3:72-75"]);
  assert.deepEqual(spans("per_person", { start: 45, end: 74 }), ["1:2:20-30", "0:2:0-45", "0:1:45-74", "0:3:74-75"].sort((a, b) => Number(a.split(":")[2].split("-")[0]) - Number(b.split(":")[2].split("-")[0])));
});

Deno.test("strokes never leave a clash behind, whatever was there", () => {
  let seed = 7;
  const random = (/** @type {number} */ n) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
  const newId = ids();
  for (const rule of /** @type {Rule[]} */ (["per_person", "forbid"])) {
    /** @type {Bar[]} */
    let bars = [];
    for (let i = 0; i < 200; i += 1) {
      const start = random(90);
      const plan = paint({ person: random(3), start, end: start + 1 + random(20), label: random(3) }, bars, rule, newId);
      const now = new Map(bars.map((bar) => [bar.target, bar]));
      for (const { kind, target, data } of plan.edits) {
        if (kind === "segment.delete") now.delete(target);
        else {
          const had = now.get(target);
          const base = had ? { person: had.person, start_frame: had.start, end_frame: had.end, label: had.label, origin: null } : {};
          now.set(target, drawnBar(/** @type {any} */ ({ target, ...base, ...data })));
        }
      }
      bars = [...now.values()];
      assert.ok(bars.every(({ start, end }) => start < end));
      assert.equal(clashes(bars, rule).size, 0);
    }
  }
});

Deno.test("a tapped key begins and ends a label, a held one lasts as long as it is held", () => {
  let step = press(null, 1, 10, 0);
  step = release(step.open, 1, 12, 100);
  assert.deepEqual(step, { open: { label: 1, from: 10, since: 0 }, done: null });
  assert.deepEqual(press(step.open, 1, 40, 900), { open: null, done: { label: 1, start: 10, end: 41 } });
  const other = press(step.open, 2, 40, 900);
  assert.deepEqual(other, { open: { label: 2, from: 40, since: 900 }, done: { label: 1, start: 10, end: 40 } });
  assert.deepEqual(release(other.open, 2, 60, 1900), { open: null, done: { label: 2, start: 40, end: 61 } });
  assert.deepEqual(finish(other.open, 30).done, { label: 2, start: 30, end: 41 });
  assert.equal(finish(null, 30).done, null);
});

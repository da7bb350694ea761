// @ts-check
import { strict as assert } from "node:assert";
import { pathOf, scaleOf } from "nightjar/training/chart.js";
import { applyTraining, change, classRows, compact, runToShow, shares, standardError, withEpoch, withJob, withoutHeldOut } from "nightjar/training/model.js";

/** @returns {any} */
const metrics = () => ({
  accuracy: 0.7, macro_f1: 0.6, macro_recall: 0.6, count: 10,
  per_class: {
    Walk: { precision: 1, recall: 0.8, f1: 0.89, support: 5 },
    Run: { precision: 0.5, recall: 0.6, f1: 0.55, support: 5 },
    Pour: { precision: 0, recall: 0, f1: 0, support: 0 },
    Drink: { precision: 0, recall: 0, f1: 0, support: 0 },
  },
  confusion: { labels: ["Walk", "Run", "Pour", "Drink"], counts: [[4, 1, 0, 0], [0, 3, 2, 0], [0, 0, 0, 0], [0, 0, 0, 0]] },
});

/** @param {number} id @param {object} [more] @returns {any} */
const run = (id, more = {}) => ({ id, state: "done", metrics: metrics(), curves: [], job: null, candidate: { id, state: "retired" }, ...more });

Deno.test("a version that waits for a decision is shown before newer ones", () => {
  const runs = [run(3), run(2, { candidate: { id: 2, state: "candidate" } }), run(1)];
  assert.equal(runToShow(runs, null)?.id, 2);
  assert.equal(runToShow(runs, 1)?.id, 1);
  assert.equal(runToShow([run(4, { state: "failed", metrics: {} })], null), null);
});

Deno.test("moves within one standard error are called neither better nor worse", () => {
  const error = standardError(0.7, 45);
  assert.ok(Math.abs(error - 0.0683) < 1e-3);
  assert.deepEqual(change(0.72, 0.7, error), { text: "+2.0", tone: "same" });
  assert.deepEqual(change(0.9, 0.7, error), { text: "+20.0", tone: "better" });
  assert.deepEqual(change(0.5, 0.7, error), { text: "−20.0", tone: "worse" });
  assert.deepEqual(change(0.5, undefined), { text: "", tone: "same" });
  assert.equal(standardError(0.5, 0), 0);
});

Deno.test("the matrix leaves out what neither occurs nor is said", () => {
  assert.deepEqual(compact(metrics().confusion), { labels: ["Walk", "Run", "Pour"], counts: [[4, 1, 0], [0, 3, 2], [0, 0, 0]] });
});

Deno.test("rows of the matrix are coloured by shares of the truth", () => {
  assert.deepEqual(shares([4, 1, 0]), [0.8, 0.2, 0]);
  assert.deepEqual(shares([0, 0]), [0, 0]);
});

Deno.test("labels without held-out examples are named where they were given", () => {
  assert.deepEqual(withoutHeldOut(metrics()), ["Pour"]);
  assert.deepEqual(classRows(metrics(), {}).map(({ name, before }) => [name, before]), [["Walk", null], ["Run", null], ["Pour", null]]);
});

Deno.test("epochs are added once and in order", () => {
  const curves = withEpoch(withEpoch([{ epoch: 1 }], { epoch: 2 }), { epoch: 2, train_loss: 1 });
  assert.deepEqual(curves, [{ epoch: 1 }, { epoch: 2, train_loss: 1 }]);
});

Deno.test("an epoch is drawn from the event, a new state is read", () => {
  const runs = [run(1, { state: "running" })];
  const step = applyTraining(runs, { kind: "training", id: 1, state: "running", epoch: { epoch: 1 } });
  assert.deepEqual([step.mustRead, step.runs[0].curves.length], [false, 1]);
  assert.equal(applyTraining(runs, { kind: "training", id: 1, state: "done" }).mustRead, true);
  assert.equal(applyTraining(runs, { kind: "training", id: 9, state: "queued" }).mustRead, true);
});

Deno.test("progress reaches the work that the job belongs to", () => {
  const job = { id: 5, state: "queued", stage: "", progress: 0, error_message: "" };
  const [one, other] = withJob([{ job }, { job: null }], { kind: "job", id: 5, state: "running", stage: "training", progress: 0.5 });
  assert.deepEqual([one.job?.progress, one.job?.state, other.job], [0.5, "running", null]);
});

Deno.test("chart scales enclose the values with round steps", () => {
  assert.deepEqual(scaleOf([0.7, 2.1]), { low: 0.5, high: 2.5, ticks: [0.5, 1, 1.5, 2, 2.5] });
  assert.deepEqual(scaleOf([], { from: 0, to: 1 }).ticks, [0, 0.5, 1]);
  for (const values of [[], [3], [1e-9, 2e-9], [-5, 5]]) {
    const { low, high, ticks } = scaleOf(values);
    assert.ok(low < high && ticks.length > 0 && ticks.length < 9, JSON.stringify([values, low, high, ticks]));
  }
});

Deno.test("paths go through their points", () => {
  assert.equal(pathOf([[1, 2], [3, 4]], (x) => x * 10, (y) => y), "M10.0 2.0L30.0 4.0");
});

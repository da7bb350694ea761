// @ts-check
import { strict as assert } from "node:assert";
import { Actions } from "nightjar/clip/actions.js";
import { rowsOf } from "nightjar/clip/sheet_model.js";

/** @param {string} id @param {string[]} keys @param {object} [more] */
const action = (id, keys, more = {}) => ({ id, group: "Play", name: id, keys, run: () => id, ...more });

Deno.test("a press finds its action under any of its names", () => {
  const actions = new Actions();
  actions.add(action("edges", ["Shift+["]));
  assert.equal(actions.find(["{", "Shift+["])?.id, "edges");
  assert.equal(actions.find(["["]), null);
});

Deno.test("an action that asks when borrows a key while it can be done", () => {
  const actions = new Actions();
  let isDragging = false;
  actions.addAll([action("play", ["Space"]), action("drop", ["Space"], { when: () => isDragging })]);
  assert.equal(actions.find(["Space"])?.id, "play");
  isDragging = true;
  assert.equal(actions.find(["Space"])?.id, "drop");
});

Deno.test("what cannot be done now is neither found nor run", () => {
  const actions = new Actions();
  actions.add(action("accept", ["Enter"], { when: () => false }));
  assert.equal(actions.find(["Enter"]), null);
  assert.equal(actions.run("accept"), undefined);
  assert.equal(actions.canRun("accept"), false);
});

Deno.test("an action that is merely possible does not borrow, but leaves its key where it is not", () => {
  const actions = new Actions();
  let [canAccept, isDrawing] = [true, true];
  actions.addAll([action("accept", ["Enter"], { can: () => canAccept }), action("drawn", ["Enter"], { when: () => isDrawing })]);
  assert.equal(actions.find(["Enter"])?.id, "drawn");
  isDrawing = false;
  assert.equal(actions.find(["Enter"])?.id, "accept");
  canAccept = false;
  assert.equal(actions.find(["Enter"]), null);
});

Deno.test("a bound key takes the place of the usual one, is told, and can be given back", () => {
  /** @type {object[]} */
  const kept = [];
  const actions = new Actions({}, (own) => kept.push(own));
  actions.add(action("play", ["Space", "K"]));
  actions.rebind("play", ["shift+p"]);
  assert.deepEqual(actions.keysOf("play"), ["Shift+P"]);
  assert.equal(actions.find(["Space"]), null);
  actions.rebind("play", null);
  assert.deepEqual(actions.keysOf("play"), ["Space", "K"]);
  assert.deepEqual(kept, [{ play: ["Shift+P"] }, {}]);
});

Deno.test("keys that a person kept hold before the action is there", () => {
  const actions = new Actions({ play: ["Q"] });
  actions.add(action("play", ["Space"]));
  assert.equal(actions.find(["Q"])?.id, "play");
});

Deno.test("two actions with one key are a conflict, one that borrows it by itself is none", () => {
  const actions = new Actions();
  actions.addAll([action("a", ["A"]), action("b", ["B"]), action("c", ["A"], { when: () => false })]);
  assert.deepEqual([...actions.conflicts()], []);
  actions.rebind("b", ["A"]);
  assert.deepEqual(actions.conflicts().get("A"), ["a", "b", "c"]);
});

Deno.test("keys of labels are given elsewhere and cannot be bound here", () => {
  const actions = new Actions({ "label.1": ["Q"] });
  actions.add(action("label.1", ["1"], { fixed: true }));
  assert.deepEqual(actions.keysOf("label.1"), ["1"]);
});

Deno.test("an action that was taken away is gone, but not one that came in its place", () => {
  const actions = new Actions();
  const off = actions.add(action("a", ["A"]));
  actions.add(action("a", ["B"]));
  off();
  assert.equal(actions.find(["B"])?.id, "a");
});

Deno.test("the sheet finds actions by name, group or key, and names rivals", () => {
  const actions = new Actions();
  actions.addAll([action("One frame back", ["ArrowLeft"]), action("Skeleton", ["H"], { group: "See" }), action("Heat", ["H"], { group: "See" })]);
  assert.deepEqual(rowsOf(actions, "←").map(({ rows }) => rows[0].id), ["One frame back"]);
  assert.deepEqual(rowsOf(actions, "see ske").flatMap(({ rows }) => rows.map(({ id }) => id)), ["Skeleton"]);
  assert.deepEqual(rowsOf(actions, "heat")[0].rows[0].rivals, ["Skeleton"]);
  assert.deepEqual(rowsOf(actions, "nothing"), []);
  actions.add(action("Select", [], { run: (/** @type {any} */ _event, /** @type {any} */ element) => element }));
  assert.deepEqual(rowsOf(actions, "select"), []);
});

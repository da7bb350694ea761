// @ts-check
import { strict as assert } from "node:assert";
import { newId } from "nightjar/clip/edits/ids.js";
import { labelThings, withLabels } from "nightjar/clip/edits/labels_model.js";
import { combined, isPossible, rowsOf } from "nightjar/clip/edits/merge_model.js";
import { after } from "nightjar/clip/edits/model.js";
import { othersOf } from "nightjar/clip/edits/presence_model.js";
import { statusOf } from "nightjar/clip/edits/status_model.js";
import { editText, thingText } from "nightjar/clip/edits/words_model.js";

const LABELS = [{ id: 3, name: "Walk", colour: "#9ef01a" }, { id: 4, name: "Run", colour: "#ff9f1c" }];
const SEGMENT = { target: "s", version: 1, person: 0, start_frame: 10, end_frame: 20, label: 3, origin: null };

/** @param {any} [more] */
const status = (more) => statusOf({ phase: "idle", waiting: 0, here: 0, clash: null, refused: null, isLeaking: false, hasSaved: true, ...more });

Deno.test("how saving stands is told with what helps", () => {
  assert.deepEqual([status().state, status({ hasSaved: false }).text], ["saved", ""]);
  assert.equal(status({ phase: "sending", waiting: 1 }).text, "Saving…");
  assert.equal(status({ phase: "offline", waiting: 3 }).text, "3 edits wait for the connection");
  assert.equal(status({ phase: "offline", waiting: 1 }).text, "1 edit waits for the connection");
  const login = status({ phase: "login", waiting: 2 });
  assert.deepEqual([login.text, login.remedy?.id], ["2 edits are kept in this browser", "login"]);
  assert.match(status({ phase: "forbidden", waiting: 2 }).more, /admin/);
  assert.equal(status({ phase: "stranger", waiting: 2 }).remedy?.id, "login");
});

Deno.test("a decision comes before everything else, and may lie in another clip", () => {
  const here = status({ phase: "offline", waiting: 2, clash: { video: 5, isHere: true }, refused: { count: 1, message: "no" } });
  assert.deepEqual([here.state, here.remedy?.id], ["conflict", "compare"]);
  const there = status({ waiting: 2, clash: { video: 5, isHere: false } });
  assert.deepEqual([there.remedy?.id, there.remedy?.video], ["open", 5]);
  assert.deepEqual([status({ refused: { count: 2, message: "no" } }).text, status({ refused: { count: 2, message: "no" } }).more], ["2 edits were refused", "no"]);
});

Deno.test("a browser that keeps nothing is warned of while something waits", () => {
  assert.match(status({ phase: "sending", waiting: 1, isLeaking: true }).more, /leave the page open/);
  assert.equal(status({ isLeaking: true }).more, "");
});

Deno.test("what both changed is one's own first, what only they changed stays theirs", () => {
  const mine = { ...SEGMENT, end_frame: 30, version: 2 };
  const theirs = { ...SEGMENT, end_frame: 50, label: 4, version: 2, author: "bob" };
  const rows = rowsOf(SEGMENT, mine, theirs);
  assert.deepEqual(rows.map(({ name, differs, pick }) => [name, differs, pick]), [["label", true, "theirs"], ["person", false, "theirs"], ["start_frame", false, "theirs"], ["end_frame", true, "mine"]]);
  const joined = combined(theirs, rows, {});
  assert.deepEqual([joined.label, joined.end_frame, joined.version], [4, 30, 2]);
  assert.equal(combined(theirs, rows, { end_frame: "theirs" }).end_frame, 50);
  assert.deepEqual(rowsOf(SEGMENT, { ...mine, deleted: true }, theirs), []);
});

Deno.test("a segment that would end before it starts cannot be saved", () => {
  const rows = rowsOf(SEGMENT, { ...SEGMENT, start_frame: 40, end_frame: 50 }, { ...SEGMENT, end_frame: 30 });
  assert.equal(isPossible(combined(SEGMENT, rows, { start_frame: "mine", end_frame: "theirs" })), false);
  assert.equal(isPossible(combined(SEGMENT, rows, { start_frame: "theirs", end_frame: "mine" })), true);
});

Deno.test("edits are told as people would", () => {
  const change = { kind: "segment.change", target: "s", data: { end_frame: 31, label: 4 }, entity: { ...SEGMENT, end_frame: 31, label: 4 } };
  assert.equal(editText(change, SEGMENT, LABELS), "Changed Run: Label from Walk to Run, Last frame from 19 to 30");
  assert.equal(editText({ kind: "segment.create", target: "s", data: SEGMENT, entity: SEGMENT }, null, LABELS), "Drew Walk, Person 1, frames 10 to 19");
  assert.equal(editText({ kind: "track.swap", target: "t", data: {}, entity: { target: "t", version: 1, kind: "swap", person: 0, other: 1, frame: 7 } }, null, LABELS), "Person 1 and Person 2 swapped from frame 7 on");
  assert.equal(editText({ kind: "label.give", target: "12", data: { label: null } }, null, LABELS), "Took back the label: the prediction counts");
  assert.equal(thingText("segment", { ...SEGMENT, deleted: true }, LABELS), "Deleted");
  assert.equal(thingText("review", { target: "clip", version: 1, decision: "send_back", comment: "look" }, LABELS), "Sent back: “look”");
});

/** @returns {any} */
function found() {
  const predicted = { label: LABELS[0], probability: 0.9, probabilities: [] };
  const current = { label: LABELS[0], source: "prediction", author: null, created_at: null };
  return { run: null, classifier: null, poses_url: null, tracks: [{ id: 1, index: 0, start_frame: 0, end_frame: 9, segments: [{ id: 12, start_frame: 0, end_frame: 9, version: 1, predicted, current }] }] };
}

Deno.test("a label that waits is shown, under the version that the server has", () => {
  const [thing] = labelThings(found());
  const give = { id: "e", kind: "label.give", target: "12", data: { label: 4 }, if_version: 1, made_at: "now", author: "ada" };
  const shown = withLabels(found(), { 12: after(thing, give) }, LABELS).tracks[0].segments[0];
  assert.deepEqual([shown.current?.label.name, shown.current?.source, shown.current?.author, shown.version], ["Run", "correction", "ada", 1]);
  const back = withLabels(found(), { 12: after(after(thing, give), { ...give, data: { label: null } }) }, LABELS).tracks[0].segments[0];
  assert.deepEqual([back.current?.label.name, back.current?.source], ["Walk", "prediction"]);
});

Deno.test("where nothing waits the clip's people stay the same object", () => {
  const same = found();
  assert.equal(withLabels(same, Object.fromEntries(labelThings(same).map((thing) => [thing.target, thing])), LABELS), same);
});

Deno.test("each other person is shown once, and never oneself", () => {
  const person = (/** @type {string} */ sid, /** @type {number} */ user, /** @type {string} */ username, editing = false) => ({ sid, user, username, editing, frame: 3, person: null });
  const people = [person("a", 1, "ada"), person("b", 1, "ada"), person("c", 2, "cyd"), person("d", 3, "bob"), person("e", 2, "cyd", true)];
  assert.deepEqual(othersOf({ you: "a", people }, 1).map(({ sid, username }) => [sid, username]), [["d", "bob"], ["e", "cyd"]]);
});

Deno.test("ids are UUIDs and differ", () => {
  const ids = Array.from({ length: 50 }, newId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(ids).size, 50);
});

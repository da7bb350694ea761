// @ts-check
import { strict as assert } from "node:assert";
import { annotationsOf, apply, applyAll, docFrom, emptyDoc, inverse, isThere, labelThing, stepBetween, thingOf, withThing } from "nightjar/clip/edits/model.js";

/** @typedef {import("nightjar/clip/edits/model.js").Edit} Edit */

let count = 0;
/** @param {string} kind @param {string} target @param {Record<string, any>} [data] @param {any} [more] @returns {Edit} */
function edit(kind, target, data = {}, more = {}) {
  count += 1;
  return { id: `e${count}`, kind, target, data, if_version: 0, made_at: "2026-11-23T00:00:00Z", author: "ada", ...more };
}

const SEGMENT = { person: 0, start_frame: 10, end_frame: 20, label: 3, origin: null };

/** A clip with one thing of every family. */
function clip() {
  return applyAll(emptyDoc(), [
    edit("segment.create", "s", SEGMENT),
    edit("pose.set", "0:7", { joints: { nose: [1, 2, "seen"] }, keyframe: true }),
    edit("track.swap", "t", { person: 0, frame: 5, other: 1 }),
    edit("comment.add", "c", { frame: 5, person: null, text: "who?" }),
    edit("review.decide", "clip", { decision: "accept", comment: "" }),
    edit("label.give", "12", { label: 3 }),
  ]);
}

Deno.test("an edit counts on its thing and leaves everything else the same", () => {
  const before = clip();
  const after = apply(before, edit("segment.change", "s", { end_frame: 30 }));
  assert.deepEqual([thingOf(after, edit("segment.change", "s"))?.end_frame, thingOf(after, edit("segment.change", "s"))?.version], [30, 2]);
  assert.equal(thingOf(before, edit("segment.change", "s"))?.end_frame, 20);
  assert.equal(annotationsOf(after).poses, annotationsOf(before).poses);
  assert.notEqual(annotationsOf(after).segments, annotationsOf(before).segments);
});

/** @type {[string, Edit][]} */
const EVERY_KIND = [
  ["segment.create", edit("segment.create", "new", SEGMENT)],
  ["segment.change", edit("segment.change", "s", { start_frame: 2, label: 4 })],
  ["segment.delete", edit("segment.delete", "s")],
  ["pose.set", edit("pose.set", "0:7", { joints: { nose: [5, 6, "occluded"] }, keyframe: true })],
  ["pose.set where there was none", edit("pose.set", "0:8", { joints: {}, keyframe: true })],
  ["pose.clear", edit("pose.clear", "0:7")],
  ["track.delete", edit("track.delete", "u", { person: 1, frame: 9 })],
  ["track.merge", edit("track.merge", "u", { person: 1, frame: 9, other: 2 })],
  ["track.split", edit("track.split", "u", { person: 1, frame: 9, other: 1_000_000 })],
  ["track.swap", edit("track.swap", "u", { person: 1, frame: 9, other: 2 })],
  ["track.add", edit("track.add", "u", { person: 1_000_001, frame: 9, box_xyxy: [1, 2, 3, 4], estimate: null })],
  ["track.clear", edit("track.clear", "t")],
  ["comment.add", edit("comment.add", "d", { frame: 1, person: 0, text: "look" })],
  ["comment.resolve", edit("comment.resolve", "c", { resolved: true })],
  ["comment.delete", edit("comment.delete", "c")],
  ["review.decide", edit("review.decide", "clip", { decision: "send_back", comment: "again" })],
  ["review.decide on what nobody decided", edit("review.decide", "s", { decision: "reject", comment: "" })],
  ["label.give", edit("label.give", "12", { label: 9 })],
  ["label.give where nobody judged", edit("label.give", "13", { label: 9 })],
  ["restore", edit("restore", "segment:s", { edit: "e0" }, { state: { ...SEGMENT, target: "s", version: 1, label: 8 } })],
];

for (const [name, made] of EVERY_KIND) {
  Deno.test(`${name}: its inverse brings back what was, and the version goes on`, () => {
    const before = clip();
    const after = apply(before, made);
    const step = inverse(before, made);
    assert.ok(step);
    const back = apply(after, edit(step.kind, step.target, step.data));
    const shown = (/** @type {import("nightjar/clip/edits/model.js").Doc} */ doc) => JSON.parse(JSON.stringify({ ...annotationsOf(doc), labels: Object.values(doc.families.label).filter(isThere) }, (key, value) => ["version", "edit", "order", "written_at"].includes(key) ? undefined : value));
    assert.deepEqual(shown(back), shown(before));
    assert.notDeepEqual(shown(after), shown(before));
    const was = thingOf(before, made)?.version ?? 0;
    assert.deepEqual([thingOf(after, made)?.version, thingOf(back, made)?.version], [was + 1, was + 2]);
  });
}

Deno.test("a change of a segment that is gone brings it not back", () => {
  const gone = apply(clip(), edit("segment.delete", "s"));
  assert.equal(annotationsOf(apply(gone, edit("segment.change", "s", { label: 1 }))).segments.length, 0);
});

Deno.test("what the server says is read with its tombstones, and an older word does not count", () => {
  const rows = { version: 7, run: 3, segments: [{ target: "s", version: 2, ...SEGMENT }, { target: "x", version: 4, deleted: true }], poses: [], tracks: [], comments: [], decisions: [] };
  const doc = docFrom(rows);
  assert.deepEqual([doc.version, doc.run, annotationsOf(doc).segments.length], [7, 3, 1]);
  assert.equal(thingOf(doc, edit("segment.create", "x"))?.version, 4);
  const older = withThing(doc, "segment", { target: "s", version: 1, label: 99 }, 5);
  assert.deepEqual([older.version, thingOf(older, edit("segment.change", "s"))?.label], [7, 3]);
});

Deno.test("changes of people count in the order in which they were made", () => {
  const doc = docFrom({ version: 2, tracks: [{ target: "b", order: 2, version: 1, kind: "swap" }, { target: "a", order: 1, version: 1, kind: "split" }] });
  const more = apply(doc, edit("track.delete", "0", { person: 1, frame: 2 }));
  assert.deepEqual(annotationsOf(more).tracks.map(({ target }) => target), ["a", "b", "0"]);
});

Deno.test("a predicted label is no word of a person", () => {
  const label = { id: 3, name: "Walk", colour: "#fff" };
  const segment = { id: 12, start_frame: 0, end_frame: 9, version: 5, predicted: null, current: { label, source: /** @type {const} */ ("prediction"), author: null, created_at: null } };
  assert.equal(isThere(labelThing(segment)), false);
  const given = labelThing({ ...segment, version: 6, current: { label, source: "correction", author: "ada", created_at: "" } });
  assert.deepEqual([given.label, given.version, given.author], [3, 6, "ada"]);
  assert.deepEqual(stepBetween("label", "12", given, labelThing(segment)), { target: "12", kind: "label.give", data: { label: null } });
});

Deno.test("an undo sends only what people say, never what the server adds", () => {
  const marks = { version: 3, author: "bob", edited_at: "", edit: "x", family: "", outdated: false };
  const sent = (/** @type {any} */ family, /** @type {any} */ thing) => stepBetween(family, "k", null, { target: "k", ...marks, ...thing })?.data;
  assert.deepEqual(sent("pose", { person: 0, frame: 7, joints: {}, keyframe: true, tween: false }), { joints: {}, keyframe: true, tween: false });
  assert.deepEqual(sent("track", { kind: "swap", person: 0, frame: 7, other: 1, box_xyxy: null, estimate: null, order: 4 }), { person: 0, frame: 7, other: 1 });
  assert.deepEqual(sent("comment", { frame: 1, person: null, text: "a", resolved: false, written_by: "bob", written_at: "" }), { frame: 1, person: null, text: "a" });
  assert.deepEqual(sent("review", { decision: "accept", comment: "", frame: null, person: null, of_version: 3 }), { decision: "accept", comment: "", frame: null, person: null });
});

// @ts-check
import { strict as assert } from "node:assert";
import { choiceFrom, clipUrl, conflictsInWords, previewInWords, tabFrom, whereInWords } from "nightjar/review/model.js";
import { relabelFilters } from "nightjar/library/relabel.js";

Deno.test("a kept choice is used, and what is unknown is replaced by the default", () => {
  assert.deepEqual(choiceFrom({ order: "age", who: "everyone" }), { order: "age", who: "everyone" });
  assert.deepEqual(choiceFrom({ order: "best" }), { order: "mixed", who: "main" });
  assert.deepEqual(choiceFrom(null), { order: "mixed", who: "main" });
  assert.deepEqual([tabFrom("doubts"), tabFrom("no"), tabFrom(null)], ["doubts", "queue", "queue"]);
});

Deno.test("a place is told in seconds where the frame rate is known", () => {
  assert.equal(whereInWords({ person: 0, start_frame: 30, end_frame: 75, fps: [30, 1] }), "Person 1, 1.0 to 2.5 s");
  assert.equal(whereInWords({ person: 1, start_frame: 0, end_frame: 75, fps: null }), "Person 2, frames 0 to 74");
  assert.equal(clipUrl("/projects/a/", { video: 3, segment: 9 }), "/projects/a/clips/3/?segment=9");
});

Deno.test("conflicts are named, the first few", () => {
  const conflicts = ["a", "b", "c", "d", "e"].map((name) => ({ name, reason: "changed_meanwhile" }));
  assert.match(conflictsInWords(conflicts), /^a \(somebody judged it meanwhile\), b .* and 2 more$/);
  assert.equal(conflictsInWords([{ name: "", reason: "gone" }]), "a segment (no longer there)");
});

Deno.test("a preview tells changes, confirmations and what stays", () => {
  const sit = { id: 1, name: "Sit", colour: "#fff" };
  const counts = { change: 3, confirm: 1, already: 2, from_labels: [{ label: sit, count: 3 }, { label: null, count: 1 }] };
  assert.equal(
    previewInWords(counts, "Walk"),
    "3 change to Walk; 1 predicted as Walk already are confirmed; 2 judged as Walk already stay as they are. They show now: 3 Sit, 1 without label.",
  );
  assert.equal(previewInWords({ change: 0, confirm: 0, already: 0, from_labels: [] }, "Walk"), "Nothing is chosen.");
});

Deno.test("the library's filters choose what is relabelled, without its order", () => {
  const filters = { ids: "", state: "", label: "4", reviewed: "false", q: "north", ordering: "name", why: "" };
  assert.deepEqual(relabelFilters(filters), { label: "4", reviewed: "false", q: "north" });
});

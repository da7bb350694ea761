// @ts-check
import { strict as assert } from "node:assert";
import { apiUrl, errorOf, explain } from "nightjar/core/api.js";
import { ago, bytes, duration, percent, rate } from "nightjar/core/format.js";
import { freeKeys, nextColour } from "nightjar/labels/model.js";
import { createReader } from "nightjar/library/reader.js";

Deno.test("numbers and times read well", () => {
  assert.deepEqual([percent(0.839), percent(0.756, 1)], ["84 %", "75.6 %"]);
  assert.deepEqual([bytes(0), bytes(999), bytes(1_300_000), bytes(4.29e9)], ["0 B", "999 B", "1.3 MB", "4.3 GB"]);
  assert.deepEqual([duration(2.64), duration(75), duration(3725)], ["2.6 s", "1:15", "1:02:05"]);
  assert.deepEqual([rate([30, 1]), rate([30000, 1001]), rate(null)], ["30 fps", "29.97 fps", ""]);
});

Deno.test("times are told from now", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  assert.equal(ago("2026-11-22T11:59:50Z", now), "just now");
  assert.equal(ago("2026-11-22T11:50:00Z", now), "10 min ago");
  assert.equal(ago("2026-11-21T11:00:00Z", now), "1 day ago");
  assert.equal(ago(null, now), "");
});

Deno.test("empty filters do not reach the address", () => {
  assert.equal(apiUrl("projects/1/videos/", { q: "", state: "ready", page: 2, label: null }), "/api/projects/1/videos/?state=ready&page=2");
});

Deno.test("validation errors are told by field", () => {
  assert.equal(explain("invalid", "x", { name: ["This is required."] }), "name: This is required.");
  assert.equal(explain("invalid", "x", { non_field_errors: ["No."] }), "No.");
  assert.equal(explain("stale", "Somebody was faster.", {}), "Somebody was faster.");
});

Deno.test("an answer that is no JSON still makes an error that says something", async () => {
  const error = await errorOf(new Response("<html>", { status: 502 }));
  assert.deepEqual([error.status, error.code, error.isPassing], [502, "http_502", true]);
  assert.match(error.message, /502/);
});

Deno.test("keys that others have are not offered, one's own is", () => {
  const labels = [{ id: 1, hotkey: "1", colour: "#4cc9f0", archived: false }, { id: 2, hotkey: "2", colour: "#000000", archived: true }];
  assert.ok(!freeKeys(labels, null).includes("1"));
  assert.ok(freeKeys(labels, null).includes("2"));
  assert.ok(freeKeys(labels, labels[0]).includes("1"));
  assert.notEqual(nextColour(labels), "#4cc9f0");
});

Deno.test("hints are gathered into few requests", async () => {
  /** @type {(() => void)[]} */
  const timers = [];
  /** @type {unknown[]} */
  const reads = [];
  const reader = createReader({
    readAll: () => Promise.resolve(void reads.push("all")),
    readSome: (ids) => Promise.resolve(void reads.push(ids)),
    later: (run) => timers.push(run),
  });
  for (const id of [1, 2, 2]) reader.ask(id);
  await timers[0]();
  for (let id = 0; id < 20; id += 1) reader.ask(id);
  await timers[1]();
  reader.ask("all");
  await timers[2]();
  assert.deepEqual(reads, [[1, 2], "all", "all"]);
  assert.equal(timers.length, 3);
});

Deno.test("a hint that comes while reading is not lost", async () => {
  /** @type {(() => void)[]} */
  const timers = [];
  /** @type {unknown[]} */
  const reads = [];
  const reader = createReader({
    readAll: () => Promise.resolve(),
    readSome: (ids) => {
      reads.push(ids);
      if (reads.length === 1) reader.ask(1);
      return Promise.resolve();
    },
    later: (run) => timers.push(run),
  });
  reader.ask(1);
  await timers[0]();
  await timers[1]();
  assert.deepEqual(reads, [[1], [1]]);
});

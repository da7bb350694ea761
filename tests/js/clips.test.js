// @ts-check
import { strict as assert } from "node:assert";
import { Clips } from "nightjar/clip/clips.js";

function readers() {
  /** @type {string[]} */
  const asked = [];
  const note = (/** @type {string} */ what, /** @type {any} */ value) => (/** @type {number} */ id) => {
    asked.push(`${what} ${id}`);
    return Promise.resolve(typeof value === "function" ? value(id) : value);
  };
  const clips = new Clips({
    clip: note("clip", (/** @type {number} */ id) => ({ id, frames: id === 9 ? null : 3 })),
    table: note("table", { times_s: [0, 1, 2, 3] }),
    found: note("found", null),
  });
  return { clips, asked };
}

Deno.test("a clip that was prefetched is there at once and asked for only once", async () => {
  const { clips, asked } = readers();
  await clips.bundle(1).all;
  assert.equal(clips.bundle(1).ready?.id, 1);
  assert.deepEqual(asked, ["clip 1", "found 1", "table 1"]);
});

Deno.test("what tools read of a clip comes with it", async () => {
  const { clips } = readers();
  clips.addLoader("poses", ({ id, clip }) => Promise.resolve([id, clip.frames]));
  assert.deepEqual((await clips.bundle(2).all).loaded, { poses: [2, 3] });
});

Deno.test("a clip without frames has no table to ask for", async () => {
  const { clips, asked } = readers();
  assert.equal((await clips.bundle(9).all).table, null);
  assert.ok(!asked.includes("table 9"));
});

Deno.test("a clip that changed is known as stale and read anew when asked", async () => {
  const { clips, asked } = readers();
  await clips.bundle(1).all;
  clips.spoil(2);
  assert.equal(clips.bundle(1).isStale, false);
  clips.spoil(1);
  assert.equal(clips.bundle(1).isStale, true);
  await clips.again(1).all;
  assert.equal(clips.bundle(1).isStale, false);
  assert.equal(asked.filter((what) => what === "clip 1").length, 2);
});

Deno.test("a failed reading is not kept, so that the next try asks again", async () => {
  let fails = true;
  const { clips } = readers();
  clips.addLoader("poses", () => fails ? Promise.reject(new Error("no")) : Promise.resolve(1));
  await assert.rejects(clips.bundle(1).all);
  await Promise.resolve();
  fails = false;
  assert.equal((await clips.bundle(1).all).loaded.poses, 1);
});

Deno.test("only the last few clips are kept", async () => {
  const { clips } = readers();
  for (const id of [1, 2, 3, 4, 5]) await clips.bundle(id).all;
  assert.deepEqual([1, 2, 5].map((id) => clips.has(id)), [false, true, true]);
});

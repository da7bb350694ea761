// @ts-check
import { strict as assert } from "node:assert";
import { PoseStore } from "nightjar/clip/skeleton/store.js";
import { message, PAGE, walker } from "./skeleton_packing.js";

const FRAMES = 40;
const RUN = { id: 7, people: 1, frames: FRAMES, skeleton: { joints: ["nose", "left_wrist"] } };

/** A server that notes what it was asked for. @param {{fails?: number}} [how] */
function server({ fails = 0 } = {}) {
  /** @type {[number, number][]} */
  const asked = [];
  let left = fails;
  return {
    asked,
    /** @param {number} run @param {[number, number]} range */
    async read(run, [from, to]) {
      assert.equal(run, RUN.id);
      asked.push([from, to]);
      await Promise.resolve();
      if (left-- > 0) throw new Error("no connection");
      const pages = [];
      for (let start = from; start < to; start += PAGE) {
        pages.push({ start, frames: Math.min(PAGE, FRAMES - start), there: { 0: walker } });
      }
      return message(pages, FRAMES, 1);
    },
  };
}

/** @param {ReturnType<typeof server>} served @param {number} [patience] */
function storeOf(served, patience) {
  const store = new PoseStore(RUN, () => undefined, served.read, patience);
  store.pages.pageFrames = PAGE;
  return store;
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 30));

Deno.test("the page on screen comes alone and first, then those around it, and no more", async () => {
  const served = server();
  const store = storeOf(served);
  store.ensure(21);
  await settle();
  assert.deepEqual(served.asked, [[20, 24], [24, 36], [16, 20]]);
  assert.deepEqual(store.pages.box(0, 21), [21, 2, 26, 40]);
});

Deno.test("what is here is not asked for again; moving on asks for what lies ahead", async () => {
  const served = server();
  const store = storeOf(served);
  store.ensure(21);
  await settle();
  served.asked.length = 0;
  store.ensure(22);
  await settle();
  assert.deepEqual(served.asked, []);
  store.ensure(26);
  await settle();
  assert.deepEqual(served.asked, [[36, 40]]);
});

Deno.test("what was read with the clip is not asked for", async () => {
  const served = server();
  const store = storeOf(served);
  store.take(message([{ start: 0, frames: PAGE, there: { 0: walker } }], FRAMES, 1));
  store.ensure(0);
  await settle();
  assert.deepEqual(served.asked, [[4, 16]]);
});

Deno.test("a lost connection is tried again", async () => {
  const served = server({ fails: 2 });
  const store = storeOf(served, 1);
  store.ensure(0);
  await settle();
  assert.deepEqual(served.asked.slice(0, 3), [[0, 4], [0, 4], [0, 4]]);
  assert.ok(store.pages.has(0));
});

Deno.test("a clip that was left is read no further", async () => {
  const served = server();
  const store = storeOf(served);
  store.ensure(0);
  store.close();
  await settle();
  assert.deepEqual([served.asked.length, store.pages.has(0)], [1, false]);
});

Deno.test("a clip without frames asks for nothing", async () => {
  const served = server();
  const store = new PoseStore({ ...RUN, frames: 0 }, () => undefined, served.read);
  store.ensure(0);
  await settle();
  assert.deepEqual(served.asked, []);
});

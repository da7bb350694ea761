// @ts-check
import { strict as assert } from "node:assert";
import { ApiError } from "nightjar/core/api.js";
import { EditLog } from "nightjar/clip/edits/log.js";
import { annotationsOf, emptyDoc } from "nightjar/clip/edits/model.js";
import { Outbox, withFollowers } from "nightjar/clip/edits/outbox.js";
import { nextBatch, Sender } from "nightjar/clip/edits/sender.js";
import { MemoryStore } from "nightjar/clip/edits/store.js";
import { Server } from "./edits_server.js";

/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {import("nightjar/clip/edits/sender.js").Clash} Clash */

const VIDEO = 5;
const SEGMENT = { person: 0, start_frame: 10, end_frame: 20, label: 3, origin: null };
const NO_ANSWER = new ApiError(0, "no_answer", "");
let ids = 0;

/** One tab of a browser: all parts, with timers in the hand of the test. @param {Server} server @param {any} [given] */
function tab(server, { store = new MemoryStore(), username = "ada", locks = { last: Promise.resolve() }, isRead = true } = {}) {
  const outbox = new Outbox(store, 1);
  const log = new EditLog({ outbox, user: { id: 1, username }, project: 1, newId: () => `id${ids += 1}` });
  if (isRead) log.serve(VIDEO, emptyDoc());
  /** @type {Clash[]} */
  const clashes = [];
  /** @type {(() => void)[]} */
  const timers = [];
  /** @type {string[]} */
  const refused = [];
  const sender = new Sender({
    outbox,
    post: (_, edits) => server.post(edits, username),
    alone: (work) => {
      const turn = locks.last.then(work);
      locks.last = turn.then(() => {}, () => {});
      return turn;
    },
    onResults: (entries, results) => log.confirm(entries, results),
    onClash: (clash) => clashes.push(clash),
    onRefused: (entries) => refused.push(...entries.map(({ id }) => id)),
    onPhase: () => {},
    later: (run) => timers.push(run),
    cancel: () => {},
  });
  const make = (/** @type {string} */ kind, /** @type {string} */ target, /** @type {any} */ data = {}) => log.make(VIDEO, { kind, target, data });
  const shown = () => annotationsOf(log.doc(VIDEO));
  const written = () => new Promise((done) => setTimeout(done));
  return { store, outbox, log, sender, clashes, timers, refused, make, shown, written, locks };
}

Deno.test("an edit counts at once, is written before it is sent, and is gone from the queue once acknowledged", async () => {
  const server = new Server();
  const { log, outbox, sender, make, shown } = tab(server);
  const { written } = make("segment.create", "s", SEGMENT);
  assert.deepEqual([shown().segments[0].waiting, outbox.sendable.length], [true, 0]);
  await written;
  await sender.wake();
  assert.deepEqual([server.log.length, outbox.entries.length, log.waiting(VIDEO).length], [1, 0, 0]);
  assert.deepEqual([shown().segments[0].waiting, shown().segments[0].version], [undefined, 1]);
});

Deno.test("a hundred edits of one thing go in order and need no second look", async () => {
  const server = new Server();
  const { sender, make, written, clashes } = tab(server);
  make("segment.create", "s", SEGMENT);
  for (let frame = 21; frame < 120; frame += 1) make("segment.change", "s", { end_frame: frame });
  await written();
  await sender.wake();
  assert.deepEqual([server.log.length, server.posts, clashes.length], [100, 1, 0]);
  assert.deepEqual([server.thing("segment.change", "s")?.end_frame, server.thing("segment.change", "s")?.version], [119, 100]);
});

Deno.test("a lost answer makes no second edit", async () => {
  const server = new Server();
  server.faults = [{ error: NO_ANSWER, late: true }];
  const { sender, make, written, timers, outbox, shown } = tab(server);
  make("segment.create", "s", SEGMENT);
  await written();
  await sender.wake();
  assert.deepEqual([sender.phase, outbox.entries.length, timers.length, server.log.length], ["offline", 1, 1, 1]);
  await sender.wake();
  assert.deepEqual([sender.phase, outbox.entries.length, server.log.length, shown().segments[0].version], ["idle", 0, 1, 1]);
});

Deno.test("what a page left behind is sent by the next one, once and in order", async () => {
  const server = new Server();
  const first = tab(server);
  first.make("segment.create", "s", SEGMENT);
  first.make("segment.change", "s", { label: 4 });
  await first.written();
  const second = tab(server, { store: first.store });
  await second.outbox.load();
  assert.equal(second.shown().segments[0].label, 4);
  await second.sender.wake();
  await second.sender.wake();
  assert.deepEqual(server.log.map(({ kind }) => kind), ["segment.create", "segment.change"]);
});

Deno.test("what is acknowledged before the clip has been read counts above an older reading", async () => {
  const server = new Server();
  const first = tab(server);
  first.make("segment.create", "s", SEGMENT);
  await first.written();
  const second = tab(server, { store: first.store, isRead: false });
  await second.sender.wake();
  second.log.serve(VIDEO, emptyDoc());
  second.make("segment.change", "s", { label: 4 });
  await second.written();
  await second.sender.wake();
  assert.deepEqual([second.clashes.length, server.thing("segment.change", "s")?.label], [0, 4]);
});

Deno.test("an edit made on what the server has, though it still seems to wait, is no conflict", async () => {
  const server = new Server();
  server.faults = [{ error: NO_ANSWER, late: true }];
  const first = tab(server);
  first.make("segment.create", "s", SEGMENT);
  first.make("segment.change", "s", { label: 4 });
  await first.written();
  await first.sender.wake();
  const second = tab(server, { store: first.store });
  await second.outbox.load();
  second.log.adopt(VIDEO, "segment", /** @type {any} */ (server.thing("segment.change", "s")));
  second.make("segment.change", "s", { label: 5 });
  second.make("segment.change", "s", { label: 6 });
  await second.written();
  await second.sender.wake();
  const thing = server.thing("segment.change", "s");
  assert.deepEqual([second.clashes.length, thing?.label, thing?.version, second.outbox.entries.length], [0, 6, 4, 0]);
});

Deno.test("an edit that is settled while it is being written does not come back", async () => {
  const { outbox, log, make, written, store } = tab(new Server());
  make("segment.create", "s", SEGMENT);
  await log.drop(outbox.entries);
  await written();
  assert.deepEqual([outbox.entries.length, (await store.all(1)).length], [0, 0]);
});

Deno.test("two tabs of one person send each edit once", async () => {
  const server = new Server();
  const first = tab(server);
  const second = tab(server, { store: first.store, locks: first.locks });
  first.make("segment.create", "s", SEGMENT);
  second.make("segment.create", "r", SEGMENT);
  await first.written();
  await Promise.all([first.sender.wake(), second.sender.wake()]);
  assert.deepEqual(server.log.map(({ target }) => target).sort(), ["r", "s"]);
  assert.deepEqual([first.clashes, second.clashes], [[], []]);
});

for (const [status, code, phase] of /** @type {[number, string, string][]} */ ([[401, "not_authenticated", "login"], [403, "permission_denied", "forbidden"], [503, "busy", "offline"], [409, "other_user", "stranger"]])) {
  Deno.test(`an answer ${status} ${code} keeps what waits`, async () => {
    const server = new Server();
    server.faults = [{ error: new ApiError(status, code, "") }];
    const { sender, make, written, outbox, timers } = tab(server);
    make("segment.create", "s", SEGMENT);
    await written();
    await sender.wake();
    assert.deepEqual([sender.phase, outbox.entries.length, timers.length], [phase, 1, 1]);
    await sender.retry();
    assert.deepEqual([sender.phase, outbox.entries.length, server.log.length], ["idle", 0, 1]);
  });
}

Deno.test("an edit that is refused is set aside with what hangs on it; the others go on", async () => {
  const server = new Server();
  const { sender, make, written, outbox, refused, shown } = tab(server);
  make("segment.create", "bad", { ...SEGMENT, label: "unknown" });
  make("segment.change", "bad", { end_frame: 40 });
  make("segment.create", "good", SEGMENT);
  await written();
  await sender.wake();
  assert.deepEqual([refused.length, outbox.refused.length, outbox.refused[0].refused?.code], [2, 2, "unknown_label"]);
  assert.deepEqual([server.log.map(({ target }) => target), shown().segments.map(({ target }) => target)], [["good"], ["good"]]);
});

Deno.test("undo and redo go across saves, and a group is one step", async () => {
  const server = new Server();
  const { log, sender, make, written, shown } = tab(server);
  make("segment.create", "s", SEGMENT);
  await written();
  await sender.wake();
  log.group(() => {
    make("segment.change", "s", { end_frame: 15 });
    make("segment.create", "r", { ...SEGMENT, start_frame: 15 });
  });
  await written();
  await sender.wake();
  assert.ok(log.undo(VIDEO));
  await written();
  assert.deepEqual(shown().segments.map(({ target, end_frame }) => [target, end_frame]), [["s", 20]]);
  await sender.wake();
  assert.ok(log.redo(VIDEO));
  await written();
  await sender.wake();
  assert.deepEqual([server.thing("segment.change", "s")?.end_frame, server.thing("segment.change", "r")?.start_frame], [15, 15]);
  assert.ok(log.undo(VIDEO) && log.undo(VIDEO));
  assert.equal(log.undo(VIDEO), null);
  await written();
  await sender.wake();
  assert.deepEqual([shown().segments.length, server.thing("segment.change", "s")?.deleted], [0, true]);
  assert.equal(server.log.length, 10);
});

Deno.test("a new edit leaves nothing to redo", async () => {
  const { log, make, written } = tab(new Server());
  make("segment.create", "s", SEGMENT);
  log.undo(VIDEO);
  make("segment.create", "r", SEGMENT);
  assert.equal(log.redo(VIDEO), null);
  await written();
});

Deno.test("somebody else's edits arrive below what waits", async () => {
  const server = new Server();
  const { log, make, written, shown, sender, clashes } = tab(server);
  make("segment.create", "mine", SEGMENT);
  await server.post([{ id: "x", kind: "segment.create", target: "theirs", data: SEGMENT, if_version: 0, made_at: "" }], "bob");
  assert.equal(log.hear(VIDEO, server.news), true);
  assert.deepEqual(shown().segments.map(({ target }) => target).sort(), ["mine", "theirs"]);
  await written();
  await sender.wake();
  assert.deepEqual([clashes.length, server.log.length], [0, 2]);
});

Deno.test("an own edit that the channel tells of before its answer counts once", async () => {
  const server = new Server();
  server.faults = [{ error: NO_ANSWER, late: true }];
  const { log, make, written, shown, sender } = tab(server);
  make("segment.create", "s", SEGMENT);
  await written();
  await sender.wake();
  assert.equal(log.hear(VIDEO, server.news), false);
  assert.deepEqual([shown().segments[0].version, log.waiting(VIDEO).length], [1, 0]);
  await sender.wake();
  assert.equal(shown().segments[0].version, 1);
});

/** Ada and Bob both move the end of one segment; Bob is first. */
async function conflict() {
  const server = new Server();
  const ada = tab(server);
  ada.make("segment.create", "s", SEGMENT);
  await ada.written();
  await ada.sender.wake();
  await server.post([{ id: `bob${ids += 1}`, kind: "segment.change", target: "s", data: { end_frame: 50 }, if_version: 1, made_at: "" }], "bob");
  ada.make("segment.change", "s", { end_frame: 30 });
  ada.make("segment.change", "s", { label: 8 });
  ada.make("segment.create", "later", SEGMENT);
  await ada.written();
  await ada.sender.wake();
  assert.equal(ada.clashes.length, 1);
  return { server, ada, clash: ada.clashes[0] };
}

Deno.test("a conflict stops the clip's queue and shows both sides", async () => {
  const { server, ada, clash } = await conflict();
  assert.deepEqual([clash.current?.end_frame, clash.current?.author, clash.edit.before?.end_frame], [50, "bob", 20]);
  assert.deepEqual([ada.log.mine(clash.edit)?.end_frame, ada.log.mine(clash.edit)?.label], [30, 8]);
  assert.deepEqual([server.log.length, ada.outbox.entries.length], [2, 3]);
});

Deno.test("taking mine makes it anew on what they have; both stay in the history", async () => {
  const { server, ada, clash } = await conflict();
  await ada.log.settle(clash.edit, clash.current, ada.log.mine(clash.edit));
  await ada.sender.unblock(VIDEO);
  const thing = server.thing("segment.change", "s");
  assert.deepEqual([thing?.end_frame, thing?.label, thing?.version], [30, 8, 3]);
  assert.deepEqual(server.log.map(({ target }) => target), ["s", "s", "s", "later"]);
  ada.log.undo(VIDEO);
  await ada.written();
  await ada.sender.wake();
  const back = server.thing("segment.change", "s");
  assert.deepEqual([back?.end_frame, back?.label, back?.version, ada.clashes.length], [50, 3, 4, 1]);
});

Deno.test("taking theirs drops mine and goes on with the rest", async () => {
  const { server, ada, clash } = await conflict();
  await ada.log.settle(clash.edit, clash.current, clash.current);
  assert.equal(ada.shown().segments.find(({ target }) => target === "s")?.end_frame, 50);
  await ada.sender.unblock(VIDEO);
  assert.deepEqual([server.thing("segment.change", "s")?.version, ada.outbox.entries.length, server.thing("segment.create", "later")?.version], [2, 0, 1]);
});

Deno.test("undo of what somebody else changed since is a conflict, never an overwrite", async () => {
  const server = new Server();
  const ada = tab(server);
  ada.make("segment.create", "s", SEGMENT);
  await ada.written();
  await ada.sender.wake();
  await server.post([{ id: `bob${ids += 1}`, kind: "segment.change", target: "s", data: { end_frame: 50 }, if_version: 1, made_at: "" }], "bob");
  ada.log.hear(VIDEO, server.news);
  ada.log.undo(VIDEO);
  await ada.written();
  await ada.sender.wake();
  assert.deepEqual([ada.clashes.length, server.thing("segment.change", "s")?.end_frame], [1, 50]);
});

Deno.test("clips do not wait for one another", async () => {
  const entry = (/** @type {number} */ video) => /** @type {any} */ ({ video, data: {} });
  const entries = [entry(1), entry(2), entry(1)];
  assert.deepEqual(nextBatch(entries).map(({ video }) => video), [1, 1]);
  assert.deepEqual(nextBatch(entries, new Set([1])).map(({ video }) => video), [2]);
  assert.equal(nextBatch(entries, new Set(), 1).length, 1);
  const { ada } = await conflict();
  ada.log.make(6, { kind: "segment.create", target: "elsewhere", data: SEGMENT });
  await ada.written();
  await ada.sender.wake();
  assert.deepEqual(ada.outbox.entries.map(({ video }) => video), [VIDEO, VIDEO, VIDEO]);
});

Deno.test("what hangs on an edit: the same thing, and the same group", () => {
  const entry = (/** @type {string} */ id, /** @type {string} */ target, /** @type {string | null} */ group = null) => /** @type {any} */ ({ id, kind: "segment.change", target, group, video: 1 });
  const all = [entry("0", "s"), entry("1", "s", "g"), entry("2", "r", "g"), entry("3", "q"), entry("4", "r")];
  assert.deepEqual(withFollowers(all, all[1]).map(({ id }) => id), ["1", "2", "4"]);
});

Deno.test("a disk that fails loses nothing while the page is open", async () => {
  const server = new Server();
  const store = new MemoryStore();
  store.add = () => Promise.reject(new Error("full"));
  const { make, written, sender, outbox } = tab(server, { store });
  make("segment.create", "s", SEGMENT);
  await written();
  assert.equal(outbox.isLeaking, true);
  await sender.wake();
  assert.deepEqual([server.log.length, outbox.entries.length], [1, 0]);
});

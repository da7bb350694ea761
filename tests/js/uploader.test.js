// @ts-check
import { strict as assert } from "node:assert";
import { ApiError } from "nightjar/core/api.js";
import { CHUNK_BYTES, totals, Uploader } from "nightjar/library/uploader.js";

/** A server that keeps what it gets; `faults` are thrown by the sends, one after the other. */
class Server {
  /** @type {Map<string, {size: number, bytes: number}>} */
  uploads = new Map();
  created = 0;
  /** @type {(Error | null)[]} */
  faults = [];

  /** @param {string} _name @param {number} size */
  create = (_name, size) => {
    this.created += 1;
    this.uploads.set(`u${this.created}`, { size, bytes: 0 });
    return this.status(`u${this.created}`);
  };

  /** @param {string} id */
  status = (id) => {
    const upload = this.uploads.get(id);
    if (!upload) return Promise.reject(new ApiError(404, "not_found", "There is nothing here."));
    const video = upload.bytes === upload.size ? 42 : null;
    return Promise.resolve({ id, received_bytes: upload.bytes, video });
  };

  /** @param {string} id @param {number} offset @param {Blob} piece */
  send = (id, offset, piece) => {
    const fault = this.faults.shift();
    if (fault) return Promise.reject(fault);
    const upload = this.uploads.get(id);
    if (!upload) return this.status(id);
    if (upload.bytes !== offset) {
      return Promise.reject(new ApiError(409, "wrong_offset", "Wrong offset.", { received_bytes: upload.bytes }));
    }
    upload.bytes += piece.size;
    return this.status(id);
  };
}

function memory() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    kept,
    getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
    removeItem: (/** @type {string} */ key) => void kept.delete(key),
  };
}

/** @param {number} size @param {string} [name] */
const file = (size, name = "clip.mp4") => new File([new Uint8Array(size)], name, { lastModified: 1 });

/** @param {Server} server @param {File[]} files @param {ReturnType<typeof memory>} [kept] */
async function upload(server, files, kept = memory()) {
  /** @type {string[]} */
  const states = [];
  const uploader = new Uploader({
    transport: server, memory: kept, sleep: () => Promise.resolve(),
    onChange: (items) => void states.push(items.map(({ state }) => state).join()),
  });
  uploader.add(files);
  while (uploader.isBusy) await new Promise((resolve) => setTimeout(resolve));
  return { items: uploader.items, states, uploader };
}

Deno.test("a file goes up in pieces and gives its video", async () => {
  const server = new Server();
  const { items } = await upload(server, [file(2 * CHUNK_BYTES + 5)]);
  assert.deepEqual(items.map(({ state, video, sent }) => [state, video, sent]), [["done", 42, 2 * CHUNK_BYTES + 5]]);
  assert.equal(server.uploads.get("u1")?.bytes, 2 * CHUNK_BYTES + 5);
});

Deno.test("many files all arrive", async () => {
  const { items } = await upload(new Server(), Array.from({ length: 9 }, (_, i) => file(10 + i, `${i}.mp4`)));
  assert.ok(items.every(({ state }) => state === "done"));
});

Deno.test("breaks in the connection are waited out", async () => {
  const server = new Server();
  server.faults = [new ApiError(0, "no_answer", "The server does not answer."), new ApiError(503, "x", "Busy."), null];
  const { items, states } = await upload(server, [file(10)]);
  assert.equal(items[0].state, "done");
  assert.ok(states.includes("retrying"));
});

Deno.test("a piece that arrived although its answer was lost is not sent twice", async () => {
  const server = new Server();
  const send = server.send;
  let isFirst = true;
  server.send = async (id, offset, piece) => {
    const answer = await send(id, offset, piece);
    if (isFirst) {
      isFirst = false;
      throw new ApiError(0, "no_answer", "The server does not answer.");
    }
    return answer;
  };
  const { items } = await upload(server, [file(CHUNK_BYTES + 1)]);
  assert.equal(items[0].state, "done");
  assert.equal(server.uploads.get("u1")?.bytes, CHUNK_BYTES + 1);
});

Deno.test("an upload goes on after the page was loaded anew", async () => {
  const server = new Server();
  await server.create("clip.mp4", CHUNK_BYTES + 1);
  await server.send("u1", 0, new Blob([new Uint8Array(CHUNK_BYTES)]));
  const kept = memory();
  kept.setItem(`nightjar.upload:clip.mp4:${CHUNK_BYTES + 1}:1`, "u1");
  const { items } = await upload(server, [file(CHUNK_BYTES + 1)], kept);
  assert.deepEqual([items[0].state, server.created, kept.kept.size], ["done", 1, 0]);
});

Deno.test("an upload that the server has forgotten begins anew", async () => {
  const server = new Server();
  const kept = memory();
  kept.setItem("nightjar.upload:clip.mp4:10:1", "gone");
  const { items } = await upload(server, [file(10)], kept);
  assert.equal(items[0].state, "done");
});

Deno.test("a refusal is told in the server's words and not tried again", async () => {
  const server = new Server();
  server.create = () => Promise.reject(new ApiError(413, "too_large", "Expected at most 4 GB."));
  const { items } = await upload(server, [file(10)]);
  assert.deepEqual([items[0].state, items[0].message], ["refused", "Expected at most 4 GB."]);
});

Deno.test("an empty file is refused without asking", async () => {
  const server = new Server();
  const { items } = await upload(server, [file(0)]);
  assert.deepEqual([items[0].state, server.created], ["refused", 0]);
});

Deno.test("a full disk is no passing trouble", () => {
  assert.equal(new ApiError(507, "disk_full", "").isPassing, false);
  assert.equal(new ApiError(502, "x", "").isPassing, true);
});

Deno.test("a refused file can be tried again", async () => {
  const server = new Server();
  server.faults = [new ApiError(400, "x", "No.")];
  const { uploader, items } = await upload(server, [file(10)]);
  assert.equal(items[0].state, "refused");
  uploader.retry(items[0].key);
  while (uploader.isBusy) await new Promise((resolve) => setTimeout(resolve));
  assert.equal(uploader.items[0].state, "done");
});

Deno.test("totals leave refused files out", async () => {
  const { items } = await upload(new Server(), [file(10), file(0, "b.mp4")]);
  assert.deepEqual(totals(items), { sent: 10, size: 10, busy: 0, refused: 1 });
});

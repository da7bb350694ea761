// @ts-check
import { strict as assert } from "node:assert";
import { ProjectEvents, waitBefore } from "nightjar/core/events.js";

class FakeSocket {
  readyState = 0;
  /** @type {any[]} */ sent = [];
  /** @param {string} text */
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  /** @type {(() => void) | null} */ onopen = null;
  /** @type {((m: {data: string}) => void) | null} */ onmessage = null;
  /** @type {((e: {code: number}) => void) | null} */ onclose = null;
  close() {
    this.onclose?.({ code: 1000 });
  }
}

function connect() {
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {any[]} */
  const seen = [];
  const events = new ProjectEvents(
    "ws://x/",
    {
      onEvent: (event) => void seen.push(event.kind),
      onReopen: () => void seen.push("reread"),
      onState: (state) => void seen.push(state),
    },
    () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return /** @type {any} */ (socket);
    },
  );
  return { sockets, seen, events };
}

const WITHOUT_TIMERS = { sanitizeOps: false, sanitizeResources: false };

Deno.test({ name: "events are handed on, and the first opening needs no second reading", ...WITHOUT_TIMERS, fn: async () => {
  const { sockets, seen, events } = connect();
  const started = events.start(5000);
  sockets[0].onopen?.();
  await started;
  sockets[0].onmessage?.({ data: JSON.stringify({ kind: "video", id: 1 }) });
  sockets[0].onmessage?.({ data: JSON.stringify(null) });
  assert.deepEqual(seen, ["open", "video"]);
  events.stop();
} });

Deno.test({ name: "what is said reaches an open socket only", ...WITHOUT_TIMERS, fn: async () => {
  const { sockets, events } = connect();
  await events.start(1);
  assert.equal(events.send({ kind: "here", video: 1 }), false);
  sockets[0].readyState = 1;
  assert.equal(events.send({ kind: "here", video: 2 }), true);
  assert.deepEqual(sockets[0].sent, [{ kind: "here", video: 2 }]);
  events.stop();
} });

Deno.test({ name: "an opening that comes late makes the page read again", ...WITHOUT_TIMERS, fn: async () => {
  const { sockets, seen, events } = connect();
  await events.start(1);
  sockets[0].onopen?.();
  assert.deepEqual(seen, ["open", "reread"]);
  events.stop();
} });

Deno.test({ name: "after a break the socket comes back and the page reads again", ...WITHOUT_TIMERS, fn: async () => {
  const { sockets, seen, events } = connect();
  const started = events.start(5000);
  sockets[0].onopen?.();
  await started;
  sockets[0].onclose?.({ code: 1006 });
  events.wake();
  assert.equal(sockets.length, 2);
  sockets[1].onopen?.();
  assert.deepEqual(seen, ["open", "retrying", "open", "reread"]);
  events.stop();
} });

for (const code of [4401, 4403]) {
  Deno.test({ name: `close code ${code} is a no: nothing is tried again`, ...WITHOUT_TIMERS, fn: async () => {
    const { sockets, seen, events } = connect();
    await events.start(1);
    sockets[0].onclose?.({ code });
    events.wake();
    assert.deepEqual([seen, sockets.length], [["refused"], 1]);
  } });
}

Deno.test("waits grow up to a quarter of a minute and are spread", () => {
  const waits = Array.from({ length: 12 }, (_, n) => waitBefore(n, 0.5));
  assert.deepEqual(waits.slice(0, 3), [500, 1000, 2000]);
  assert.equal(waits.at(-1), 15_000);
  assert.ok(waitBefore(3, 0) < waitBefore(3, 1));
});

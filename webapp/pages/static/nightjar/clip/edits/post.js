// @ts-check
/** How edits travel to the server, and what other tabs of the same person are told. */

import { postJson } from "nightjar/core/api.js";

/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {import("nightjar/clip/edits/sender.js").Result} Result */

/** How long an answer may take before the connection counts as lost. */
const PATIENCE_MS = 20_000;
/** What browsers let outlive a page that is being closed, with room for others. */
const KEEPALIVE_BYTES = 30_000;

/** @param {Entry} entry what the server is told of it */
function told({ id, kind, target, data, if_version, group, made_at }) {
  return { id, kind, target, data, if_version, group, made_at };
}

/**
 * @param {number} video @param {Entry[]} entries of one run
 * @returns {Promise<{results: Result[]}>}
 */
export function postEdits(video, entries) {
  const body = { user: entries[0].user, run: entries[0].run, edits: entries.map(told) };
  const keepalive = JSON.stringify(body).length < KEEPALIVE_BYTES;
  return postJson(`videos/${video}/edits/`, body, { keepalive, stay: true, signal: AbortSignal.timeout(PATIENCE_MS) });
}

/**
 * One tab at a time: the others wait for their turn. Browsers give locks to safe origins only;
 * elsewhere two tabs may send the same edit, which the server takes once.
 * @param {number} user
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}
 */
export function takingTurns(user) {
  return async (work) => await (navigator.locks ? navigator.locks.request(`nightjar.outbox.${user}`, work) : work());
}

/**
 * What the tabs of one person tell each other: that the queue changed, and what was acknowledged.
 * @param {number} user
 * @param {(news: {entries: Entry[], results: Result[]}) => void} onNews
 */
export function betweenTabs(user, onNews) {
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(`nightjar.outbox.${user}`) : null;
  channel?.addEventListener("message", ({ data }) => onNews(data));
  return (/** @type {Entry[]} */ entries = [], /** @type {Result[]} */ results = []) => channel?.postMessage({ entries, results });
}

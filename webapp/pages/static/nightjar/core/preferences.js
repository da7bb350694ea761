// @ts-check
/** What pages keep for a person on the server, whichever browser they use. */

import { request } from "nightjar/core/api.js";

const PATIENCE = 300;

/** @type {Record<string, any>} */
const kept = JSON.parse(globalThis.document?.getElementById("boot")?.textContent ?? "{}").preferences ?? {};

/** @type {Record<string, any>} what the server has not been told yet */
let unsent = {};
let timer = 0;

/**
 * What was kept under a name; at once, for it comes with the page.
 * @template T
 * @param {string} name
 * @param {T} fallback
 * @returns {T}
 */
export function preference(name, fallback) {
  return kept[name] ?? fallback;
}

/**
 * Keeps a value for this person; null forgets it. Sent together with others after a moment.
 * @param {string} name
 * @param {unknown} value what JSON can hold
 */
export function remember(name, value) {
  kept[name] = value;
  unsent[name] = value;
  clearTimeout(timer);
  timer = Number(setTimeout(send, PATIENCE));
}

async function send() {
  const preferences = unsent;
  unsent = {};
  try {
    await request("me/", { method: "PATCH", json: { preferences }, keepalive: true });
  } catch {
    // A preference is worth no alarm: it goes with the next one, or when the connection is back.
    unsent = { ...preferences, ...unsent };
  }
}

/** What was changed a moment ago still goes out when the page is left. */
function flush() {
  clearTimeout(timer);
  if (Object.keys(unsent).length) send();
}

globalThis.addEventListener?.("pagehide", flush);
globalThis.addEventListener?.("online", flush);

// @ts-check
/** Joins a page to its project's events and shows in the top bar whether they arrive. */

import { ProjectEvents } from "nightjar/core/events.js";
import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/core/events.js").ProjectEvent} ProjectEvent */
/** @typedef {import("nightjar/core/events.js").LiveState} LiveState */

/** @type {Record<LiveState, string>} */
const WORDS = {
  connecting: t("Connecting"),
  open: t("Live"),
  retrying: t("Reconnecting…"),
  refused: t("Not allowed"),
};

/** @type {ProjectEvents | null} */
let channel = null;

/** Says something to the others of the project; false where nobody listens now. @param {Record<string, unknown>} message */
export const say = (message) => channel?.send(message) ?? false;

/**
 * @param {number} projectId
 * @param {(event: ProjectEvent) => void} onEvent
 * @param {() => void} onReopen
 * @returns {Promise<void>} when events arrive, or after a short wait without
 */
export function goLive(projectId, onEvent, onReopen) {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const url = `${scheme}://${location.host}/ws/projects/${projectId}/`;
  const events = new ProjectEvents(url, { onEvent, onReopen, onState: showState });
  channel = events;
  addEventListener("online", () => events.wake());
  addEventListener("visibilitychange", () => document.hidden || events.wake());
  addEventListener("pageshow", (event) => event.persisted && events.wake());
  return events.start();
}

/** @param {LiveState} state @param {number} [code] */
function showState(state, code) {
  if (code === 4401) location.reload();
  const place = document.getElementById("live");
  if (!place) return;
  place.dataset.state = state;
  const text = place.querySelector(".live-text");
  if (text) text.textContent = WORDS[state];
}

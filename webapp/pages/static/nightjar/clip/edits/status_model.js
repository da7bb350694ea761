// @ts-check
/** Says in words how the saving of edits stands, and what a person can do about it; pure. */

import { t, tn } from "nightjar/core/i18n.js";

/**
 * @typedef {object} Saving
 * @property {import("nightjar/clip/edits/sender.js").Phase} phase
 * @property {number} waiting edits that the server does not have
 * @property {number} here of them, those of the clip on the page
 * @property {{video: number, isHere: boolean} | null} clash an edit that needs a decision
 * @property {{count: number, message: string} | null} refused edits that the server will not take
 * @property {boolean} isLeaking whether edits would be lost with the page
 * @property {boolean} hasSaved whether anything was saved since the page was opened
 */
/** @typedef {"idle" | "ok" | "busy" | "warm" | "bad"} Tone */
/** @typedef {{id: "compare" | "login" | "retry" | "refused" | "open", text: string, video?: number}} Remedy */
/** @typedef {{state: string, tone: Tone, text: string, more: string, remedy: Remedy | null}} Status */

/** @param {Saving} saving @returns {Status} */
export function statusOf(saving) {
  const { phase, waiting, clash, refused, isLeaking, hasSaved } = saving;
  const leak = isLeaking && waiting ? t("This browser keeps nothing: leave the page open until all is saved.") : "";
  if (clash) return clashStatus(clash, waiting);
  if (refused) {
    const text = tn(refused.count, "{count} edit was refused", "{count} edits were refused");
    return { state: "refused", tone: "bad", text, more: refused.message, remedy: { id: "refused", text: t("Show") } };
  }
  if (waiting === 0) {
    return { state: hasSaved ? "saved" : "idle", tone: hasSaved ? "ok" : "idle", text: hasSaved ? t("Saved") : "", more: "", remedy: null };
  }
  return { ...waitingStatus(phase, waiting), ...leak && { more: leak } };
}

/** @param {NonNullable<Saving["clash"]>} clash @param {number} waiting @returns {Status} */
function clashStatus({ video, isHere }, waiting) {
  const text = tn(waiting, "{count} edit waits for your decision", "{count} edits wait for your decision");
  const remedy = isHere
    ? { id: /** @type {const} */ ("compare"), text: t("Compare") }
    : { id: /** @type {const} */ ("open"), text: t("Open that clip"), video };
  const more = isHere ? t("Somebody else changed the same thing meanwhile.") : t("Somebody else changed the same thing in another clip.");
  return { state: "conflict", tone: "warm", text, more, remedy };
}

/** @param {Saving["phase"]} phase @param {number} waiting @returns {Status} */
function waitingStatus(phase, waiting) {
  const kept = tn(waiting, "{count} edit is kept in this browser", "{count} edits are kept in this browser");
  switch (phase) {
    case "offline":
      return { state: "offline", tone: "warm", text: tn(waiting, "{count} edit waits for the connection", "{count} edits wait for the connection"), more: "", remedy: { id: "retry", text: t("Try now") } };
    case "login":
      return { state: "login", tone: "bad", text: kept, more: t("You are logged out. Log in again, then they are saved."), remedy: { id: "login", text: t("Log in") } };
    case "stranger":
      return { state: "stranger", tone: "bad", text: kept, more: t("Somebody else has logged in here. Log in as yourself, then they are saved."), remedy: { id: "login", text: t("Log in") } };
    case "forbidden":
      return { state: "forbidden", tone: "bad", text: kept, more: t("You may not change this project any more. Once an admin gives you the right again, they are saved."), remedy: { id: "retry", text: t("Try now") } };
    default:
      return { state: "saving", tone: "busy", text: t("Saving…"), more: "", remedy: null };
  }
}

// @ts-check
/** Brings waiting edits to the server: in order, one tab at a time, again and again until it has them. */

import { ApiError } from "nightjar/core/api.js";
import { waitBefore } from "nightjar/core/events.js";
import { withFollowers } from "nightjar/clip/edits/outbox.js";

/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {import("nightjar/clip/edits/outbox.js").Outbox} Outbox */
/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {{id: string, outcome: "applied" | "already", version: number, entity: Thing, seq?: number}} Result */
/** @typedef {{edit: Entry, current: Thing | null}} Clash an edit of something that somebody else changed meanwhile */
/** @typedef {"idle" | "sending" | "offline" | "login" | "stranger" | "forbidden"} Phase */

/**
 * @typedef {object} Means
 * @property {Outbox} outbox
 * @property {(video: number, edits: Entry[]) => Promise<{results: Result[]}>} post
 * @property {<T>(work: () => Promise<T>) => Promise<T>} alone runs work while no other tab does
 * @property {(entries: Entry[], results: Result[]) => void} onResults
 * @property {(entries: Entry[], results: Result[]) => void} [onSettled] they are out of the queue on the disk
 * @property {(clash: Clash) => void} onClash
 * @property {(entries: Entry[], error: ApiError) => void} onRefused
 * @property {() => void} onPhase
 * @property {(run: () => void, ms: number) => number} [later]
 * @property {(timer: number) => void} [cancel]
 */

export const BATCH = 100;
const BATCH_BYTES = 200_000;
/** How long to wait where only the person can help, but perhaps did so in another tab. */
const PATIENCE_MS = 20_000;

/**
 * The most edits of one clip, made on the same run, that may go together: of the clip that has
 * waited longest.
 * @param {readonly Entry[]} entries
 * @param {ReadonlySet<number>} [blocked] clips whose next edit needs a person
 * @param {number} [most]
 * @returns {Entry[]}
 */
export function nextBatch(entries, blocked = new Set(), most = BATCH) {
  const free = entries.filter(({ video }) => !blocked.has(video));
  /** @type {Entry[]} */
  const batch = [];
  let size = 0;
  for (const entry of free) {
    if (entry.video !== free[0].video) continue;
    if (entry.run !== free[0].run) break;
    size += JSON.stringify(entry.data).length;
    if (batch.length === most || (batch.length && size > BATCH_BYTES)) break;
    batch.push(entry);
  }
  return batch;
}

export class Sender {
  #means;
  #timer = 0;
  #attempts = 0;
  #most = BATCH;
  #isRunning = false;
  #isWanted = false;
  /** Clips whose next edit needs a person. @type {Set<number>} */
  #blocked = new Set();
  /** @type {Phase} */
  phase = "idle";

  /** @param {Means} means */
  constructor(means) {
    const later = (/** @type {() => void} */ run, /** @type {number} */ ms) => Number(setTimeout(run, ms));
    // Called as methods, the browser's own timers refuse.
    this.#means = { later, cancel: (/** @type {number} */ timer) => clearTimeout(timer), ...means };
  }

  /** Sends what waits, now. @returns {Promise<void>} when there is nothing to do, or to wait for */
  async wake() {
    this.#means.cancel?.(this.#timer);
    this.#isWanted = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        await this.#means.alone(() => this.#drain());
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** Tries at once, as if nothing had failed before. */
  retry() {
    this.#attempts = 0;
    return this.wake();
  }

  /** @param {number} video whose conflict a person has settled */
  unblock(video) {
    this.#blocked.delete(video);
    return this.retry();
  }

  async #drain() {
    const { outbox, post } = this.#means;
    await outbox.load();
    for (;;) {
      const batch = nextBatch(outbox.sendable, this.#blocked, this.#most);
      if (batch.length === 0) return this.#say("idle");
      // While the server is away each try looks the same; only an answer changes what is said.
      if (this.#attempts === 0) this.#say("sending");
      try {
        const { results } = await post(batch[0].video, batch);
        await this.#take(batch, results);
        [this.#attempts, this.#most] = [0, BATCH];
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (!await this.#cope(batch, error)) return;
      }
    }
  }

  /** @param {Entry[]} batch @param {Result[]} results */
  async #take(batch, results) {
    const done = new Set(results.map(({ id }) => id));
    if (done.size === 0) return;
    const entries = batch.filter(({ id }) => done.has(id));
    this.#means.onResults(entries, results);
    await this.#means.outbox.confirm(results);
    this.#means.onSettled?.(entries, results);
  }

  /**
   * @param {Entry[]} batch
   * @param {ApiError} error
   * @returns {Promise<boolean>} whether to go on at once
   */
  async #cope(batch, error) {
    const phase = waitingPhase(error);
    if (phase) return this.#wait(phase);
    await this.#take(batch, error.extra?.applied ?? []);
    const { conflict, refused } = error.extra ?? {};
    if (error.status === 412 && conflict) return this.#clash(batch, conflict);
    return this.#refuse(batch, refused?.edit ?? null, error);
  }

  /** @param {Entry[]} batch @param {{edit: string | {id: string}, current: Thing | null}} conflict */
  #clash(batch, { edit, current }) {
    const id = typeof edit === "string" ? edit : edit.id;
    const entry = batch.find((one) => one.id === id) ?? batch[0];
    const now = this.#means.outbox.find(entry.id);
    // What came before it has just told which version it builds on, or somebody has dropped it.
    if (now?.if_version !== entry.if_version) return true;
    this.#blocked.add(entry.video);
    this.#means.onClash({ edit: entry, current });
    return true;
  }

  /**
   * Sets aside what the server will not take. Where it does not say which edit it means, they are
   * sent one by one.
   * @param {Entry[]} batch @param {string | null} id @param {ApiError} error
   */
  async #refuse(batch, id, error) {
    const { outbox, onRefused } = this.#means;
    const first = batch.find((entry) => id === null ? batch.length === 1 : entry.id === id);
    const isGone = error.status === 404 && id === null;
    if (!first && !isGone) this.#most = 1;
    const meant = isGone ? batch : first ? withFollowers(outbox.entries, first) : [];
    for (const entry of meant) await outbox.refuse(entry.id, { code: error.code, message: error.message });
    if (meant.length) onRefused(meant, error);
    return true;
  }

  /** @param {Phase} phase */
  #wait(phase) {
    this.#say(phase);
    const ms = phase === "offline" ? waitBefore(this.#attempts++, Math.random()) : PATIENCE_MS;
    this.#timer = this.#means.later?.(() => void this.wake(), ms) ?? 0;
    return false;
  }

  /** @param {Phase} phase */
  #say(phase) {
    this.phase = phase;
    this.#means.onPhase();
  }
}

/** Which wait an error asks for; null: waiting does not help. @param {ApiError} error @returns {Phase | null} */
export function waitingPhase(error) {
  if (error.isPassing) return "offline";
  if (error.code === "other_user") return "stranger";
  if (error.status === 401) return "login";
  return error.status === 403 && !error.extra?.refused ? "forbidden" : null;
}

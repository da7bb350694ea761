// @ts-check
/** Sends files in pieces, goes on after breaks, and knows how far each one is; pure but for timers. */

import { ApiError, messageOf } from "nightjar/core/api.js";
import { t } from "nightjar/core/i18n.js";

export const CHUNK_BYTES = 4 * 1024 * 1024;
const FILES_AT_ONCE = 3;
const MOST_RETRIES = 8;

/**
 * @typedef {object} Transport
 * @property {(name: string, size: number) => Promise<UploadStatus>} create
 * @property {(id: string) => Promise<UploadStatus>} status
 * @property {(id: string, offset: number, piece: Blob, signal: AbortSignal) => Promise<UploadStatus>} send
 */
/** @typedef {{id: string, received_bytes: number, video?: number | null}} UploadStatus */
/** @typedef {"waiting" | "sending" | "retrying" | "done" | "refused"} ItemState */
/**
 * @typedef {object} Item
 * @property {number} key
 * @property {string} name
 * @property {number} size
 * @property {number} sent
 * @property {ItemState} state
 * @property {string} message
 * @property {number | null} video
 */
/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Memory */
/** @typedef {{name: string, size: number, lastModified: number, slice(start: number, end: number): Blob}} Sendable */

export class Uploader {
  #transport;
  #memory;
  #sleep;
  #onChange;
  #nextKey = 1;
  #running = 0;
  /** @type {{item: Item, file: Sendable, stop: AbortController}[]} */
  #queue = [];
  /** @type {Map<number, {file: Sendable, stop: AbortController}>} */
  #files = new Map();
  /** @type {Item[]} */
  items = [];

  /**
   * @param {object} parts
   * @param {Transport} parts.transport
   * @param {(items: Item[], finished: Item | null) => void} parts.onChange
   * @param {Memory} parts.memory remembers unfinished uploads over a reload
   * @param {(ms: number) => Promise<void>} [parts.sleep]
   */
  constructor({ transport, onChange, memory, sleep }) {
    this.#transport = transport;
    this.#onChange = onChange;
    this.#memory = memory;
    this.#sleep = sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** @param {Iterable<Sendable>} files */
  add(files) {
    for (const file of files) {
      const item = /** @type {Item} */ ({
        key: this.#nextKey++,
        name: file.name,
        size: file.size,
        sent: 0,
        state: "waiting",
        message: "",
        video: null,
      });
      this.items = [...this.items, item];
      this.#start(item.key, file);
    }
  }

  /** @param {number} key */
  retry(key) {
    const kept = this.#files.get(key);
    if (!kept) return;
    this.#change(key, { state: "waiting", message: "" });
    this.#start(key, kept.file);
  }

  /** @param {number} key */
  cancel(key) {
    this.#files.get(key)?.stop.abort();
    this.#queue = this.#queue.filter(({ item }) => item.key !== key);
    this.items = this.items.filter((item) => item.key !== key);
    this.#onChange(this.items, null);
  }

  clearFinished() {
    this.items = this.items.filter(({ state }) => state !== "done" && state !== "refused");
    this.#onChange(this.items, null);
  }

  get isBusy() {
    return this.items.some(({ state }) => ["waiting", "sending", "retrying"].includes(state));
  }

  /** @param {number} key @param {Sendable} file */
  #start(key, file) {
    const stop = new AbortController();
    const item = /** @type {Item} */ (this.items.find((one) => one.key === key));
    this.#files.set(key, { file, stop });
    this.#queue.push({ item, file, stop });
    this.#onChange(this.items, null);
    this.#pump();
  }

  #pump() {
    while (this.#running < FILES_AT_ONCE && this.#queue.length) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#running += 1;
      this.#send(next.item.key, next.file, next.stop.signal).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  /** @param {number} key @param {Sendable} file @param {AbortSignal} signal */
  async #send(key, file, signal) {
    try {
      if (file.size === 0) throw new ApiError(400, "empty", t("The file is empty (0 bytes)."));
      const video = await this.#sendAll(key, file, signal);
      this.#files.delete(key);
      this.#memory.removeItem(memoryKey(file));
      this.#change(key, { state: "done", sent: file.size, video, message: "" }, true);
    } catch (error) {
      if (!signal.aborted) this.#change(key, { state: "refused", message: messageOf(error) });
    }
  }

  /** @param {number} key @param {Sendable} file @param {AbortSignal} signal */
  async #sendAll(key, file, signal) {
    let status = await this.#patiently(key, signal, () => this.#begin(file));
    while (!status.video) {
      const { id, received_bytes: offset } = status;
      this.#change(key, { state: "sending", sent: offset, message: "" });
      status = await this.#patiently(key, signal, async () => {
        try {
          const piece = file.slice(offset, offset + CHUNK_BYTES);
          return { ...await this.#transport.send(id, offset, piece, signal), id };
        } catch (error) {
          return { ...await this.#whereToGoOn(id, error), id };
        }
      });
    }
    return status.video;
  }

  /** @param {Sendable} file @returns {Promise<UploadStatus>} */
  async #begin(file) {
    const known = this.#memory.getItem(memoryKey(file));
    if (known) {
      try {
        return { ...await this.#transport.status(known), id: known };
      } catch (error) {
        if (!(error instanceof ApiError) || error.isPassing) throw error;
        this.#memory.removeItem(memoryKey(file));
      }
    }
    const made = await this.#transport.create(file.name, file.size);
    this.#memory.setItem(memoryKey(file), made.id);
    return made;
  }

  /**
   * After a piece failed the server may hold more or less than we think: it says how much.
   * @param {string} id @param {unknown} error
   */
  #whereToGoOn(id, error) {
    const isMismatch = error instanceof ApiError && error.status === 409;
    if (isMismatch && typeof error.extra?.received_bytes === "number") {
      return this.#transport.status(id);
    }
    throw error;
  }

  /**
   * Asks again, with growing pauses, as long as the trouble may pass.
   * @template T
   * @param {number} key @param {AbortSignal} signal @param {() => Promise<T>} ask
   * @returns {Promise<T>}
   */
  async #patiently(key, signal, ask) {
    for (let attempt = 0;; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        const mayPass = error instanceof ApiError && error.isPassing;
        if (!mayPass || attempt >= MOST_RETRIES) throw error;
        this.#change(key, { state: "retrying", message: t("{fault} Trying again…", { fault: messageOf(error) }) });
        await this.#sleep(Math.min(15_000, 500 * 2 ** attempt));
      }
    }
  }

  /** @param {number} key @param {Partial<Item>} change @param {boolean} [isFinished] */
  #change(key, change, isFinished = false) {
    this.items = this.items.map((item) => item.key === key ? { ...item, ...change } : item);
    const item = this.items.find((one) => one.key === key) ?? null;
    this.#onChange(this.items, isFinished ? item : null);
  }
}

/** @param {Sendable} file */
function memoryKey({ name, size, lastModified }) {
  return `nightjar.upload:${name}:${size}:${lastModified}`;
}

/** @param {Item[]} items @returns {{sent: number, size: number, busy: number, refused: number}} */
export function totals(items) {
  const sum = { sent: 0, size: 0, busy: 0, refused: 0 };
  for (const { sent, size, state } of items) {
    if (state === "refused") sum.refused += 1;
    else {
      sum.sent += sent;
      sum.size += size;
      if (state !== "done") sum.busy += 1;
    }
  }
  return sum;
}

// @ts-check
/** The edits of one person that the server has not acknowledged: in memory for the page, on disk for good. */

import { keyOf } from "nightjar/clip/edits/model.js";

/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {import("nightjar/clip/edits/store.js").Store} Store */

export class Outbox {
  #store;
  #user;
  #onChange;
  /** Ids of those that are being written. @type {Set<string>} */
  #unwritten = new Set();
  /** @type {Entry[]} */
  #entries = [];
  #changes = 0;
  #hasFailed = false;

  /** @param {Store} store @param {number} user @param {() => void} [onChange] */
  constructor(store, user, onChange = () => {}) {
    this.#store = store;
    this.#user = user;
    this.#onChange = onChange;
  }

  /** Whether what waits lives only in this page. */
  get isLeaking() {
    return this.#hasFailed || !this.#store.isLasting;
  }

  /** All that waits, in order. @returns {readonly Entry[]} */
  get entries() {
    return this.#entries;
  }

  /** What may be sent: written down, and not refused before. */
  get sendable() {
    return this.#entries.filter((entry) => !this.#unwritten.has(entry.id) && !entry.refused);
  }

  get refused() {
    return this.#entries.filter(({ refused }) => refused);
  }

  /** @param {number} video */
  of(video) {
    return this.#entries.filter((entry) => entry.video === video && !entry.refused);
  }

  /** Reads what other tabs wrote. */
  async load() {
    let written = null;
    for (let seen = -1; seen !== this.#changes;) {
      // What changes here while the disk answers is not in the answer: ask again.
      seen = this.#changes;
      written = await this.#store.all(this.#user).catch(() => null);
    }
    if (!written) return;
    const ids = new Set(written.map(({ id }) => id));
    const own = this.#entries.filter((entry) => !ids.has(entry.id) && (this.#unwritten.has(entry.id) || entry.n === undefined));
    this.#entries = [...written, ...own];
    this.#onChange();
  }

  /**
   * Takes an edit in; it counts at once, and is written before the promise is kept.
   * @param {Entry} entry
   */
  async add(entry) {
    this.#entries = [...this.#entries, entry];
    this.#unwritten.add(entry.id);
    this.#changes += 1;
    try {
      await this.#written(entry, await this.#store.add(entry));
    } catch {
      this.#hasFailed = true;
    } finally {
      this.#unwritten.delete(entry.id);
    }
    this.#onChange();
  }

  /** What was changed or dropped while it was being written must be so on the disk, too. @param {Entry} entry @param {number} place */
  async #written(entry, place) {
    const current = this.#entries.find(({ id }) => id === entry.id);
    if (current) current.n = place;
    if (current !== entry) await this.#store.replace([place], current ? [current] : []);
  }

  /** @param {Iterable<string>} ids of edits that nobody wants any more */
  async settle(ids) {
    const gone = new Set(ids);
    await this.#change((entry) => gone.has(entry.id) ? [] : [entry]);
  }

  /**
   * The server has these. What was made on top of them builds on the versions that they got: the
   * page may have guessed another, where the server had an edit that still seemed to wait.
   * @param {readonly {id: string, version: number}[]} results
   */
  async confirm(results) {
    const done = new Map(results.map(({ id, version }) => [id, version]));
    /** Versions that edits before in the queue have made or will make. */
    const made = new Map(done);
    await this.#change((entry) => {
      if (done.has(entry.id)) return [];
      const version = made.get(entry.after ?? "");
      if (version === undefined) return [entry];
      made.set(entry.id, version + 1);
      return [entry.if_version === version ? entry : { ...entry, if_version: version }];
    });
  }

  /** @param {string} id @returns {Entry | null} */
  find(id) {
    return this.#entries.find((entry) => entry.id === id) ?? null;
  }

  /** Keeps an edit that the server will not take, and why. @param {string} id @param {{code: string, message: string} | null} reason */
  async refuse(id, reason) {
    await this.#change((entry) => [entry.id === id ? { ...entry, refused: reason } : entry]);
  }

  /**
   * Takes edits out, all at once, and puts others in the place of the first.
   * @param {string} first @param {ReadonlySet<string>} gone @param {Entry[]} instead
   */
  async replace(first, gone, instead) {
    await this.#change((entry) => {
      if (entry.id === first) return instead.map((other, i) => ({ ...other, n: between(entry, i) }));
      return gone.has(entry.id) ? [] : [entry];
    });
  }

  /** @param {(entry: Entry) => Entry[]} change */
  async #change(change) {
    this.#changes += 1;
    const changed = this.#entries.map((entry) => ({ entry, others: change(entry) }));
    const touched = changed.filter(({ entry, others }) => others.length !== 1 || others[0] !== entry);
    this.#entries = changed.flatMap(({ others }) => others);
    const written = touched.flatMap(({ entry }) => entry.n === undefined ? [] : [entry.n]);
    const instead = touched.flatMap(({ others }) => others).filter(({ n }) => n !== undefined);
    // A disk that fails now keeps them: they are sent again, and the server knows their ids. The
    // writing begins before anybody is told, for they may read at once.
    const writing = written.length ? this.#store.replace(written, instead).catch(() => {}) : null;
    this.#onChange();
    await writing;
  }
}

/**
 * The waiting edits that mean nothing without this one: of the same thing, or of the same group.
 * @param {readonly Entry[]} entries in order
 * @param {Entry} first
 * @returns {Entry[]} with the first
 */
export function withFollowers(entries, first) {
  const found = [first];
  const behind = entries.slice(entries.findIndex(({ id }) => id === first.id) + 1);
  for (const entry of behind.filter(({ video }) => video === first.video)) {
    const belongs = found.some((one) => keyOf(one) === keyOf(entry) || (one.group && one.group === entry.group));
    if (belongs) found.push(entry);
  }
  return found;
}

/** The i-th place at an entry's own, before the next one's. @param {Entry} entry @param {number} i */
function between({ n }, i) {
  return n === undefined ? undefined : n + i / 1024;
}

// @ts-check
/** Reads all that a clip needs, once, so that the next one is there before it is asked for; pure. */

/** @typedef {import("nightjar/clip/state.js").Clip} Clip */
/** @typedef {import("nightjar/clip/model.js").Found} Found */
/** @typedef {{times_s: number[], width: number, height: number, frames: number, fps: [number, number]}} Table */
/** @typedef {{id: number, clip: Clip, table: Table | null, found: Found | null}} Facts */
/** @typedef {Facts & {loaded: Record<string, any>}} Ready */
/** @typedef {(facts: Facts) => Promise<any>} Loader */
/**
 * @typedef {object} Bundle
 * @property {Promise<Clip>} clip
 * @property {Promise<Table | null>} table null: the clip has no frames yet
 * @property {Promise<Ready>} all
 * @property {Ready | null} ready
 * @property {boolean} isStale something changed since: to be read again once shown
 */
/**
 * @typedef {object} Readers
 * @property {(id: number) => Promise<Clip>} clip
 * @property {(id: number) => Promise<Table>} table
 * @property {(id: number) => Promise<Found | null>} found
 */

const MOST_KEPT = 4;

export class Clips {
  #readers;
  /** @type {Map<string, Loader>} */
  #loaders = new Map();
  /** @type {Map<number, Bundle>} */
  #kept = new Map();

  /** @param {Readers} readers */
  constructor(readers) {
    this.#readers = readers;
  }

  /** @param {string} name @param {Loader} loader */
  addLoader(name, loader) {
    this.#loaders.set(name, loader);
  }

  /** What is known or being read of a clip. @param {number} id @returns {Bundle} */
  bundle(id) {
    const kept = this.#kept.get(id) ?? this.#begin(id);
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const old of [...this.#kept.keys()].slice(0, -MOST_KEPT)) this.#kept.delete(old);
    return kept;
  }

  /** @param {number} id */
  has(id) {
    return this.#kept.has(id);
  }

  /** Reads a clip anew; what is shown meanwhile stays. @param {number} id */
  again(id) {
    this.#kept.delete(id);
    return this.bundle(id);
  }

  /** @param {number} id */
  forget(id) {
    this.#kept.delete(id);
  }

  /** Something about a clip, or about all, changed. @param {number | "all"} id */
  spoil(id) {
    for (const [one, bundle] of this.#kept) if (id === "all" || one === id) bundle.isStale = true;
  }

  /** @param {number} id @returns {Bundle} */
  #begin(id) {
    const clip = this.#readers.clip(id);
    const found = this.#readers.found(id);
    const table = clip.then(({ frames }) => frames === null ? null : this.#readers.table(id));
    /** @type {Bundle} */
    const bundle = { clip, table, ready: null, isStale: false, all: this.#join(id, clip, table, found) };
    bundle.all.then((ready) => bundle.ready = ready, () => this.#kept.get(id) === bundle && this.forget(id));
    // Each is awaited by whoever shows the clip; until then a failure is nobody's.
    for (const one of [table, found]) one.catch(() => undefined);
    return bundle;
  }

  /**
   * @param {number} id @param {Promise<Clip>} clip @param {Promise<Table | null>} table
   * @param {Promise<Found | null>} found
   * @returns {Promise<Ready>}
   */
  async #join(id, clip, table, found) {
    const facts = { id, clip: await clip, table: await table, found: await found };
    const names = [...this.#loaders.keys()];
    const values = await Promise.all([...this.#loaders.values()].map((load) => load(facts)));
    return { ...facts, loaded: Object.fromEntries(names.map((name, i) => [name, values[i]])) };
  }
}

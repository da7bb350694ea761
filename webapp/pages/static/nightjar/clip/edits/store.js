// @ts-check
/** Where edits wait until the server has them: on disk, so that a crash or a closed tab loses none. */

/**
 * @typedef {import("nightjar/clip/edits/model.js").Edit & {
 *   n?: number, user: number, run: number | null, project: number, video: number,
 *   before: import("nightjar/clip/edits/model.js").Thing | null,
 *   after?: string | null,
 *   refused?: {code: string, message: string} | null,
 * }} Entry an edit that waits; `n` is its place in the queue, `after` the
 *   edit of the same thing that waited when it was made
 */
/**
 * @typedef {object} Store
 * @property {boolean} isLasting whether it survives the page
 * @property {(entry: Entry) => Promise<number>} add gives the place
 * @property {(user: number) => Promise<Entry[]>} all in order
 * @property {(places: number[], instead?: Entry[]) => Promise<void>} replace takes entries out; others may take their places
 */

const NAME = "nightjar.outbox";
const EDITS = "edits";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function completed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** @implements {Store} */
export class DiskStore {
  isLasting = true;
  #base;

  /** @param {IDBDatabase} base */
  constructor(base) {
    this.#base = base;
    // Another tab with a newer page may want to change the form of the store.
    base.onversionchange = () => base.close();
  }

  /** @param {Entry} entry @returns {Promise<number>} */
  async add(entry) {
    const [edits, done] = this.#write();
    const place = answered(edits.add(entry));
    await done;
    return /** @type {number} */ (await place);
  }

  /** @param {number} user @returns {Promise<Entry[]>} */
  async all(user) {
    const edits = this.#base.transaction(EDITS).objectStore(EDITS);
    const entries = await answered(edits.getAll());
    return entries.filter((entry) => entry.user === user);
  }

  /** @param {number[]} places @param {Entry[]} [instead] */
  async replace(places, instead = []) {
    const [edits, done] = this.#write();
    for (const place of places) edits.delete(place);
    for (const entry of instead) edits.put(entry);
    await done;
  }

  /** @returns {[IDBObjectStore, Promise<void>]} */
  #write() {
    // Strict: told as written only once the disk has it, so that a power cut loses nothing either.
    const transaction = this.#base.transaction(EDITS, "readwrite", { durability: "strict" });
    return [transaction.objectStore(EDITS), completed(transaction)];
  }
}

/** For browsers that keep nothing; also in tests. @implements {Store} */
export class MemoryStore {
  isLasting = false;
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  #last = 0;

  /** @param {Entry} entry */
  add(entry) {
    this.#last += 1;
    this.#entries.set(this.#last, { ...entry, n: this.#last });
    return Promise.resolve(this.#last);
  }

  /** @param {number} user */
  all(user) {
    const entries = [...this.#entries.values()].filter((entry) => entry.user === user);
    return Promise.resolve(entries.sort((a, b) => Number(a.n) - Number(b.n)));
  }

  /** @param {number[]} places @param {Entry[]} [instead] */
  replace(places, instead = []) {
    for (const place of places) this.#entries.delete(place);
    for (const entry of instead) this.#entries.set(Number(entry.n), entry);
    return Promise.resolve();
  }
}

/** The store of this browser; one in memory where it gives none. @returns {Promise<Store>} */
export async function openStore() {
  try {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(EDITS, { keyPath: "n", autoIncrement: true });
    const store = new DiskStore(await answered(request));
    navigator.storage?.persist?.().catch(() => false);
    return store;
  } catch {
    return new MemoryStore();
  }
}

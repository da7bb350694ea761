// @ts-check
/** A store that is still being opened: what is given to it before waits, in order. */

/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {import("nightjar/clip/edits/store.js").Store} Store */

/** @implements {Store} */
export class LateStore {
  isLasting = true;
  #store;

  /** @param {Promise<Store>} store */
  constructor(store) {
    this.#store = store;
    store.then(({ isLasting }) => this.isLasting = isLasting);
  }

  /** @param {Entry} entry */
  async add(entry) {
    return (await this.#store).add(entry);
  }

  /** @param {number} user */
  async all(user) {
    return (await this.#store).all(user);
  }

  /** @param {number[]} places @param {Entry[]} [instead] */
  async replace(places, instead) {
    return (await this.#store).replace(places, instead);
  }
}

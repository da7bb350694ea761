// @ts-check
/** All that a person can do on the page, by name: keys, buttons and the help read it. Pure. */

import { keyText, tidy } from "nightjar/clip/keys.js";

/** @typedef {{down: boolean, event?: Event}} Hold */
/**
 * @typedef {object} Action
 * @property {string} id such as `play.toggle`
 * @property {string} group heading in the help
 * @property {string} name what it does, in words
 * @property {string[]} keys as they are until a person binds others
 * @property {(event?: Event, element?: HTMLElement) => unknown} run
 * @property {(hold: Hold) => unknown} [held] keys call this when pressed and when let go, instead
 * @property {boolean} [repeat] whether a held key goes on
 * @property {() => boolean} [when] it borrows its keys from others while this holds, and is only there then
 * @property {() => boolean} [can] whether there is anything to do it to now
 * @property {boolean} [fixed] its keys are given elsewhere (labels)
 */

/** @param {Action} action */
const isPossible = ({ when, can }) => (!when || when()) && (!can || can());

export class Actions {
  /** @type {Map<string, Action>} */
  #known = new Map();
  /** @type {Record<string, string[]>} */
  #own;
  /** @type {Map<string, Action[]> | null} */
  #byKey = null;
  #onRebound;

  /**
   * @param {Record<string, string[]>} [own] keys that this person chose, by action
   * @param {(own: Record<string, string[]>) => void} [onRebound]
   */
  constructor(own = {}, onRebound = () => {}) {
    this.#own = { ...own };
    this.#onRebound = onRebound;
  }

  /** @param {Action} action @returns {() => void} takes it away again */
  add(action) {
    this.#known.set(action.id, action);
    this.#byKey = null;
    return () => {
      if (this.#known.get(action.id) === action) this.#known.delete(action.id);
      this.#byKey = null;
    };
  }

  /** @param {Action[]} actions */
  addAll(actions) {
    const offs = actions.map((action) => this.add(action));
    return () => offs.forEach((off) => off());
  }

  /** @returns {Action[]} */
  all() {
    return [...this.#known.values()];
  }

  /** @param {string} id */
  get(id) {
    return this.#known.get(id) ?? null;
  }

  /** @param {string} id @returns {string[]} */
  keysOf(id) {
    const action = this.#known.get(id);
    return (!action?.fixed && this.#own[id] || action?.keys || []).map(tidy);
  }

  /** @param {string} id */
  keysText(id) {
    return this.keysOf(id).map(keyText).join(", ");
  }

  /** @param {string} id */
  isRebound(id) {
    return id in this.#own;
  }

  /** @param {string} id @param {string[] | null} keys null: as they were */
  rebind(id, keys) {
    const { [id]: _before, ...rest } = this.#own;
    this.#own = keys ? { ...rest, [id]: keys.map(tidy) } : rest;
    this.#byKey = null;
    this.#onRebound({ ...this.#own });
  }

  rebindNone() {
    this.#own = {};
    this.#byKey = null;
    this.#onRebound({});
  }

  /** @param {string} id */
  canRun(id) {
    const action = this.#known.get(id);
    return Boolean(action && isPossible(action));
  }

  /** @param {string} id @param {Event} [event] @param {HTMLElement} [element] */
  run(id, event, element) {
    return this.canRun(id) ? this.#known.get(id)?.run(event, element) : undefined;
  }

  /**
   * The action of a press: of several with one key those that ask `when` come first, so that a
   * mode may borrow a key.
   * @param {string[]} names of the press
   * @returns {Action | null}
   */
  find(names) {
    for (const name of names) {
      const bound = this.#index().get(name) ?? [];
      const free = bound.filter(isPossible);
      const found = free.find(({ when }) => when) ?? free[0];
      if (found) return found;
    }
    return null;
  }

  /**
   * Keys that two actions want at the same time; an action that asks `when` only borrows.
   * @returns {Map<string, string[]>} key to ids
   */
  conflicts() {
    const found = new Map();
    for (const [key, actions] of this.#index()) {
      const always = actions.filter(({ when, id }) => !when || this.isRebound(id));
      const rivals = always.length && actions.some(({ id }) => this.isRebound(id)) ? actions : always;
      if (rivals.length > 1) found.set(key, rivals.map(({ id }) => id));
    }
    return found;
  }

  #index() {
    if (this.#byKey) return this.#byKey;
    this.#byKey = new Map();
    for (const action of this.#known.values()) {
      for (const key of this.keysOf(action.id)) this.#byKey.set(key, [...this.#byKey.get(key) ?? [], action]);
    }
    return this.#byKey;
  }
}

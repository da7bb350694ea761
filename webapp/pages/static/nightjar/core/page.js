// @ts-check
/** What each page starts from, and its one state object. */

import { beforePaint } from "nightjar/core/dom.js";
import { installMenu } from "nightjar/core/menu.js";

/**
 * @typedef {object} Boot
 * @property {string} page
 * @property {{id: number, username: string, superuser: boolean}} user
 * @property {{id: number, name: string, slug: string}} project
 * @property {"viewer" | "reviewer" | "admin"} role
 * @property {{review: boolean, admin: boolean}} can
 * @property {string} library_url
 * @property {number} [video_id]
 * @property {Record<string, any>} preferences see `core/preferences.js`
 */

/** @returns {Boot} */
export function readBoot() {
  return JSON.parse(document.getElementById("boot")?.textContent ?? "{}");
}

/** @returns {HTMLElement} where the page draws itself; the frame around it comes alive */
export function appRoot() {
  installMenu();
  const root = document.getElementById("app");
  if (!root) throw new Error("The page has no element with the id app.");
  return root;
}

/**
 * One state object for a page: `set` changes it, and `render` draws it before the next paint.
 * @template {object} S
 * @param {S} initial
 * @param {(state: S) => void} render
 */
export function createState(initial, render) {
  let state = initial;
  const draw = beforePaint(() => render(state));
  return {
    /** @returns {S} */
    get: () => state,
    /** @param {Partial<S> | ((state: S) => S)} change */
    set(change) {
      state = typeof change === "function" ? change(state) : { ...state, ...change };
      draw();
    },
    draw,
  };
}

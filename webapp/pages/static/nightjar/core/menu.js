// @ts-check
/** The person's menu in the top bar: changes the theme without a new page, and closes as menus do. */

import { request } from "nightjar/core/api.js";
import { wear } from "nightjar/core/theme.js";

/** @typedef {import("nightjar/core/theme.js").Theme} Theme */

export function installMenu() {
  const menu = /** @type {HTMLDetailsElement | null} */ (document.querySelector("details.menu"));
  if (menu) closeAsMenusDo(menu);
  const buttons = /** @type {HTMLButtonElement[]} */ ([...document.querySelectorAll("button[name=theme]")]);
  for (const button of buttons) {
    button.addEventListener("click", (event) => {
      // Without this script the form is sent and the page comes back in the other theme.
      event.preventDefault();
      choose(button, buttons);
    });
  }
}

/** @param {HTMLDetailsElement} menu */
function closeAsMenusDo(menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.contains(relatedTarget)) menu.open = false;
  });
  addEventListener("pointerdown", ({ target }) => {
    if (target instanceof Node && !menu.contains(target)) menu.open = false;
  });
}

/** @param {HTMLButtonElement} chosen @param {HTMLButtonElement[]} buttons */
function choose(chosen, buttons) {
  const theme = /** @type {Theme} */ (chosen.value);
  wear(theme);
  for (const button of buttons) button.setAttribute("aria-pressed", String(button === chosen));
  request("me/", { method: "PATCH", json: { theme } }).catch(() => undefined);
}

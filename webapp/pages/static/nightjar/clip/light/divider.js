// @ts-check
/** The divider between before and after: a slider over the picture, for mouse, touch and keys. */

import { h } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { pictureAt } from "nightjar/clip/zoom_model.js";

const STEPS = 1000;

/**
 * It stays where it is on screen while the picture is zoomed below it.
 * @param {import("nightjar/clip/player.js").NjPlayer} player
 * @param {(at: number) => void} change share of what is seen, 0 to 1
 */
export function createDivider(player, change) {
  const input = /** @type {HTMLInputElement} */ (h("input", {
    type: "range", class: "light-divider", min: 0, max: STEPS, step: 10, value: STEPS / 2, hidden: true,
    "aria-label": t("Divider between the picture as recorded, left, and as lit, right"), "data-testid": "light-divider",
    "data-keys": "ArrowLeft ArrowRight ArrowUp ArrowDown Home End PageUp PageDown",
  }));
  const before = h("span", { class: "light-side before", hidden: true }, t("As recorded"));
  const after = h("span", { class: "light-side after", hidden: true }, t("As lit"));
  const say = () => {
    const share = Math.round(Number(input.value) / STEPS * 100);
    input.setAttribute("aria-valuetext", t("{share} % of the width as recorded", { share }));
  };
  input.addEventListener("input", () => {
    say();
    change(Number(input.value) / STEPS);
  });
  // The picture below must not take the drag for a pan or a click.
  input.addEventListener("pointerdown", (event) => event.stopPropagation());
  input.addEventListener("pointerup", () => input.blur());
  player.screen.parentElement?.append(before, after, input);
  return {
    /** @param {boolean} isOn @param {number} at */
    show(isOn, at) {
      for (const element of [input, before, after]) element.hidden = !isOn;
      if (document.activeElement !== input) input.value = String(Math.round(at * STEPS));
      say();
    },
  };
}

/** Where a divider at a share of what is seen cuts the picture. @param {import("nightjar/clip/player.js").NjPlayer} player @param {number} at */
export function splitOf(player, at) {
  return Math.max(0, Math.min(1, pictureAt(player.view, at, 0)[0]));
}

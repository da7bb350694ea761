// @ts-check
/** The only place that listens to keys and to clicks on what has an action. */

import { namesOf, tidy } from "nightjar/clip/keys.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/actions.js").Action} Action */

const WRITING = "textarea, select, [contenteditable=''], [contenteditable=true], input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=range], [type=color])";
const PRESSABLE = "button:focus-visible, a:focus-visible, summary:focus-visible, [role=button]:focus-visible";
const ON_SLIDER = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

/** @param {KeyboardEvent} event @param {string[]} names whether the focused element wants the key */
function isNative(event, names) {
  const focus = document.activeElement;
  if (!(focus instanceof HTMLElement) || focus === document.body) return false;
  if (focus.matches(WRITING)) return true;
  if (focus.matches("input[type=range]") && ON_SLIDER.includes(event.key)) return true;
  // People who move by Tab use Space and Enter on what they have reached.
  if (names.some((name) => name === "Space" || name === "Enter") && focus.matches(`${PRESSABLE}, input`)) return true;
  const kept = focus.closest("[data-keys]");
  return kept instanceof HTMLElement && (kept.dataset.keys ?? "").split(" ").some((name) => names.includes(tidy(name)));
}

/** @param {Bench} bench */
export function install({ actions, root }) {
  /** Actions of keys that are down, by place on the board. @type {Map<string, Action>} */
  const down = new Map();

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const names = namesOf(event);
    if (!names.length || isNative(event, names)) return;
    const action = actions.find(names);
    if (!action) return;
    event.preventDefault();
    // A held key may step through frames, but must not judge clip after clip.
    if (event.repeat && (action.held || !action.repeat)) return;
    if (!action.held) return void action.run(event);
    down.set(event.code || event.key, action);
    action.held({ down: true, event });
  });

  const release = (/** @type {string} */ place, /** @type {Event} */ event) => {
    const action = down.get(place);
    down.delete(place);
    action?.held?.({ down: false, event });
  };
  addEventListener("keyup", (event) => release(event.code || event.key, event));
  // A key that is let go while the page is away is never reported.
  addEventListener("blur", (event) => [...down.keys()].forEach((place) => release(place, event)));

  root.addEventListener("click", (event) => {
    const element = event.target instanceof Element ? event.target.closest("[data-action]") : null;
    if (element instanceof HTMLElement && !element.matches(":disabled")) actions.run(element.dataset.action ?? "", event, element);
    // A button that was clicked must not swallow the next Space or Enter.
    if (event.detail > 0 && document.activeElement instanceof HTMLButtonElement && root.contains(document.activeElement)) document.activeElement.blur();
  });
}

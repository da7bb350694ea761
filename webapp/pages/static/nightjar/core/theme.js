// @ts-check
/** Dark, light or as the system has it: changes it, and tells canvases which colours that means. */

/** @typedef {"system" | "dark" | "light"} Theme */

const LISTENERS = /** @type {Set<() => void>} */ (new Set());
const light = globalThis.matchMedia?.("(prefers-color-scheme: light)");
light?.addEventListener("change", () => tell());

/** @returns {Theme} */
export function theme() {
  return /** @type {Theme} */ (document.documentElement.dataset.theme ?? "system");
}

/** Shows the page in a theme at once; keeping the choice is the caller's. @param {Theme} chosen */
export function wear(chosen) {
  document.documentElement.dataset.theme = chosen;
  tell();
}

/** @param {() => void} listener called when colours have changed */
export function onTheme(listener) {
  LISTENERS.add(listener);
  return () => LISTENERS.delete(listener);
}

/**
 * What a token is at an element, as a colour that a canvas understands.
 * @param {string} token such as "--accent"
 * @param {Element} [place] the theatre stays dark in a light page
 */
export function colour(token, place = document.body) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${token})`;
  place.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function tell() {
  for (const listener of LISTENERS) listener();
}

// @ts-check
/** Short messages at the foot of the page, and questions that want a yes. */

import { h, icon } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";

/** @typedef {"ok" | "bad" | "warm"} Tone */

/**
 * @param {string} text
 * @param {Tone} [tone] bad ones stay until they are closed
 */
export function toast(text, tone = "ok") {
  const place = document.getElementById("toasts");
  if (!place) return;
  const close = h("button", { class: "icon-button", "aria-label": t("Close") }, icon("close"));
  const box = h(
    "div",
    { class: `toast ${tone}`, "data-testid": "toast", "data-tone": tone },
    icon(tone === "ok" ? "check" : "alert"),
    h("span", null, text),
    close,
  );
  close.addEventListener("click", () => box.remove());
  // The same words twice are one message.
  for (const other of [...place.children]) if (other.textContent === box.textContent) other.remove();
  while (place.children.length > 3) place.firstElementChild?.remove();
  place.append(box);
  if (tone !== "bad") setTimeout(() => box.remove(), tone === "ok" ? 3500 : 8000);
}

/**
 * Says something to screen readers only; the same words again are said again.
 * @param {string} text
 */
export function announce(text) {
  const place = document.getElementById("announcements");
  if (place) place.replaceChildren(h("p", null, text));
}

/**
 * @param {{title: string, text: string | Node, yes: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, yes, danger = false }) {
  const dialog = /** @type {HTMLDialogElement} */ (h(
    "dialog",
    { "data-testid": "confirm", "aria-labelledby": "confirm-title" },
    h(
      "form",
      { method: "dialog", class: "dialog-body" },
      h("h2", { id: "confirm-title" }, title),
      h("p", { class: "muted" }, text),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { class: "button quiet", value: "no", autofocus: danger }, t("Cancel")),
        h(
          "button",
          { class: `button primary${danger ? " danger" : ""}`, value: "yes", autofocus: !danger, "data-testid": "confirm-yes" },
          yes,
        ),
      ),
    ),
  ));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

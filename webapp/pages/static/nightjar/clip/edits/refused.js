// @ts-check
/** Shows edits that the server will not take, and lets a person drop them or try again. */

import { h } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { after } from "nightjar/clip/edits/model.js";
import { editText } from "nightjar/clip/edits/words_model.js";

/**
 * @param {readonly import("nightjar/clip/edits/store.js").Entry[]} entries
 * @param {{labels: readonly {id: number, name: string}[]}} state
 * @returns {Promise<"drop" | "again" | "">}
 */
export function openRefused(entries, { labels }) {
  const dialog = /** @type {HTMLDialogElement} */ (h(
    "dialog",
    { "aria-labelledby": "refused-title", "data-testid": "refused" },
    h(
      "form",
      { method: "dialog", class: "dialog-body" },
      h("h2", { id: "refused-title" }, t("Edits that were refused")),
      h("p", { class: "muted" }, t("They are kept in this browser and are not part of the clip.")),
      h("ul", { class: "refused-list" }, entries.map((entry) => h("li", null,
        h("strong", null, editText({ ...entry, entity: after(entry.before, entry) }, entry.before, labels)),
        h("span", { class: "muted" }, ` ${entry.refused?.message ?? ""}`)))),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { class: "button quiet", value: "" }, t("Keep them")),
        h("button", { class: "button", value: "again" }, t("Try again")),
        h("button", { class: "button danger", value: "drop", "data-testid": "drop-refused" }, t("Drop them")),
      ),
    ),
  ));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(/** @type {"drop" | "again" | ""} */ (dialog.returnValue));
    });
  });
}

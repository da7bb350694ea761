// @ts-check
/** The dialog in which a person settles a conflict: what it was, theirs, and one's own, side by side. */

import { h } from "nightjar/core/dom.js";
import { ago } from "nightjar/core/format.js";
import { t } from "nightjar/core/i18n.js";
import { combined, isPossible, rowsOf } from "nightjar/clip/edits/merge_model.js";
import { familyOf } from "nightjar/clip/edits/model.js";
import { aboutText, fieldText, thingText } from "nightjar/clip/edits/words_model.js";

/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/merge_model.js").Row} Row */
/** @typedef {import("nightjar/clip/edits/merge_model.js").Side} Side */

/**
 * @param {import("nightjar/clip/edits/sender.js").Clash} clash
 * @param {Thing | null} mine
 * @param {{labels: readonly {id: number, name: string}[]}} state
 * @returns {Promise<Thing | null | undefined>} what the thing shall be; undefined: decided later
 */
export function openMerge({ edit, current }, mine, { labels }) {
  const rows = familyOf(edit) === "segment" ? rowsOf(edit.before, mine, current) : [];
  /** @type {Record<string, Side>} */
  const picks = {};
  const dialog = /** @type {HTMLDialogElement} */ (h(
    "dialog",
    { class: "merge", "aria-labelledby": "merge-title", "aria-describedby": "merge-why", "data-testid": "merge" },
    h(
      "form",
      { method: "dialog", class: "dialog-body" },
      h("h2", { id: "merge-title" }, t("Two people changed the same thing")),
      h("p", { id: "merge-why", class: "muted" }, whyText(current, aboutText(edit))),
      rows.length ? fieldTable(rows, current, labels) : sideTable(edit, mine, current, labels),
      h("p", { class: "form-error", role: "alert", "data-testid": "merge-error" }),
      h(
        "div",
        { class: "dialog-foot" },
        h("button", { class: "button quiet", value: "later" }, t("Decide later")),
        h("button", { class: "button", value: "theirs", "data-testid": "take-theirs" }, t("Take theirs")),
        h("button", { class: `button${rows.length ? "" : " primary"}`, value: "mine", "data-testid": "take-mine", autofocus: rows.length === 0 }, t("Take mine")),
        rows.length > 0 && h("button", { class: "button primary", value: "combine", "data-testid": "combine", autofocus: true }, t("Save what is picked")),
      ),
    ),
  ));
  dialog.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    picks[target.name] = /** @type {Side} */ (target.value);
    showPossible(dialog, rows, picks, current);
  });
  document.body.append(dialog);
  dialog.showModal();
  showPossible(dialog, rows, picks, current);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(decided(dialog.returnValue, { mine, theirs: current, rows, picks }));
    });
  });
}

/** @param {string} choice @param {{mine: Thing | null, theirs: Thing | null, rows: Row[], picks: Record<string, Side>}} sides */
function decided(choice, { mine, theirs, rows, picks }) {
  if (choice === "mine") return mine;
  if (choice === "theirs") return theirs;
  return choice === "combine" && theirs ? combined(theirs, rows, picks) : undefined;
}

/** @param {HTMLElement} dialog @param {Row[]} rows @param {Record<string, Side>} picks @param {Thing | null} theirs */
function showPossible(dialog, rows, picks, theirs) {
  if (!rows.length || !theirs) return;
  const isFine = isPossible(combined(theirs, rows, picks));
  const error = dialog.querySelector(".form-error");
  if (error) error.textContent = isFine ? "" : t("The first frame must lie before the last.");
  const button = dialog.querySelector("[value=combine]");
  if (button instanceof HTMLButtonElement) button.disabled = !isFine;
}

/** @param {Thing | null} current @param {string} about */
function whyText(current, about) {
  const author = current?.author ?? current?.segment?.current?.author;
  const when = ago(current?.edited_at ?? current?.segment?.current?.created_at);
  return author
    ? t("{about}: {author} changed it {when}, while your edit was on its way. Nothing of yours is saved yet.", { about, author, when })
    : t("{about}: somebody changed it while your edit was on its way. Nothing of yours is saved yet.", { about });
}

/** @param {Thing | null} current */
function heads(current) {
  const author = current?.author ?? current?.segment?.current?.author ?? t("Theirs");
  return h("thead", null, h("tr", null, h("td", null), h("th", { scope: "col" }, t("It was")), h("th", { scope: "col" }, author), h("th", { scope: "col" }, t("You"))));
}

/** @param {Row[]} rows @param {Thing | null} current @param {readonly {id: number, name: string}[]} labels */
function fieldTable(rows, current, labels) {
  return h("table", null, heads(current), h("tbody", null, rows.map(({ name, title, was, mine, theirs, differs, pick }) => {
    const cell = (/** @type {Side} */ side, /** @type {any} */ value, /** @type {string} */ who) =>
      h("td", { class: differs ? "differs" : null }, !differs ? fieldText(name, value, labels) : h(
        "label",
        null,
        h("input", { type: "radio", name, value: side, checked: pick === side, "aria-label": `${title}, ${who}: ${fieldText(name, value, labels)}`, "data-testid": `merge-${name}-${side}` }),
        fieldText(name, value, labels),
      ));
    return h("tr", { "data-testid": `merge-${name}` },
      h("th", { scope: "row" }, title),
      h("td", { class: "muted" }, was === null && name !== "person" ? "" : fieldText(name, was, labels)),
      cell("theirs", theirs, t("theirs")),
      cell("mine", mine, t("yours")));
  })));
}

/** @param {import("nightjar/clip/edits/store.js").Entry} edit @param {Thing | null} mine @param {Thing | null} current @param {readonly {id: number, name: string}[]} labels */
function sideTable(edit, mine, current, labels) {
  const text = (/** @type {Thing | null} */ thing) => thingText(familyOf(edit), thing, labels);
  return h("table", null, heads(current), h("tbody", null, h("tr", null,
    h("th", { scope: "row" }, aboutText(edit)),
    h("td", { class: "muted" }, edit.before ? text(edit.before) : t("Nothing")),
    h("td", { "data-testid": "merge-theirs" }, text(current)),
    h("td", { "data-testid": "merge-mine" }, text(mine)))));
}

// @ts-check
/** Shows all keys, finds some by a word, and binds others. */

import { h, icon, show } from "nightjar/core/dom.js";
import { t, tn } from "nightjar/core/i18n.js";
import { announce } from "nightjar/core/notices.js";
import { capsOf, keyText, namesOf } from "nightjar/clip/keys.js";
import { conflictCount, rowsOf } from "nightjar/clip/sheet_model.js";

/** @typedef {import("nightjar/clip/actions.js").Actions} Actions */
/** @typedef {import("nightjar/clip/sheet_model.js").Row} Row */

/** @param {Actions} actions */
export function openSheet(actions) {
  if (document.querySelector("dialog.keys")) return;
  let search = "";
  /** The action that waits for its new key. @type {string | null} */
  let waiting = null;
  const list = h("div", { class: "keys-list", "data-testid": "keys-list" });
  const field = /** @type {HTMLInputElement} */ (h("input", { type: "search", placeholder: t("Find an action or a key"), "aria-label": t("Find an action or a key"), "data-testid": "keys-search", autofocus: true }));
  const sheet = /** @type {HTMLDialogElement} */ (h("dialog", { class: "keys", "aria-labelledby": "keys-title", "data-testid": "help" },
    h("div", { class: "dialog-body" },
      h("div", { class: "keys-head" }, h("h2", { id: "keys-title" }, t("Keys")), field),
      list,
      h("div", { class: "dialog-foot" },
        h("button", { type: "button", class: "button quiet", "data-do": "all-back", "data-testid": "keys-reset" }, t("All as they were")),
        h("span", { class: "spacer" }),
        h("button", { type: "button", class: "button primary", "data-do": "close" }, t("Close"))))));

  const draw = () => {
    const groups = rowsOf(actions, search);
    const clashes = conflictCount(actions);
    show(list,
      clashes > 0 && h("p", { class: "notice bad", role: "alert", "data-testid": "keys-conflict" }, icon("alert"), tn(clashes, "{count} key is wanted by two actions: the first one in this list has it.", "{count} keys are wanted by two actions: the first one in this list has each.")),
      groups.map(({ group, rows }) => h("section", { "data-key": group }, h("h3", null, group), h("ul", { role: "list" }, rows.map((row) => rowView(row, waiting, actions.canRun(row.id)))))),
      groups.length === 0 && h("p", { class: "empty" }, t("No action has this word or key.")));
  };

  /** @param {string | null} id */
  const wait = (id) => {
    waiting = id;
    draw();
    if (id) announce(t("Press the new key for {name}; Escape leaves it.", { name: actions.get(id)?.name }));
  };

  sheet.addEventListener("keydown", (event) => {
    if (waiting === null) return;
    const [name] = namesOf(event);
    if (!name && event.key !== "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    const id = waiting;
    if (name !== "Escape") {
      actions.rebind(id, [name]);
      announce(t("{name} has the key {key} now.", { name: actions.get(id)?.name, key: keyText(name) }));
    }
    wait(null);
  }, { capture: true });
  field.addEventListener("input", () => {
    search = field.value;
    draw();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = rowsOf(actions, search).flatMap(({ rows }) => rows).find(({ id }) => actions.canRun(id));
    if (first) perform(first.id, event);
  });
  /** Does what a row names, so that nothing needs a key. @param {string} id @param {Event} event */
  const perform = (id, event) => {
    sheet.close();
    actions.run(id, event);
  };
  sheet.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-do]") : null;
    if (!(button instanceof HTMLElement)) return event.target === sheet ? sheet.close() : undefined;
    const { do: what, id = "" } = button.dataset;
    if (what === "close") sheet.close();
    if (what === "run") return perform(id, event);
    if (what === "bind") wait(waiting === id ? null : id);
    if (what === "back") actions.rebind(id, null);
    if (what === "none") actions.rebind(id, []);
    if (what === "all-back") actions.rebindNone();
    if (what !== "close") draw();
  });
  sheet.addEventListener("close", () => sheet.remove());
  document.body.append(sheet);
  draw();
  sheet.showModal();
}

/** @param {Row} row @param {string | null} waiting @param {boolean} canRun */
function rowView({ id, name, keys, isRebound, isFixed, rivals }, waiting, canRun) {
  const caps = keys.map((key, i) => [i > 0 && h("span", { class: "muted" }, ` ${t("or")} `), capsOf(key).map((cap) => h("kbd", null, cap))]);
  const isWaiting = waiting === id;
  return h("li", { class: `keys-row${rivals.length ? " rival" : ""}`, "data-key": id, "data-testid": "keys-row", "data-action-id": id, "data-bound": keys.join(" ") },
    h("span", { class: "keys-name" },
      h("button", { type: "button", class: "keys-run", "data-do": "run", "data-id": id, disabled: !canRun, title: canRun ? t("Do it") : t("Not now") }, name),
      rivals.length > 0 && h("span", { class: "keys-rivals" }, icon("alert"), t("Same key as: {names}", { names: rivals.join(", ") }))),
    isFixed
      ? h("span", { class: "keys-caps", title: t("Given on the labels page") }, caps)
      : h("button", { type: "button", class: "keys-caps", "data-do": "bind", "data-id": id, "aria-label": isWaiting ? t("Press the new key") : t("Change the key of {name}: {keys}", { name, keys: keys.map(keyText).join(", ") || t("none") }), "aria-pressed": String(isWaiting) },
        isWaiting ? t("Press a key…") : keys.length ? caps : h("span", { class: "muted" }, t("none"))),
    h("span", { class: "keys-more" },
      isRebound && h("button", { type: "button", class: "icon-button", "data-do": "back", "data-id": id, title: t("As it was"), "aria-label": t("{name}: as it was", { name }) }, icon("again")),
      !isFixed && keys.length > 0 && h("button", { type: "button", class: "icon-button", "data-do": "none", "data-id": id, title: t("No key"), "aria-label": t("{name}: no key", { name }) }, icon("close"))));
}

// @ts-check
/** The dialog with everything that was done to a clip: who, when, what; each state can be brought back. */

import { getJson, messageOf } from "nightjar/core/api.js";
import { delegate, h, show } from "nightjar/core/dom.js";
import { ago } from "nightjar/core/format.js";
import { language, t } from "nightjar/core/i18n.js";
import { isThere, keyOf, labelThing, stepBetween, targetOf } from "nightjar/clip/edits/model.js";
import { aboutText, editText, thingText } from "nightjar/clip/edits/words_model.js";

/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {{seq: number, id: string, kind: string, family: import("nightjar/clip/edits/model.js").Family, target: string, data: Record<string, any>, author: string, created_at: string, version: number, entity: Thing}} Row */

const PAGE = 100;

/** @param {import("nightjar/clip/bench.js").Bench} bench @param {boolean} canEdit */
export function openHistory(bench, canEdit) {
  const video = bench.page.get().id;
  const list = h("div", { class: "edit-history-list", role: "region", "aria-labelledby": "edit-history-title", tabindex: "0" });
  const dialog = /** @type {HTMLDialogElement} */ (h(
    "dialog",
    { class: "edit-history", "aria-labelledby": "edit-history-title", "data-testid": "edit-history-dialog" },
    h(
      "form",
      { method: "dialog", class: "dialog-body" },
      h("h2", { id: "edit-history-title" }, t("History of this clip")),
      list,
      h("div", { class: "dialog-foot" }, h("button", { class: "button primary", autofocus: true }, t("Close"))),
    ),
  ));
  /** @type {{rows: Row[], more: boolean, error: string, isRead: boolean}} */
  let state = { rows: [], more: false, error: "", isRead: false };

  const draw = () => show(list, listView(state, bench, canEdit));

  /** @param {number} [before] */
  async function read(before) {
    try {
      const { edits, more } = await getJson(`videos/${video}/edits/`, { query: { before, page_size: PAGE } });
      state = { rows: before === undefined ? edits : [...state.rows, ...edits], more, error: "", isRead: true };
    } catch (error) {
      state = { ...state, error: messageOf(error), isRead: true };
    }
    draw();
  }

  delegate(list, "click", {
    more: () => void read(state.rows.at(-1)?.seq),
    restore: (element) => {
      const row = state.rows.find(({ seq }) => seq === Number(element.dataset.seq));
      if (row) restore(bench, row);
    },
  });
  const off = bench.on("saved", () => void read());
  dialog.addEventListener("close", () => {
    off();
    dialog.remove();
  });
  document.body.append(dialog);
  draw();
  dialog.showModal();
  void read();
}

/** Brings a thing back to what it was after an edit. @param {import("nightjar/clip/bench.js").Bench} bench @param {Row} row */
function restore(bench, row) {
  const { kind, id, target, family, entity } = row;
  if (family === "label") {
    const step = stepBetween("label", targetOf({ kind, target }), null, givenThen(row));
    bench.edits.make(step ?? { kind: "label.give", target: targetOf({ kind, target }), data: { label: null } });
  } else {
    bench.edits.make({ kind: "restore", target: keyOf({ kind, target }), data: { edit: id }, state: entity });
  }
}

/** The label that a row gave. @param {Row} row @returns {Thing} */
function givenThen({ target, version, data, entity }) {
  if (entity?.current !== undefined) return labelThing({ .../** @type {any} */ (entity), id: Number(target), version });
  return { target, version, label: data.label, deleted: data.label === null };
}

/** What each thing is now, by its name. @param {Row[]} rows newest first */
function newest(rows) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const row of rows) if (!found.has(keyOf(row))) found.set(keyOf(row), row.seq);
  return found;
}

/**
 * @param {{rows: Row[], more: boolean, error: string, isRead: boolean}} state
 * @param {import("nightjar/clip/bench.js").Bench} bench
 * @param {boolean} canEdit
 */
function listView({ rows, more, error, isRead }, bench, canEdit) {
  if (error) return h("p", { class: "notice bad", role: "alert" }, error);
  if (rows.length === 0) return h("p", { class: "muted" }, isRead ? t("Nothing was edited in this clip yet.") : t("Loading…"));
  const { labels } = bench.page.get();
  const last = newest(rows);
  return [
    h("ol", { role: "list" }, rows.map((row, i) => {
      const before = rows.slice(i + 1).find((one) => keyOf(one) === keyOf(row))?.entity ?? null;
      return rowView(row, before, labels, canEdit && last.get(keyOf(row)) !== row.seq);
    })),
    more && h("button", { type: "button", class: "button small", "data-click": "more" }, t("Show older edits")),
  ];
}

/** @param {Row} row @param {Thing | null} before @param {readonly {id: number, name: string}[]} labels @param {boolean} canRestore */
function rowView(row, before, labels, canRestore) {
  const { seq, author, created_at, entity, family } = row;
  const state = thingText(family, entity, labels);
  return h(
    "li",
    { "data-key": String(seq), "data-testid": "edit-row", "data-kind": row.kind, "data-author": author },
    h("div", { class: "edit-row-what" },
      h("span", { class: "edit-row-about" }, aboutText(row)),
      h("span", null, editText(row, before, labels)),
      h("span", { class: "muted" }, `${author}, `, h("time", { datetime: created_at, title: new Date(created_at).toLocaleString(language) }, ago(created_at)))),
    canRestore && h("button", {
      type: "button", class: "button small", "data-click": "restore", "data-seq": seq, "data-testid": "restore",
      title: isThere(entity) ? t("Bring back: {state}", { state }) : t("Delete it again"),
      "aria-label": t("Restore: {state}", { state }),
    }, t("Restore")),
  );
}

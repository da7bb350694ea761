// @ts-check
/** Draws how saving stands, beside undo, redo and the history. */

import { h, icon } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/clip/edits/status_model.js").Status} Status */

/** @param {import("nightjar/clip/bench.js").Bench} bench @param {boolean} canEdit */
export function toolsView(bench, canEdit) {
  return [
    canEdit && bench.button("edits.undo", "undo", { "data-testid": "undo" }),
    canEdit && bench.button("edits.redo", "redo", { "data-testid": "redo" }),
    bench.button("edits.history", "history", { "data-testid": "edit-history" }),
  ];
}

/** @param {Status} status @param {number} waiting @param {string} loginUrl */
export function statusView({ state, tone, text, more, remedy }, waiting, loginUrl) {
  return h(
    "div",
    { class: `edit-status ${tone}`, "data-testid": "edit-status", "data-state": state, "data-waiting": waiting },
    tone === "busy" ? h("span", { class: "spinner" }) : tone === "ok" ? icon("check") : text ? icon("alert") : null,
    h("span", { class: "edit-status-text", title: more || null }, text),
    more && h("span", { class: "edit-status-more" }, more),
    remedy && (remedy.id === "login"
      ? h("a", { class: "button small", href: loginUrl, "data-testid": "edit-remedy" }, remedy.text)
      : h("button", { type: "button", class: "button small", "data-click": remedy.id, "data-video": remedy.video, "data-testid": "edit-remedy" }, remedy.text)),
  );
}

/** @param {{sid: string, username: string, editing: boolean, frame: number | null}[]} people others who have the clip open */
export function presenceView(people) {
  if (people.length === 0) return null;
  return h(
    "ul",
    { class: "present", role: "list", "aria-label": t("Also here"), "data-testid": "presence" },
    people.map(({ sid, username, editing, frame }) => {
      const where = frame === null ? t("{name} has this clip open", { name: username }) : t("{name} is here, at frame {frame}", { name: username, frame });
      return h(
        "li",
        { "data-key": sid, class: editing ? "editing" : null, title: where, "data-testid": "present", "data-name": username },
        h("span", { class: "present-mark", "aria-hidden": "true" }, [...username][0]?.toUpperCase() ?? "?"),
        h("span", { class: "present-name" }, username),
        h("span", { class: "sr-only" }, editing ? `${where}. ${t("Editing")}` : where),
      );
    }),
  );
}

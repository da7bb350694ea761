// @ts-check
/** The dialog that gives one label to all clips that the library shows: counts first, then does it. */

import { messageOf, postJson } from "nightjar/core/api.js";
import { h } from "nightjar/core/dom.js";
import { t, tn } from "nightjar/core/i18n.js";
import { toast } from "nightjar/core/notices.js";
import { conflictsInWords, previewInWords } from "nightjar/review/model.js";

/** @typedef {import("nightjar/library/model.js").Label} Label */
/** @typedef {import("nightjar/review/model.js").Change} Change */

/**
 * @param {object} asked
 * @param {string} asked.project path of the project below /api/
 * @param {Label[]} asked.labels
 * @param {Record<string, string>} asked.filters those of the library
 * @param {number} asked.count clips that they choose
 * @returns {Promise<boolean>} whether anything was changed
 */
export function relabelDialog({ project, labels, filters, count }) {
  /** @type {Change | null} */
  let preview = null;
  let asked = 0;
  const option = (/** @type {string} */ value, /** @type {string} */ text) => h("option", { value }, text);
  const label = /** @type {HTMLSelectElement} */ (h("select", { "data-testid": "relabel-label" }, option("", t("Choose a label")), labels.map(({ id, name }) => option(String(id), name))));
  const which = /** @type {HTMLSelectElement} */ (h("select", { "data-testid": "relabel-which" }, option("clip", t("The segment that stands for its clip")), option("main", t("All segments of the main people")), option("everyone", t("All segments of everyone"))));
  const words = h("p", { class: "muted", role: "status", "data-testid": "relabel-preview" }, t("Choose a label to see what would change."));
  const yes = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "button primary", disabled: true, "data-testid": "relabel-apply" }, t("Relabel")));
  const dialog = /** @type {HTMLDialogElement} */ (h(
    "dialog",
    { "data-testid": "relabel", "aria-labelledby": "relabel-title" },
    h(
      "form",
      { method: "dialog", class: "dialog-body" },
      h("h2", { id: "relabel-title" }, tn(count, "Relabel {count} clip", "Relabel {count} clips")),
      h("label", { class: "field" }, h("span", null, t("New label")), label),
      h("label", { class: "field" }, h("span", null, t("Of each clip")), which),
      words,
      h("div", { class: "dialog-foot" }, h("button", { class: "button quiet", value: "no" }, t("Cancel")), yes),
    ),
  ));

  const nameOf = () => labels.find(({ id }) => String(id) === label.value)?.name ?? "";

  async function ask() {
    const mine = ++asked;
    [preview, yes.disabled] = [null, true];
    if (!label.value) return;
    words.textContent = t("Counting…");
    try {
      const made = await postJson(`${project}/relabels/`, { ...filters, to_label: Number(label.value), which: which.value });
      if (mine !== asked) return;
      const total = made.counts.change + made.counts.confirm;
      preview = made;
      words.textContent = previewInWords(made.counts, nameOf());
      yes.disabled = total === 0;
      yes.textContent = total ? t("Relabel {count}", { count: total }) : t("Relabel");
    } catch (error) {
      if (mine === asked) words.textContent = messageOf(error);
    }
  }

  async function apply() {
    if (!preview) return;
    yes.disabled = true;
    try {
      const { applied, conflicts } = await postJson(`relabels/${preview.id}/application/`, {});
      dialog.close("yes");
      const parts = [
        tn(applied, "{count} segment is {label} now.", "{count} segments are {label} now.", { label: nameOf() }),
        conflicts.length ? t("Left out: {names}.", { names: conflictsInWords(conflicts) }) : "",
        t("Review, Changes of many, takes it back."),
      ];
      toast(parts.filter(Boolean).join(" "), conflicts.length ? "warm" : "ok");
    } catch (error) {
      words.textContent = messageOf(error);
    }
  }

  label.addEventListener("change", ask);
  which.addEventListener("change", ask);
  yes.addEventListener("click", apply);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/**
 * The library's filters as the API of relabelling takes them.
 * @param {Record<string, string>} filters
 */
export function relabelFilters({ ids, state, label, reviewed, q }) {
  return Object.fromEntries(Object.entries({ ids, state, label, reviewed, q }).filter(([, value]) => value));
}

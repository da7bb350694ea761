// @ts-check
/** The labels page: everybody sees them, admins change them in place. */

import { getJson, messageOf, patchJson, postJson } from "nightjar/core/api.js";
import { delegate, h, icon, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { goLive } from "nightjar/core/live.js";
import { toast } from "nightjar/core/notices.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";
import { freeKeys, nextColour } from "nightjar/labels/model.js";

/** @typedef {import("nightjar/clip/model.js").FullLabel} FullLabel */
/** @typedef {{labels: FullLabel[] | null, overlap: string, error: string}} State */

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;
const page = createState(/** @type {State} */ ({ labels: null, overlap: "per_person", error: "" }), (state) => {
  show(root, view(state));
  // What a person has clicked once no longer follows the attribute.
  for (const radio of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll("input[name=overlap]"))) {
    radio.checked = radio.value === state.overlap;
  }
});

/** @param {State} state */
function view({ labels, overlap, error }) {
  const shown = labels?.filter(({ archived }) => !archived) ?? [];
  const archived = labels?.filter((label) => label.archived) ?? [];
  return h(
    "div",
    { class: "column" },
    h("header", { class: "page-head" }, h("h1", null, t("Labels")),
      h("p", null, t("The actions that people and the classifier can give. A label without examples can be given by people; the next retraining takes it up."))),
    error && h("p", { class: "notice bad", role: "alert" }, icon("alert"), h("span", null, error)),
    labels === null && !error && h("p", { class: "booting" }, t("Loading…")),
    labels && [
      h("section", { class: "panel" }, table(shown, labels)),
      boot.can.admin && addForm(labels),
      overlapRule(overlap),
      archived.length > 0 && h("section", { class: "panel" }, h("h2", { class: "panel-title" }, t("Archived")), table(archived, labels)),
    ],
  );
}

/** What may be drawn over what on the clip page. @param {string} overlap */
function overlapRule(overlap) {
  const rules = [
    ["per_person", t("One label at a time for each person")],
    ["forbid", t("One label at a time in the whole clip")],
    ["allow", t("Any number of labels at a time")],
  ];
  return h("section", { class: "panel", "data-testid": "overlap" },
    h("h2", { class: "panel-title" }, t("Segments that people draw")),
    boot.can.admin
      ? h("fieldset", { class: "overlap-rules" },
        h("legend", { class: "sr-only" }, t("Segments that people draw")),
        rules.map(([value, text]) => h("label", { class: "choice" },
          h("input", { type: "radio", name: "overlap", value, checked: value === overlap, "data-change": "overlap", "data-testid": `overlap-${value}` }), h("span", null, text))))
      : h("p", { class: "overlap-rules" }, rules.find(([value]) => value === overlap)?.[1]));
}

/** @param {FullLabel[]} rows @param {FullLabel[]} all */
function table(rows, all) {
  if (!rows.length) return h("p", { class: "empty" }, t("No labels yet. Add the first one below."));
  return h(
    "table",
    { class: "label-table" },
    h("thead", null, h("tr", null, [t("Colour"), t("Name"), t("Key"), t("Examples"), h("span", { class: "sr-only" }, t("Actions"))].map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", null, rows.map((label, i) => boot.can.admin ? editableRow(label, all, i, rows) : plainRow(label))),
  );
}

/** @param {FullLabel} label */
function rowProps(label) {
  return { "data-key": String(label.id), "data-testid": "label", "data-name": label.name, "data-archived": String(label.archived) };
}

/** @param {FullLabel} label */
function plainRow(label) {
  return h("tr", rowProps(label),
    h("td", null, h("span", { class: "swatch", style: { background: label.colour } })),
    h("td", null, label.name),
    h("td", null, label.hotkey && h("kbd", null, label.hotkey)),
    examples(label),
    h("td", null));
}

/** @param {FullLabel} label */
function examples({ examples: count, known_to_model }) {
  if (!count) return h("td", { class: "muted" }, t("no examples yet"));
  return h("td", { class: "num" }, count, !known_to_model && h("span", { class: "muted" }, " · ", t("not trained yet")));
}

/** @param {FullLabel} label @param {FullLabel[]} all @param {number} i @param {FullLabel[]} rows */
function editableRow(label, all, i, rows) {
  const keys = ["", ...freeKeys(all, label)];
  const move = (/** @type {number} */ by, /** @type {string} */ text) =>
    h("button", { type: "button", class: `icon-button move-${by < 0 ? "up" : "down"}`, "data-click": "move", "data-id": label.id, "data-by": by, title: text, "aria-label": `${text}: ${label.name}`, disabled: !rows[i + by] }, icon("chevron"));
  return h("tr", rowProps(label),
    h("td", null, h("input", { type: "color", class: "swatch", value: label.colour, "data-change": "edit", "data-id": label.id, name: "colour", "aria-label": t("Colour of {name}", { name: label.name }) })),
    h("td", null, h("input", { type: "text", value: label.name, maxlength: 60, "data-change": "edit", "data-id": label.id, name: "name", "aria-label": t("Name"), "data-testid": "label-name" })),
    h("td", null, label.archived ? "" : h("select", { "data-change": "edit", "data-id": label.id, name: "hotkey", "aria-label": t("Key of {name}", { name: label.name }) },
      keys.map((key) => h("option", { value: key, selected: key === label.hotkey }, key || t("none"))))),
    examples(label),
    h("td", { class: "right nowrap" },
      !label.archived && [move(-1, t("Move up")), move(1, t("Move down"))],
      h("button", { type: "button", class: "button small quiet", "data-click": "archive", "data-id": label.id, "data-testid": "archive" }, icon("archive"), label.archived ? t("Bring back") : t("Archive"))));
}

/** @param {FullLabel[]} labels */
function addForm(labels) {
  return h(
    "form",
    { class: "panel inline-form", "data-submit": "add", "data-testid": "add-label" },
    h("label", { class: "field" }, h("span", null, t("Colour")), h("input", { type: "color", class: "swatch", name: "colour", value: nextColour(labels) })),
    h("label", { class: "field grow" }, h("span", null, t("New label")), h("input", { type: "text", name: "name", maxlength: 60, required: true, placeholder: t("Fall"), autocomplete: "off", "data-testid": "new-label-name" })),
    h("label", { class: "field" }, h("span", null, t("Key")), h("select", { name: "hotkey" }, ["", ...freeKeys(labels, null)].map((key) => h("option", { value: key }, key || t("none"))))),
    h("button", { class: "button primary", "data-testid": "add-label-submit" }, t("Add label")),
  );
}

async function read() {
  try {
    const { labels, overlap } = await getJson(`${project}/label-set/`);
    page.set({ labels, overlap, error: "" });
  } catch (error) {
    page.set({ error: messageOf(error) });
  }
}

/** @param {number} id @param {Record<string, unknown>} change @param {string} done */
async function edit(id, change, done) {
  try {
    await patchJson(`labels/${id}/`, change);
    if (done) toast(done);
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  await read();
}

/** @param {number} id */
const labelOf = (id) => page.get().labels?.find((label) => label.id === id);

/** Puts the label at another place and numbers those anew whose place has changed. @param {number} id @param {number} by */
async function move(id, by) {
  const order = (page.get().labels ?? []).filter(({ archived }) => !archived);
  const from = order.findIndex((label) => label.id === id);
  const [label] = order.splice(from, 1);
  order.splice(from + by, 0, label);
  const changed = order.map((one, place) => ({ ...one, place })).filter(({ place, order: old }) => place !== old);
  for (const { id: one, place } of changed) await patchJson(`labels/${one}/`, { order: place }).catch((error) => toast(messageOf(error), "bad"));
  await read();
}

/** @param {string} overlap */
async function setOverlap(overlap) {
  try {
    await patchJson(`${project}/label-set/`, { overlap });
    toast(t("Saved."));
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  await read();
}

delegate(root, "change", {
  overlap: (element) => setOverlap(/** @type {HTMLInputElement} */ (element).value),
  edit: (element) => {
    const { name, value, dataset, defaultValue } = /** @type {HTMLInputElement} */ (element);
    const label = labelOf(Number(dataset.id));
    if (name === "name" && !value.trim()) {
      /** @type {HTMLInputElement} */ (element).value = defaultValue;
      return;
    }
    edit(Number(dataset.id), { [name]: value }, t("{name}: saved.", { name: name === "name" ? value : label?.name }));
  },
});

delegate(root, "click", {
  archive: (element) => {
    const label = labelOf(Number(element.dataset.id));
    if (!label) return;
    const change = label.archived ? { archived: false } : { archived: true };
    const done = label.archived ? t("{name} is back.", { name: label.name }) : t("{name} is archived; what was given with it is kept.", { name: label.name });
    edit(label.id, change, done);
  },
  move: (element) => move(Number(element.dataset.id), Number(element.dataset.by)),
});

delegate(root, "submit", {
  add: async (element, event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (element);
    try {
      const label = await postJson(`${project}/labels/`, Object.fromEntries(new FormData(form)));
      form.reset();
      toast(t("{name} is added.", { name: label.name }));
    } catch (error) {
      toast(messageOf(error), "bad");
    }
    await read();
  },
});

page.draw();
await goLive(boot.project.id, (event) => event.kind === "labels" && read(), () => read());
await read();

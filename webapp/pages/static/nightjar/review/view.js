// @ts-check
/** Draws the review page from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, percent } from "nightjar/core/format.js";
import { t, tn } from "nightjar/core/i18n.js";
import { clipUrl, ORDERS, TABS, whereInWords, WHO } from "nightjar/review/model.js";

/** @typedef {import("nightjar/review/model.js").Entry} Entry */
/** @typedef {import("nightjar/review/model.js").Change} Change */
/** @typedef {import("nightjar/library/model.js").Label} Label */

/**
 * @typedef {object} State
 * @property {import("nightjar/core/page.js").Boot} boot
 * @property {string} tab
 * @property {import("nightjar/review/model.js").Choice} choice
 * @property {Entry[]} entries
 * @property {Change[]} changes
 * @property {Record<string, number | null>} counts by tab
 * @property {string} notice
 * @property {boolean} loading
 * @property {string} error
 * @property {number | null} busy segment that is being saved
 * @property {number} at row that the keys act on
 */

/** @param {State} state */
export function reviewView(state) {
  return h(
    "div",
    { class: "review-inner" },
    head(state),
    tabs(state),
    state.tab === "queue" && queueBar(state),
    state.notice && h("p", { class: "notice", "data-testid": "queue-notice" }, icon("alert"), h("span", null, state.notice)),
    body(state),
  );
}

/** @param {State} state */
function head({ boot, entries, tab }) {
  const first = tab === "queue" ? entries[0] : null;
  return h(
    "header",
    { class: "page-head" },
    h("h1", null, t("Where to look next")),
    h("span", { class: "spacer" }),
    first && h("a", { class: "button primary", href: clipUrl(boot.library_url, first), "data-testid": "start-review" }, icon("play"), boot.can.review ? t("Start reviewing") : t("Look at the first")),
  );
}

/** @param {State} state */
function tabs({ tab, counts }) {
  return h(
    "div",
    { class: "segmented review-tabs", role: "tablist", "aria-label": t("Lists") },
    TABS.map(([id, text]) =>
      h(
        "button",
        { type: "button", role: "tab", "data-click": "tab", "data-tab": id, "aria-selected": String(id === tab), "data-testid": `tab-${id}` },
        text,
        counts[id] != null && h("span", { class: "num tab-count" }, ` ${counts[id]}`),
      )
    ),
  );
}

/** @param {State} state */
function queueBar({ choice, counts }) {
  const select = (/** @type {string} */ name, /** @type {string} */ title, /** @type {string[][]} */ options, /** @type {string} */ chosen) =>
    h(
      "label",
      { class: "filter" },
      h("span", { class: "muted" }, title),
      h("select", { name, "data-change": "choose", "data-testid": `queue-${name}` }, options.map(([value, text]) => h("option", { value, selected: value === chosen }, text))),
    );
  return h(
    "div",
    { class: "queue-bar" },
    select("order", t("Order"), ORDERS, choice.order),
    select("who", t("Of"), WHO, choice.who),
    h("span", { class: "muted num", "data-testid": "queue-remaining" }, counts.queue == null ? "" : tn(counts.queue, "{count} segment to review", "{count} segments to review")),
  );
}

/** @param {State} state */
function body(state) {
  if (state.error) {
    return h(
      "div",
      { class: "empty", role: "alert", "data-testid": "review-error" },
      h("h2", null, t("The list could not be read")),
      h("p", null, state.error),
      h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), t("Try again")),
    );
  }
  const rows = state.tab === "changes" ? state.changes : state.entries;
  if (!rows.length) return state.loading ? h("p", { class: "booting" }, t("Loading…")) : nothing(state.tab);
  if (state.tab === "changes") return h("ol", { class: "panel entries", "data-testid": "changes" }, state.changes.map((change) => changeRow(change, state.boot)));
  return [
    state.tab === "suggestions" && state.boot.can.review && h("p", { class: "muted" }, t("Y accepts, X dismisses the marked one; ↑ and ↓ go on. Nothing is applied by itself.")),
    h("ol", { class: "panel entries", "aria-busy": String(state.loading), "data-testid": `list-${state.tab}` }, state.entries.map((entry, index) => entryRow(entry, index, state))),
  ];
}

/** @param {string} tab */
function nothing(tab) {
  /** @type {Record<string, [string, string]>} */
  const words = {
    queue: [t("All reviewed"), t("Nobody waits for a judgement. New clips join the queue as they are analysed.")],
    doubts: [t("No label looks wrong"), t("Labels that all other clips speak against are listed here, once there are some to compare with.")],
    suggestions: [t("Nothing to suggest"), t("When a segment is nearly the same as one that you have judged, its label is suggested here.")],
    changes: [t("No change of many so far"), t("In the library, filter clips and choose Relabel to give all of them a label at once.")],
  };
  return h("div", { class: "empty", "data-testid": `nothing-${tab}` }, icon("check"), h("h2", null, words[tab][0]), h("p", null, words[tab][1]));
}

/** @param {Entry} entry @param {number} index @param {State} state */
function entryRow(entry, index, state) {
  const url = clipUrl(state.boot.library_url, entry);
  return h(
    "li",
    {
      class: `entry${state.tab === "suggestions" && index === state.at ? " marked" : ""}`, "data-key": String(entry.segment), "data-testid": "entry", "data-segment": entry.segment, "data-video": entry.video,
    },
    h("a", { class: "entry-poster", href: url, tabindex: "-1", "aria-hidden": "true" }, entry.poster_url ? h("img", { src: entry.poster_url, alt: "", loading: "lazy", decoding: "async" }) : icon("film")),
    h(
      "div",
      { class: "entry-what" },
      h("h2", null, entry.rank != null && h("span", { class: "num muted" }, `${entry.rank}. `), h("a", { href: url, "data-testid": "entry-link" }, entry.name)),
      h("p", { class: "muted num" }, whereInWords(entry)),
      h("p", { class: "why", "data-testid": "why" }, entry.why),
    ),
    h("div", { class: "entry-said" }, said(entry)),
    h("div", { class: "entry-actions" }, actions(entry, state)),
  );
}

/** @param {Label} label @param {string} text @param {string} [tone] */
function chip(label, text, tone = "") {
  return h("span", { class: `chip label ${tone}` }, h("span", { class: "dot", style: { background: label.colour } }), text);
}

/** @param {Entry} entry */
function said({ label, probability, given, looks_like, author, suggested }) {
  if (given && looks_like) return [chip(given, t("{label}, by {name}", { label: given.name, name: author })), icon("arrow"), chip(looks_like, `${looks_like.name}?`, "warm")];
  if (suggested) return [label && chip(label, label.name), icon("arrow"), chip(suggested, `${suggested.name}?`, "warm")];
  return label ? chip(label, `${label.name} ${percent(probability ?? 0)}`) : h("span", { class: "muted" }, t("No prediction"));
}

/** @param {Entry} entry @param {State} state */
function actions(entry, { boot, busy, tab }) {
  if (!boot.can.review || tab === "queue") return null;
  const button = (/** @type {string} */ action, /** @type {string} */ text, /** @type {string} */ tone, /** @type {string} */ key = "") =>
    h("button", { type: "button", class: `button small ${tone}`, "data-click": action, "data-segment": entry.segment, disabled: busy === entry.segment, "data-testid": action }, text, key && h("kbd", null, key));
  if (tab === "suggestions") return [button("accept", "Accept", "primary", "Y"), button("dismiss", "Dismiss", "quiet", "X")];
  return [button("give", `Give ${entry.looks_like?.name}`, "primary"), button("keep", `Keep ${entry.given?.name}`, "quiet")];
}

/** @param {Change} change @param {import("nightjar/core/page.js").Boot} boot */
function changeRow(change, boot) {
  const isUndone = change.state === "undone";
  const from = change.counts.from_labels.map(({ label, count }) => `${count} ${label ? label.name : t("without label")}`).join(", ");
  return h(
    "li",
    { class: "entry change", "data-key": String(change.id), "data-testid": "change", "data-state": change.state },
    h("div", { class: "entry-what" },
      h("h2", null, tn(change.applied, "{count} segment to", "{count} segments to"), " ", chip(change.label, change.label.name)),
      h("p", { class: "muted" }, t("Before: {labels}.", { labels: from }), change.left_out > 0 && [" ", tn(change.left_out, "{count} segment left out: changed meanwhile.", "{count} segments left out: changed meanwhile.")]),
      h("p", { class: "muted" }, `${change.created_by}, ${ago(change.applied_at)}`, isUndone && [" · ", t("taken back by {name}, {when}", { name: change.undone_by, when: ago(change.undone_at) })])),
    h("div", { class: "entry-actions" },
      boot.can.review && !isUndone && h("button", { type: "button", class: "button small", "data-click": "take-back", "data-id": change.id, "data-testid": "take-back" }, icon("back"), t("Take back"))),
  );
}

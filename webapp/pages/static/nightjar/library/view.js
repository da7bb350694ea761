// @ts-check
/** Draws the library from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, bytes, duration, percent } from "nightjar/core/format.js";
import { t, tn } from "nightjar/core/i18n.js";
import {
  canOpen,
  canRunAgain,
  isFiltered,
  ORDERINGS,
  stateChip,
  STATES,
} from "nightjar/library/model.js";
import { totals } from "nightjar/library/uploader.js";

/** @typedef {import("nightjar/library/model.js").Card} Card */
/** @typedef {import("nightjar/library/model.js").Label} Label */
/** @typedef {import("nightjar/library/uploader.js").Item} Item */
/** @typedef {import("nightjar/core/page.js").Boot} Boot */

/**
 * @typedef {object} State
 * @property {Boot} boot
 * @property {import("nightjar/library/model.js").Filters} filters
 * @property {Card[]} cards
 * @property {number} count
 * @property {boolean} loading
 * @property {boolean} loadingMore
 * @property {string} error
 * @property {Label[]} labels
 * @property {{remaining: number, next: number | null, segment: number | null}} queue
 * @property {Item[]} uploads
 * @property {boolean} trayOpen
 * @property {boolean} dragging
 */

/** @param {State} state */
export function libraryView(state) {
  return [
    h("div", { class: "library-inner" }, head(state), filterBar(state), body(state)),
    state.uploads.length > 0 && tray(state),
    state.dragging && dropTarget(),
  ];
}

/** @param {State} state */
function head({ boot, count, loading, error, queue }) {
  return h(
    "header",
    { class: "page-head" },
    h("h1", null, t("Library")),
    h("span", { class: "muted num", "data-testid": "clip-count" }, loading || error ? "" : tn(count, "{count} clip", "{count} clips")),
    h("span", { class: "spacer" }),
    queue.next && h(
      "a",
      { class: "button", href: `${boot.library_url}clips/${queue.next}/?segment=${queue.segment}`, "data-testid": "review-next" },
      icon("play"),
      boot.can.review ? tn(queue.remaining, "Review {count} segment", "Review {count} segments") : tn(queue.remaining, "{count} segment to review", "{count} segments to review"),
    ),
    boot.can.review && [
      h("input", {
        type: "file", id: "upload-input", class: "sr-only", multiple: true, tabindex: "-1",
        accept: "video/*,.mkv,.avi,.mts,.ts,.webm,.mov,.mp4,.m4v,.ogv,.flv,.wmv,.mpg,.mpeg", "data-testid": "upload-input",
        "aria-label": t("Clips to upload"), "data-change": "pick",
      }),
      h("button", { type: "button", class: "button primary", "data-click": "browse", "data-testid": "upload" }, icon("upload"), t("Upload clips")),
    ],
  );
}

/** @param {State} state */
function filterBar({ filters, labels, boot, count }) {
  return h(
    "div",
    { class: "filters", role: "search" },
    h(
      "label",
      { class: "search" },
      icon("search"),
      h("span", { class: "sr-only" }, t("Search by name")),
      h("input", { type: "search", placeholder: t("Search by name"), value: filters.q, "data-input": "search", "data-testid": "filter-search" }),
    ),
    select(t("State"), "state", STATES, filters.state),
    select(t("Label"), "label", [["", t("Any label")], ...labels.map(({ id, name }) => [String(id), name])], filters.label),
    segmented(filters.reviewed),
    filters.ids && h(
      "button",
      { type: "button", class: "chip warm", "data-click": "unchoose", "data-testid": "filter-chosen", title: t("Show all clips again") },
      filters.why || t("Chosen clips"),
      icon("close"),
    ),
    h("span", { class: "spacer" }),
    boot.can.review && count > 0 && h("button", { type: "button", class: "button small", "data-click": "relabel", title: t("One label for all clips that are shown"), "data-testid": "relabel-open" }, icon("tag"), t("Relabel…")),
    select(t("Order"), "ordering", ORDERINGS, filters.ordering),
  );
}

/** @param {string} title @param {string} name @param {string[][]} options @param {string} chosen */
function select(title, name, options, chosen) {
  return h(
    "label",
    { class: "filter" },
    h("span", { class: "sr-only" }, title),
    h(
      "select",
      { "data-change": "filter", name, "data-testid": `filter-${name}` },
      options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
    ),
  );
}

/** @param {string} chosen */
function segmented(chosen) {
  const choices = [["", t("All")], ["false", t("To review")], ["true", t("Reviewed")]];
  return h(
    "div",
    { class: "segmented", role: "group", "aria-label": t("Reviewed") },
    choices.map(([value, text]) =>
      h(
        "button",
        {
          type: "button", "data-click": "reviewed", "data-value": value,
          "aria-pressed": String(value === chosen), "data-testid": `filter-reviewed-${value || "all"}`,
        },
        text,
      )
    ),
  );
}

/** @param {State} state */
function body(state) {
  if (state.error && !state.cards.length) return failure(state.error);
  if (state.loading && !state.cards.length) return skeletons();
  if (!state.cards.length) return isFiltered(state.filters) ? nothingMatches() : nothingYet(state.boot);
  return h(
    "section",
    { "aria-label": t("Clips"), "aria-busy": String(state.loading) },
    state.error && h("p", { class: "notice bad", role: "alert" }, icon("alert"), h("span", null, state.error)),
    h("ul", { class: "cards" }, state.cards.map((card) => cardView(card, state.boot))),
    state.cards.length < state.count && h(
      "p",
      { class: "more" },
      h("button", { type: "button", class: "button", "data-click": "more", "data-testid": "more", disabled: state.loadingMore },
        state.loadingMore ? t("Loading…") : t("Show more ({count} left)", { count: state.count - state.cards.length })),
    ),
  );
}

/** @param {string} message */
function failure(message) {
  return h(
    "div",
    { class: "empty", role: "alert", "data-testid": "library-error" },
    h("h2", null, t("The library could not be read")),
    h("p", null, message),
    h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), t("Try again")),
  );
}

function skeletons() {
  const ghost = () => h("li", { class: "card ghost", "aria-hidden": "true" }, h("div", { class: "poster" }), h("div", { class: "card-body" }));
  return h("ul", { class: "cards", "aria-label": t("Loading"), "data-testid": "library-loading" }, Array.from({ length: 12 }, ghost));
}

function nothingMatches() {
  return h(
    "div",
    { class: "empty", "data-testid": "library-no-match" },
    h("h2", null, t("No clip matches")),
    h("p", null, t("Loosen the filters or search for another name.")),
    h("button", { type: "button", class: "button", "data-click": "clear" }, t("Clear all filters")),
  );
}

/** @param {Boot} boot */
function nothingYet({ can }) {
  return h(
    "div",
    { class: `empty${can.review ? " drop-hint" : ""}`, "data-testid": "library-empty" },
    icon("film"),
    h("h2", null, t("No clips yet")),
    can.review
      ? h("p", null, t("Drop video files or folders anywhere on this page, or use the button above. People, skeletons and actions are found by themselves."))
      : h("p", null, t("Reviewers and admins of this project can upload clips.")),
  );
}

/** @param {Card} card @param {Boot} boot */
function cardView(card, boot) {
  const chip = stateChip(card);
  return h(
    "li",
    {
      class: `card${card.reviewed ? " reviewed" : ""}`,
      "data-key": String(card.id),
      "data-testid": "clip-card",
      "data-video-id": card.id,
      "data-state": card.state,
      "data-error": card.error_code || null,
      "data-label": card.predicted?.label.name ?? "",
      "data-corrected": card.corrected?.label.name ?? "",
      "data-classifier": card.predicted?.classifier ?? "",
      "data-reviewed": String(card.reviewed),
    },
    poster(card, chip),
    h(
      "div",
      { class: "card-body" },
      h("h2", { class: "card-name", title: card.name }, title(card, boot)),
      card.message && h("p", { class: "card-message", title: card.message, "data-testid": "card-message" }, card.message),
      card.predicted && labelRow(card),
      h("p", { class: "card-meta" },
        h("span", null, [card.uploaded_by, ago(card.created_at)].filter(Boolean).join(" · ")),
        card.predicted && h("span", { class: "num", title: t("Predicted by version {number}", { number: card.predicted.classifier }) }, `v${card.predicted.classifier}`)),
    ),
    h("div", { class: "card-actions" }, actions(card, boot)),
  );
}

/** @param {Card} card @param {Boot} boot */
function title(card, { library_url }) {
  if (canOpen(card)) return h("a", { class: "card-link", href: `${library_url}clips/${card.id}/`, "data-click": "open" }, card.name);
  if (card.duplicate_of) {
    return h("a", { class: "card-link", href: `${library_url}clips/${card.duplicate_of}/`, title: t("Opens the clip with the same content") }, card.name);
  }
  return h("span", null, card.name);
}

/** @param {Card} card @param {import("nightjar/library/model.js").StateChip | null} chip */
function poster(card, chip) {
  const progress = card.job && ["queued", "running"].includes(card.job.state) ? card.job.progress : null;
  return h(
    "div",
    { class: "poster" },
    card.poster_url
      ? h("img", { src: card.poster_url, alt: "", loading: "lazy", decoding: "async" })
      : icon(card.state === "rejected" ? "alert" : "film"),
    chip && h("span", { class: `chip ${chip.tone}`, "data-testid": "state-chip" }, chip.busy && h("span", { class: "spinner" }), chip.text),
    card.duration_s != null && h("span", { class: "poster-time num" }, duration(card.duration_s)),
    progress !== null && h(
      "div",
      { class: "bar", role: "progressbar", "aria-valuenow": Math.round(progress * 100), "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": t("Progress"), "data-testid": "card-progress" },
      h("span", { style: { width: `${Math.max(2, progress * 100)}%` } }),
    ),
  );
}

/** @param {Card} card */
function labelRow({ predicted, corrected }) {
  if (!predicted) return null;
  const isOverruled = corrected && corrected.label.id !== predicted.label.id;
  return h(
    "div",
    { class: "card-labels" },
    h(
      "span",
      { class: `chip label${isOverruled ? " overruled" : ""}`, title: t("Predicted by version {number}", { number: predicted.classifier }), "data-testid": "predicted-chip" },
      h("span", { class: "dot", style: { background: predicted.label.colour } }),
      h("span", { class: "chip-name" }, predicted.label.name),
      h("span", { class: "num muted" }, percent(predicted.probability)),
    ),
    corrected && h(
      "span",
      { class: "chip label corrected", title: isOverruled ? t("Corrected by {name}, {when}", { name: corrected.author, when: ago(corrected.created_at) }) : t("Confirmed by {name}, {when}", { name: corrected.author, when: ago(corrected.created_at) }), "data-testid": "corrected-chip" },
      icon("check"),
      isOverruled && h("span", { class: "dot", style: { background: corrected.label.colour } }),
      h("span", { class: "chip-name" }, corrected.label.name),
    ),
  );
}

/** @param {Card} card @param {Boot} boot */
function actions(card, { can }) {
  const button = (/** @type {string} */ action, /** @type {string} */ text, /** @type {string} */ picture) =>
    h("button", { type: "button", class: "icon-button", "data-click": action, "data-id": card.id, title: text, "aria-label": `${text}: ${card.name}`, "data-testid": `card-${action}` }, icon(picture));
  return [
    can.review && canRunAgain(card) && button("rerun", card.state === "ready" ? t("Analyse") : t("Analyse again"), "again"),
    can.review && card.state === "analysing" && card.job && button("cancel", "Stop the analysis", "stop"),
    can.admin && card.state !== "ingesting" && button("delete", "Delete", "trash"),
  ];
}

/** @param {State} state */
function tray({ uploads, trayOpen }) {
  const { sent, size, busy, refused } = totals(uploads);
  const heading = busy
    ? tn(busy, "Uploading {count} file · {share}", "Uploading {count} files · {share}", { share: percent(size ? sent / size : 0) })
    : refused ? tn(refused, "{count} file not uploaded", "{count} files not uploaded") : t("All files uploaded");
  return h(
    "section",
    { class: "tray", "aria-label": t("Uploads"), "data-testid": "upload-tray", "data-key": "tray" },
    h(
      "header",
      null,
      h("h2", { role: "status" }, heading),
      h("button", { type: "button", class: "icon-button", "data-click": "tray", "aria-expanded": String(trayOpen), "aria-label": trayOpen ? t("Fold") : t("Unfold"), title: trayOpen ? t("Fold") : t("Unfold") }, icon("chevron")),
      !busy && h("button", { type: "button", class: "icon-button", "data-click": "clear-uploads", "aria-label": t("Close"), title: t("Close") }, icon("close")),
    ),
    h("div", { class: "bar" }, h("span", { style: { width: `${size ? (sent / size) * 100 : 0}%` } })),
    trayOpen && h("ul", null, [...uploads].reverse().map(uploadRow)),
  );
}

/** @param {Item} item */
function uploadRow({ key, name, size, sent, state, message }) {
  const isOver = state === "done" || state === "refused";
  return h(
    "li",
    { "data-key": String(key), class: state, "data-testid": "upload-item", "data-state": state, "data-name": name },
    h("span", { class: "upload-name", title: name }, name),
    h("span", { class: "upload-size num muted" }, state === "done" ? bytes(size) : t("{share} of {whole}", { share: percent(size ? sent / size : 0), whole: bytes(size) })),
    state === "refused" && h("button", { type: "button", class: "icon-button", "data-click": "retry-upload", "data-key-of": key, title: t("Try again"), "aria-label": t("Try again: {name}", { name }) }, icon("again")),
    state === "done"
      ? icon("check")
      : h("button", { type: "button", class: "icon-button", "data-click": "cancel-upload", "data-key-of": key, title: t("Remove"), "aria-label": t("Remove: {name}", { name }) }, icon("close")),
    message && h("p", { class: "upload-message", role: state === "refused" ? "alert" : null }, message),
    !isOver && h("div", { class: "bar" }, h("span", { style: { width: `${size ? (sent / size) * 100 : 0}%` } })),
  );
}

function dropTarget() {
  return h("div", { class: "drop", "data-key": "drop", "aria-hidden": "true" }, h("div", null, icon("upload"), h("p", null, t("Drop clips to upload"))));
}

// @ts-check
/** What the library knows and shows of clips; pure. */

import { t } from "nightjar/core/i18n.js";

/** @typedef {{id: number, name: string, colour: string}} Label */

/**
 * @typedef {object} Card
 * @property {number} id
 * @property {string} name
 * @property {string} state
 * @property {string} error_code
 * @property {string} message
 * @property {number | null} duplicate_of
 * @property {string | null} poster_url
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} frames
 * @property {[number, number] | null} fps
 * @property {number | null} duration_s
 * @property {string} created_at
 * @property {string} uploaded_by
 * @property {{id: number, stage: string, progress: number, state: string, job_kind?: string} | null} job
 * @property {number | null} [people]
 * @property {{label: Label, probability: number, classifier: number} | null} predicted
 * @property {{label: Label, author: string, created_at: string} | null} corrected
 * @property {boolean} reviewed
 */

/**
 * `ids` are chosen clips, joined by commas; `why` says to a person what they are.
 * @typedef {{state: string, label: string, reviewed: string, q: string, ordering: string, ids: string, why: string}} Filters
 */

/** @type {Filters} */
export const NO_FILTERS = { state: "", label: "", reviewed: "", q: "", ordering: "-created_at", ids: "", why: "" };

export const ORDERINGS = [
  ["-created_at", t("Newest first")],
  ["created_at", t("Oldest first")],
  ["probability", t("Least sure first")],
  ["-probability", t("Most sure first")],
  ["name", t("Name")],
];

export const STATES = [
  ["", t("Any state")],
  ["analysed", t("Analysed")],
  ["analysing", t("Analysing")],
  ["ready", t("Waiting for analysis")],
  ["ingesting", t("Being read")],
  ["rejected", t("Rejected")],
  ["duplicate", t("Duplicates")],
  ["failed", t("Failed")],
  ["cancelled", t("Cancelled")],
];

/** @param {URLSearchParams} params @returns {Filters} */
export function filtersFrom(params) {
  const filters = { ...NO_FILTERS };
  for (const name of /** @type {(keyof Filters)[]} */ (Object.keys(filters))) {
    filters[name] = params.get(name) ?? filters[name];
  }
  return filters;
}

/** @param {Filters} filters @returns {string} only what differs from the usual */
export function paramsOf(filters) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) {
    if (value !== NO_FILTERS[/** @type {keyof Filters} */ (name)]) params.set(name, value);
  }
  return params.toString();
}

/** @param {Filters} filters */
export function isFiltered({ state, label, reviewed, q, ids }) {
  return Boolean(state || label || reviewed || q || ids);
}

/** @typedef {{text: string, tone: "" | "bad" | "busy" | "warm" | "ok", busy: boolean}} StateChip */

/** @type {Record<string, [string, StateChip["tone"]]>} */
const CHIPS = {
  rejected: [t("Cannot be used"), "bad"],
  duplicate: [t("Duplicate"), "warm"],
  failed: [t("Analysis failed"), "bad"],
  cancelled: [t("Cancelled"), "warm"],
  ready: [t("Waiting for analysis"), "busy"],
};

/** @type {Record<string, string>} */
const STAGES = {
  hash: t("Checking"),
  probe: t("Reading"),
  frames: t("Reading frames"),
  proxy: t("Making the proxy"),
  poster: t("Making the poster"),
  decode: t("Decoding"),
  detect: t("Finding people"),
  track: t("Following people"),
  pose: t("Estimating skeletons"),
  poses: t("Estimating skeletons"),
  features: t("Describing movement"),
  classify: t("Naming the action"),
};

/** @param {string} stage */
export function stageInWords(stage) {
  return STAGES[stage] ?? (stage ? stage[0].toUpperCase() + stage.slice(1).replaceAll("_", " ") : "");
}

/** @param {Card} card @returns {StateChip | null} null where the labels say it all */
export function stateChip(card) {
  if (card.state === "ingesting" || card.state === "analysing") {
    const usual = card.state === "ingesting" ? t("Reading") : t("Analysing");
    const waits = card.job?.state === "queued" || !card.job;
    const text = waits ? t("{stage}: waiting its turn", { stage: usual }) : stageInWords(card.job?.stage ?? "") || usual;
    return { text, tone: "busy", busy: !waits };
  }
  if (card.state === "analysed") {
    if (!card.predicted) return { text: t("No person found"), tone: "warm", busy: false };
    return null;
  }
  const [text, tone] = CHIPS[card.state] ?? [card.state, ""];
  return { text, tone, busy: false };
}

/** @param {Card} card */
export function canOpen(card) {
  return !["ingesting", "rejected", "duplicate"].includes(card.state);
}

/** @param {Card} card */
export function canRunAgain(card) {
  return ["ready", "analysed", "failed", "cancelled"].includes(card.state);
}

/**
 * @param {Card[]} cards
 * @param {Card[]} fresh newly read ones; those not yet there go to the front, newest first
 */
export function mergeCards(cards, fresh) {
  const byId = new Map(fresh.map((card) => [card.id, card]));
  const kept = cards.map((card) => byId.get(card.id) ?? card);
  const known = new Set(cards.map((card) => card.id));
  const added = fresh.filter((card) => !known.has(card.id)).sort((a, b) => b.id - a.id);
  return [...added, ...kept];
}

/**
 * Progress is shown straight from the event; everything else is read again.
 * @param {Card[]} cards
 * @param {import("nightjar/core/events.js").ProjectEvent} event
 * @returns {{cards: Card[], read: number | "all" | null}}
 */
export function applyEvent(cards, event) {
  switch (event.kind) {
    case "video":
      return { cards, read: event.id };
    case "correction":
      return { cards, read: event.video };
    case "classifier":
    case "labels":
    case "relabel":
      return { cards, read: "all" };
    case "promotion":
      return { cards, read: event.state === "done" ? "all" : null };
    case "job":
      return { cards: withProgress(cards, event), read: null };
    default:
      return { cards, read: null };
  }
}

/** @param {Card[]} cards @param {import("nightjar/core/events.js").ProjectEvent} event */
function withProgress(cards, { id, state, stage, progress }) {
  return cards.map((card) => card.job?.id === id ? { ...card, job: { id, state, stage, progress } } : card);
}

// @ts-check
/** What the library knows and shows of clips; pure. */

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
  ["-created_at", "Newest first"],
  ["created_at", "Oldest first"],
  ["probability", "Least sure first"],
  ["-probability", "Most sure first"],
  ["name", "Name"],
];

export const STATES = [
  ["", "Any state"],
  ["analysed", "Analysed"],
  ["analysing", "Analysing"],
  ["ready", "Waiting for analysis"],
  ["ingesting", "Being read"],
  ["rejected", "Rejected"],
  ["duplicate", "Duplicates"],
  ["failed", "Failed"],
  ["cancelled", "Cancelled"],
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
  rejected: ["Cannot be used", "bad"],
  duplicate: ["Duplicate", "warm"],
  failed: ["Analysis failed", "bad"],
  cancelled: ["Cancelled", "warm"],
  ready: ["Waiting for analysis", "busy"],
};

/** @type {Record<string, string>} */
const STAGES = {
  hash: "Checking",
  probe: "Reading",
  frames: "Reading frames",
  proxy: "Making the proxy",
  poster: "Making the poster",
  decode: "Decoding",
  detect: "Finding people",
  track: "Following people",
  pose: "Estimating skeletons",
  poses: "Estimating skeletons",
  features: "Describing movement",
  classify: "Naming the action",
};

/** @param {string} stage */
export function stageInWords(stage) {
  return STAGES[stage] ?? (stage ? stage[0].toUpperCase() + stage.slice(1).replaceAll("_", " ") : "");
}

/** @param {Card} card @returns {StateChip | null} null where the labels say it all */
export function stateChip(card) {
  if (card.state === "ingesting" || card.state === "analysing") {
    const usual = card.state === "ingesting" ? "Reading" : "Analysing";
    const waits = card.job?.state === "queued" || !card.job;
    const text = waits ? `${usual}: waiting its turn` : stageInWords(card.job?.stage ?? "") || usual;
    return { text, tone: "busy", busy: !waits };
  }
  if (card.state === "analysed") {
    if (!card.predicted) return { text: "No person found", tone: "warm", busy: false };
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

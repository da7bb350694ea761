// @ts-check
/** What the training page knows, and the figures it compares; pure. */

import { t } from "nightjar/core/i18n.js";

/** @typedef {{precision: number, recall: number, f1: number, support: number}} ClassFigures */
/**
 * @typedef {object} Metrics
 * @property {number} accuracy
 * @property {number} macro_f1
 * @property {number} macro_recall
 * @property {Record<string, ClassFigures>} per_class
 * @property {{labels: string[], counts: number[][]}} confusion
 * @property {number} count
 */
/** @typedef {{id: number, number: number, state: string, metrics: Partial<Metrics>, created_by: string | null, created_at: string, activated_at: string | null, output_names: string[], weights_sha256: string, training_set_hash: string}} Version */
/** @typedef {[number, number]} Interval */
/** @typedef {{candidate: Interval, baseline: Interval | null, difference: number | null, difference_interval: Interval | null}} Compared */
/** @typedef {{ece: number, bins: {low: number, high: number, count: number, confidence: number, accuracy: number}[]}} Reliability */
/** @typedef {{level: number, groups: number, figures: Record<string, Compared>, f1: Record<string, Compared>, reliability: {candidate: Reliability, baseline: Reliability | null}}} Comparison */
/** @typedef {{label: string, probability: number}} Answer */
/** @typedef {{run: number, base: number, segments: {segment_id: number, video_id: number, truth: string, candidate: Answer, baseline: Answer | null}[]}} Evaluation */
/** @typedef {{state?: string, same?: boolean, differences?: string[], message?: string, at?: string, by?: string}} Rebuilt */
/** @typedef {{id: number, state: string, stage: string, progress: number, error_message: string}} Job */
/** @typedef {Record<string, number>} Epoch */
/**
 * @typedef {object} Run
 * @property {number} id
 * @property {string} state
 * @property {Job | null} job
 * @property {Epoch[]} curves
 * @property {Partial<Metrics>} metrics
 * @property {Partial<Metrics>} baseline_metrics
 * @property {Partial<Comparison>} comparison
 * @property {{limit?: number, passed?: boolean, reason?: string}} gate
 * @property {Rebuilt} rebuilt
 * @property {string} trigger
 * @property {Version | null} candidate
 * @property {Version | null} baseline
 * @property {{content_hash: string, summary: {train: number, eval: number}}} training_set
 * @property {string | null} created_by
 * @property {string} created_at
 * @property {string | null} finished_at
 * @property {number} seed
 */
/** @typedef {{id: number, state: string, job: Job | null, to_version: {id: number, number: number}, from_version: {id: number, number: number} | null, is_rollback: boolean, trigger: string, created_by: string, created_at: string, finished_at: string | null}} Promotion */

/** @param {{state: string} | null | undefined} work */
export function isUnfinished(work) {
  return work?.state === "queued" || work?.state === "running";
}

/** @param {Partial<Metrics>} metrics @returns {metrics is Metrics} */
export function hasFigures(metrics) {
  return typeof metrics?.accuracy === "number" && Boolean(metrics.confusion);
}

/**
 * The run whose figures are worth a look: one that waits for a decision, else the newest.
 * @param {Run[]} runs newest first
 * @param {number | null} chosen
 */
export function runToShow(runs, chosen) {
  const done = runs.filter(({ state, metrics }) => state === "done" && hasFigures(metrics));
  return done.find(({ id }) => id === chosen) ??
    done.find(({ candidate }) => candidate?.state === "candidate") ?? done[0] ?? null;
}

/** One standard error of a share of `count` examples. @param {number} share @param {number} count */
export function standardError(share, count) {
  return count ? Math.sqrt((share * (1 - share)) / count) : 0;
}

/**
 * How a figure moved, in points; a move within one standard error says little.
 * @param {number} value @param {number | undefined} before @param {number} [error]
 * @returns {{text: string, tone: "better" | "worse" | "same"}}
 */
export function change(value, before, error = 0) {
  if (before === undefined) return { text: "", tone: "same" };
  const points = (value - before) * 100;
  const text = `${points >= 0 ? "+" : "−"}${Math.abs(points).toFixed(1)}`;
  if (Math.abs(points) < 0.05) return { text: "±0.0", tone: "same" };
  if (Math.abs(points) <= error * 100) return { text, tone: "same" };
  return { text, tone: points > 0 ? "better" : "worse" };
}

/**
 * The confusion matrix without labels that neither occur nor are ever said.
 * @param {Metrics["confusion"]} confusion
 */
export function compact({ labels, counts }) {
  const used = labels.map((_, i) => i).filter((i) =>
    counts[i].some((n) => n > 0) || counts.some((row) => row[i] > 0)
  );
  return { labels: used.map((i) => labels[i]), counts: used.map((i) => used.map((j) => counts[i][j])) };
}

/** @param {number[]} row @returns {number[]} shares of the row's sum */
export function shares(row) {
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((n) => (sum ? n / sum : 0));
}

/**
 * @param {Metrics} metrics @param {Partial<Metrics>} before
 * @returns {{name: string, now: ClassFigures, before: ClassFigures | null}[]} classes that occur
 */
export function classRows(metrics, before) {
  return Object.entries(metrics.per_class)
    .filter(([name, { support }]) => support > 0 || timesSaid(metrics, name) > 0)
    .map(([name, now]) => ({ name, now, before: before.per_class?.[name] ?? null }));
}

/** How often a label was given, rightly or not. @param {Metrics} metrics @param {string} name */
function timesSaid({ confusion }, name) {
  const column = confusion.labels.indexOf(name);
  return confusion.counts.reduce((sum, row) => sum + (row[column] ?? 0), 0);
}

/** Labels that were given although none of the held-out examples has them. @param {Metrics} metrics */
export function withoutHeldOut(metrics) {
  return Object.entries(metrics.per_class)
    .filter(([name, { support }]) => support === 0 && timesSaid(metrics, name) > 0)
    .map(([name]) => name);
}

/**
 * Adds an epoch that an event brought; one that is there already is not added twice.
 * @param {Epoch[]} curves @param {Epoch} epoch
 */
export function withEpoch(curves, epoch) {
  const before = curves.filter((one) => one.epoch < epoch.epoch);
  return [...before, epoch];
}

/**
 * @param {Run[]} runs
 * @param {import("nightjar/core/events.js").ProjectEvent} event
 * @returns {{runs: Run[], mustRead: boolean}}
 */
export function applyTraining(runs, event) {
  const run = runs.find(({ id }) => id === event.id);
  if (!run || run.state !== event.state || event.news) return { runs, mustRead: true };
  if (!event.epoch) return { runs, mustRead: false };
  const curves = withEpoch(run.curves, event.epoch);
  return { runs: runs.map((one) => (one === run ? { ...run, curves } : one)), mustRead: false };
}

/**
 * @template {{job: Job | null}} W
 * @param {W[]} works
 * @param {import("nightjar/core/events.js").ProjectEvent} event of kind job
 * @returns {W[]}
 */
export function withJob(works, { id, state, stage, progress }) {
  return works.map((work) => (work.job?.id === id ? { ...work, job: { ...work.job, state, stage, progress } } : work));
}

/**
 * How a figure moved, with what the draws of the same scenes allow; nothing is called better or
 * worse while no change at all lies within.
 * @param {number} value @param {number | undefined} before @param {Compared | undefined} compared
 * @param {number} error one standard error, for runs from before intervals were kept
 * @returns {{text: string, tone: "better" | "worse" | "same", range: string}}
 */
export function moved(value, before, compared, error) {
  const interval = compared?.difference_interval;
  if (!interval) return { ...change(value, before, error), range: "" };
  const [low, high] = interval;
  const { text } = change(value, before);
  const tone = low > 0 ? "better" : high < 0 ? "worse" : "same";
  return { text, tone, range: t("{low} to {high}", { low: signed(low), high: signed(high) }) };
}

/** @param {number} share @returns {string} points with their sign */
function signed(share) {
  const points = share * 100;
  return `${points < -0.05 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
}

/**
 * The project's clips behind each cell of a confusion matrix.
 * @param {Evaluation | null} evaluation @param {"candidate" | "baseline"} side
 * @returns {(truth: string, said: string) => number[]} ids of videos, each once
 */
export function clipsBehind(evaluation, side) {
  /** @type {Map<string, Set<number>>} */
  const cells = new Map();
  for (const row of evaluation?.segments ?? []) {
    const answer = row[side];
    if (!answer) continue;
    const key = JSON.stringify([row.truth, answer.label]);
    cells.set(key, (cells.get(key) ?? new Set()).add(row.video_id));
  }
  return (truth, said) => [...cells.get(JSON.stringify([truth, said])) ?? []];
}

/** @param {string} library address of the library page @param {number[]} ids @param {string} why */
export function chosenClips(library, ids, why) {
  return `${library}?${new URLSearchParams({ ids: ids.join(","), why })}`;
}

export const FEW_EXAMPLES = 5;

/**
 * What an admin should know of a label before counting on it.
 * @param {{base_examples: number, corrected_examples: number, known_to_model: boolean}} row
 */
export function labelNote({ base_examples, corrected_examples, known_to_model }) {
  const examples = base_examples + corrected_examples;
  if (!examples) return t("no examples yet: its output is never said");
  const few = examples < FEW_EXAMPLES ? t("few examples: expect mistakes") : "";
  return [known_to_model ? "" : t("not trained yet"), few].filter(Boolean).join(" · ");
}

/** @param {Rebuilt} rebuilt @returns {{text: string, tone: "" | "ok" | "bad" | "busy"}} */
export function rebuiltInWords({ state, same, differences = [], message = "" }) {
  if (!state) return { text: "", tone: "" };
  if (state === "queued" || state === "running") return { text: t("Rebuilding…"), tone: "busy" };
  if (state !== "done") return { text: state === "cancelled" ? t("The rebuild was cancelled.") : t("The rebuild failed: {reason}", { reason: message || t("no reason given") }), tone: "bad" };
  if (same) return { text: t("Rebuilt from the record: the same weights and figures"), tone: "ok" };
  return { text: t("Rebuilt from the record, but other {parts}", { parts: differences.join(", ") }), tone: "bad" };
}

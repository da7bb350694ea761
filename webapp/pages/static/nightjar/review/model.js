// @ts-check
/** What the review page knows: tabs, orders, and how entries are put into words; pure. */

import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/library/model.js").Label} Label */

/**
 * @typedef {object} Entry a segment with what a person must see of it
 * @property {number} segment
 * @property {number} version
 * @property {number} video
 * @property {string} name
 * @property {string | null} poster_url
 * @property {number} person
 * @property {number} start_frame
 * @property {number} end_frame
 * @property {[number, number] | null} fps
 * @property {Label | null} label
 * @property {number | null} probability
 * @property {string} why
 * @property {number} [rank]
 * @property {Label} [given]
 * @property {Label} [looks_like]
 * @property {string} [author]
 * @property {Label} [suggested]
 * @property {number} [correction]
 * @property {number} [distance]
 */
/**
 * @typedef {object} Change many segments relabelled at once
 * @property {number} id
 * @property {"preview" | "applied" | "undone"} state
 * @property {Label} label
 * @property {{change: number, confirm: number, already: number, from_labels: {label: Label | null, count: number}[]}} counts
 * @property {number} applied
 * @property {number} left_out
 * @property {string} created_by
 * @property {string} applied_at
 * @property {string | null} undone_by
 * @property {string | null} undone_at
 * @property {{name: string, reason: string}[]} [conflicts]
 * @property {{name: string, reason: string}[]} [undo_conflicts]
 */

export const TABS = /** @type {const} */ ([
  ["queue", t("Queue")],
  ["doubts", t("Likely mislabelled")],
  ["suggestions", t("Suggestions")],
  ["changes", t("Changes of many")],
]);

export const ORDERS = [
  ["mixed", t("Unsure and unlike the rest")],
  ["entropy", t("Unsure: all labels")],
  ["margin", t("Unsure: first two labels")],
  ["diversity", t("Unlike the rest")],
  ["disagreement", t("Versions disagree")],
  ["age", t("Waiting longest")],
];

export const WHO = [["main", t("Main people")], ["everyone", t("Everyone")]];

/** @typedef {{order: string, who: string}} Choice */

/** @type {Choice} */
export const DEFAULT_CHOICE = { order: "mixed", who: "main" };

/** @param {unknown} kept what an earlier visit left @returns {Choice} */
export function choiceFrom(kept) {
  const { order, who } = /** @type {Partial<Choice>} */ (kept && typeof kept === "object" ? kept : {});
  return {
    order: ORDERS.some(([id]) => id === order) ? String(order) : DEFAULT_CHOICE.order,
    who: WHO.some(([id]) => id === who) ? String(who) : DEFAULT_CHOICE.who,
  };
}

/** @param {number} projectId */
export const choiceKey = (projectId) => `nightjar.queue:${projectId}`;

/** @param {string | null} wanted @returns {string} */
export function tabFrom(wanted) {
  return TABS.some(([id]) => id === wanted) ? String(wanted) : "queue";
}

/** @param {{person: number, start_frame: number, end_frame: number, fps?: [number, number] | null}} entry */
export function whereInWords({ person, start_frame, end_frame, fps }) {
  const seconds = (/** @type {number} */ frame) => (fps ? (frame * fps[1]) / fps[0] : 0).toFixed(1);
  const when = fps ? t("{start} to {end} s", { start: seconds(start_frame), end: seconds(end_frame) }) : t("frames {start} to {end}", { start: start_frame, end: end_frame - 1 });
  return t("Person {number}, {when}", { number: person + 1, when });
}

/** @param {string} library @param {{video: number, segment: number}} entry */
export const clipUrl = (library, { video, segment }) => `${library}clips/${video}/?segment=${segment}`;

/** @type {Record<string, string>} */
const REASONS = {
  gone: t("no longer there"),
  analysed_anew: t("analysed anew meanwhile"),
  changed_meanwhile: t("somebody judged it meanwhile"),
  shows_another_label: t("shows another label by now"),
};

/** @param {{name: string, reason: string}[]} conflicts */
export function conflictsInWords(conflicts, most = 3) {
  const named = conflicts.slice(0, most).map(({ name, reason }) => `${name || t("a segment")} (${REASONS[reason] ?? reason})`);
  const more = conflicts.length - named.length;
  return more > 0 ? t("{names} and {count} more", { names: named.join(", "), count: more }) : named.join(", ");
}

/** @param {Change["counts"]} counts @param {string} label */
export function previewInWords({ change, confirm, already, from_labels }, label) {
  const parts = [];
  if (change) parts.push(t("{count} change to {label}", { count: change, label }));
  if (confirm) parts.push(t("{count} predicted as {label} already are confirmed", { count: confirm, label }));
  if (already) parts.push(t("{count} judged as {label} already stay as they are", { count: already, label }));
  const now = from_labels.map((row) => `${row.count} ${row.label?.name ?? t("without label")}`);
  if (!parts.length) return t("Nothing is chosen.");
  const all = t("{parts}.", { parts: parts.join("; ") });
  return now.length ? `${all} ${t("They show now: {labels}.", { labels: now.join(", ") })}` : all;
}

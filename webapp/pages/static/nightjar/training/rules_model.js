// @ts-check
/** The rules by which a project trains and promotes by itself, in words; pure. */

import { t } from "nightjar/core/i18n.js";

/** @typedef {{after_corrections: number | null, nightly_hour: number | null, largest_f1_fall: number | null, scenes: string, updated_by: string | null}} Rules */
/** @typedef {{id: number, before: Partial<Rules>, after: Partial<Rules>, created_by: string, created_at: string}} RuleChange */
/** @typedef {keyof Omit<Rules, "updated_by">} RuleName */

export const SCENES = [
  ["clip", t("Each clip by itself")],
  ["numbered", t("Names that differ in their last number")],
  ["prefix", t("Names that begin alike (up to - _ . or a space)")],
];

/** @type {Record<RuleName, {title: string, choices: (number | null)[]}>} */
const NUMBERS = {
  after_corrections: { title: t("Retrain after"), choices: [null, 5, 10, 25, 50, 100, 250, 1000] },
  nightly_hour: { title: t("Retrain every night"), choices: [null, ...Array.from({ length: 24 }, (_, hour) => hour)] },
  largest_f1_fall: { title: t("Promote by itself"), choices: [null, 0, 1, 2, 5, 10, 20] },
  scenes: { title: t("Clips of one scene"), choices: [] },
};

/** @param {RuleName} name */
export const titleOf = (name) => NUMBERS[name].title;

/** @param {RuleName} name @param {number | string | null | undefined} value */
export function ruleInWords(name, value) {
  if (name === "scenes") return SCENES.find(([key]) => key === value)?.[1] ?? String(value);
  if (value === null || value === undefined) return t("Never");
  if (name === "nightly_hour") return t("At {hour}:00 UTC", { hour: String(value).padStart(2, "0") });
  if (name === "after_corrections") return t("{count} new judgements", { count: value });
  return Number(value) === 0 ? t("If F1 falls on no label") : t("If F1 falls on no label by more than {points} points", { points: value });
}

/**
 * What can be chosen, the present value among it: [value, text] of each; "" stands for never.
 * @param {RuleName} name @param {Rules} rules
 */
export function choicesOf(name, rules) {
  if (name === "scenes") return SCENES;
  const values = new Set([...NUMBERS[name].choices, /** @type {number | null} */ (rules[name])]);
  const ranked = [...values].sort((a, b) => (a ?? -1) - (b ?? -1));
  return ranked.map((value) => [value === null ? "" : String(value), ruleInWords(name, value)]);
}

/** @param {string} name @param {string} value of a choice @returns {Record<string, number | string | null>} */
export function wantedRule(name, value) {
  if (name === "scenes") return { scenes: value };
  return { [name]: value === "" ? null : Number(value) };
}

/** @param {RuleChange} change @returns {string} */
export function changeInWords({ before, after }) {
  return Object.keys(after).map((key) => {
    const name = /** @type {RuleName} */ (key);
    return t("{rule}: {now} (was: {before})", { rule: titleOf(name), now: ruleInWords(name, after[name]), before: ruleInWords(name, before[name]) });
  }).join("; ");
}

/** @type {Record<string, string>} */
const TRIGGERS = { corrections: t("by rule, after new judgements"), nightly: t("by rule, nightly"), gate: t("by rule") };

/** Who or what started a piece of work. @param {{trigger: string, created_by: string | null}} work */
export function startedBy({ trigger, created_by }) {
  const rule = TRIGGERS[trigger];
  if (!rule) return created_by ? t("by {name}", { name: created_by }) : "";
  return created_by ? t("{rule} of {name}", { rule, name: created_by }) : rule;
}

// @ts-check
/** Draws the rules by which a project trains and promotes by itself, and who set them. */

import { h } from "nightjar/core/dom.js";
import { ago } from "nightjar/core/format.js";
import { t } from "nightjar/core/i18n.js";
import { changeInWords, choicesOf, titleOf } from "nightjar/training/rules_model.js";

/** @typedef {import("nightjar/training/rules_model.js").Rules} Rules */
/** @typedef {import("nightjar/training/rules_model.js").RuleChange} RuleChange */
/** @typedef {import("nightjar/training/rules_model.js").RuleName} RuleName */

/** @type {[RuleName, string][]} */
const ROWS = [
  ["after_corrections", t("Counted from the last training, whatever came of it.")],
  ["nightly_hour", t("Once a night, and only if something has changed.")],
  ["largest_f1_fall", t("Against the active version, on every label with held-out examples. Without a comparison nothing is promoted.")],
  ["scenes", t("All clips of a scene are learned from, or all are held out. What was learned from once is never held out again.")],
];

/** @param {Rules} rules @param {RuleChange[]} changes @param {string} busy */
export function rulesPanel(rules, changes, busy) {
  const isOff = [rules.after_corrections, rules.nightly_hour, rules.largest_f1_fall].every((value) => value === null);
  return h(
    "section",
    { class: "panel rules", "aria-labelledby": "rules-title", "data-testid": "rules" },
    h("div", { class: "work-head" }, h("h2", { id: "rules-title" }, t("Rules")), h("span", { class: "muted" }, isOff ? t("Nothing happens by itself.") : t("Some things happen by themselves."))),
    h("div", { class: "rule-rows" }, ROWS.map(([name, detail]) => ruleRow(name, detail, rules, busy))),
    changes.length > 0 && h("ol", { class: "audit", "data-testid": "rule-changes" }, changes.slice(0, 6).map((change) =>
      h("li", { "data-key": String(change.id) }, h("span", null, changeInWords(change)), h("span", { class: "muted" }, `${change.created_by}, ${ago(change.created_at)}`))
    )),
  );
}

/** @param {RuleName} name @param {string} detail @param {Rules} rules @param {string} busy */
function ruleRow(name, detail, rules, busy) {
  const chosen = String(rules[name] ?? "");
  return h(
    "label",
    { class: "rule" },
    h("span", { class: "rule-title" }, titleOf(name)),
    h(
      "select",
      { name, "data-change": "rule", "data-testid": `rule-${name}`, disabled: busy === "rule" },
      choicesOf(name, rules).map(([value, text]) => h("option", { value, selected: value === chosen }, text)),
    ),
    h("span", { class: "muted small-print" }, detail),
  );
}

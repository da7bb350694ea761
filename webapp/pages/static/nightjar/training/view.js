// @ts-check
/** Draws the training page from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, percent } from "nightjar/core/format.js";
import { t, tn } from "nightjar/core/i18n.js";
import { stateInWords } from "nightjar/core/words.js";
import { lineChart } from "nightjar/training/chart.js";
import { classTable, confusionTable, reliabilityPlots } from "nightjar/training/evaluation.js";
import {
  hasFigures,
  isUnfinished,
  labelNote,
  moved,
  rebuiltInWords,
  runToShow,
  standardError,
  withoutHeldOut,
} from "nightjar/training/model.js";
import { rulesPanel } from "nightjar/training/rules.js";
import { startedBy } from "nightjar/training/rules_model.js";

/** @typedef {import("nightjar/training/model.js").Run} Run */
/** @typedef {import("nightjar/training/model.js").Version} Version */
/** @typedef {import("nightjar/training/model.js").Promotion} Promotion */
/** @typedef {import("nightjar/training/model.js").Compared} Compared */
/** @typedef {{label: {id: number, name: string, colour: string}, base_examples: number, corrected_examples: number, known_to_model: boolean}} LabelRow */

/**
 * @typedef {object} State
 * @property {{active: Version | null, new_corrections: number, corrected_segments: number, skipped_segments: number, labels: LabelRow[], can_train: boolean, reason: string, reason_code: string, notice: string} | null} training
 * @property {Run[]} runs
 * @property {Version[]} versions
 * @property {Promotion[]} promotions
 * @property {import("nightjar/training/model.js").Evaluation | null} evaluation of the run that is shown
 * @property {import("nightjar/training/rules_model.js").Rules | null} rules
 * @property {import("nightjar/training/rules_model.js").RuleChange[]} ruleChanges
 * @property {string} library address of the library page
 * @property {number | null} chosen
 * @property {string} busy what was asked for and not yet answered
 * @property {string} error
 */

/** @param {State} state */
export function trainingView(state) {
  if (state.error) {
    return h(
      "div",
      { class: "empty full", role: "alert" },
      h("h2", null, t("Training could not be read")),
      h("p", null, state.error),
      h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), t("Try again")),
    );
  }
  if (!state.training) return h("p", { class: "booting" }, t("Loading…"));
  const running = state.runs.find(isUnfinished) ?? null;
  const promotion = state.promotions.find(isUnfinished) ?? null;
  const failed = state.runs[0]?.state === "failed" ? state.runs[0] : null;
  const shown = runToShow(state.runs, state.chosen);
  return h(
    "div",
    { class: "training-inner" },
    head(state, running),
    news(state),
    state.training.notice && notice("warm", state.training.notice),
    promotion && promotionPanel(promotion, state.busy),
    running && runningPanel(running),
    failed && !running && notice("bad", t("The last training failed: {reason}", { reason: failed.job?.error_message || t("the worker gave no reason") })),
    shown && comparison(shown, state, promotion),
    h("div", { class: "training-foot" }, labelTable(state.training.labels), history(state, promotion)),
    state.rules && rulesPanel(state.rules, state.ruleChanges, state.busy),
  );
}

/** @param {string} tone @param {string} text */
function notice(tone, text) {
  return h("p", { class: `notice ${tone}`, role: tone === "bad" ? "alert" : null }, icon("alert"), h("span", null, text));
}

/** @param {State} state @param {Run | null} running */
function head({ training, busy }, running) {
  const canTrain = training?.can_train && !running && !busy;
  return h(
    "header",
    { class: "page-head" },
    h("h1", null, t("Training")),
    h("span", { class: "spacer" }),
    !running && training && !training.can_train && h("span", { class: "muted", "data-testid": "train-reason" }, training.reason),
    h(
      "button",
      { type: "button", class: "button primary", "data-click": "retrain", "data-testid": "retrain", disabled: !canTrain },
      icon("again"),
      running ? t("Training…") : busy === "retrain" ? t("Starting…") : t("Retrain"),
    ),
  );
}

/** @param {State} state */
function news({ training }) {
  if (!training) return null;
  const { active, new_corrections, corrected_segments, skipped_segments } = training;
  const fact = (/** @type {string} */ title, /** @type {string | number} */ value, /** @type {string} */ detail, /** @type {string} */ id) =>
    h("div", { class: "panel fact", "data-testid": id }, h("p", { class: "muted" }, title), h("p", { class: "fact-value num" }, value), h("p", { class: "muted" }, detail));
  const since = active ? t("since version {number} was trained", { number: active.number }) : t("no version is active");
  return h(
    "section",
    { class: "facts", "aria-label": t("What is new") },
    fact(t("Active version"), active ? active.number : t("none"), active ? t("made active {when}", { when: ago(active.activated_at) }) : t("clips get no predictions"), "active-version"),
    fact(t("New judgements"), new_corrections, since, "new-corrections"),
    fact(t("Judged segments to learn from"), corrected_segments, skipped_segments ? tn(skipped_segments, "{count} more takes part when you retrain", "{count} more take part when you retrain") : t("newest label of each counts"), "corrected-segments"),
  );
}

/** @param {Promotion} promotion @param {string} busy */
function promotionPanel({ id, job, to_version, is_rollback }, busy) {
  const progress = job?.progress ?? 0;
  return h(
    "section",
    { class: "panel work", "data-testid": "promotion-progress", role: "status" },
    h("div", { class: "work-head" },
      h("h2", null, is_rollback ? t("Rolling back to version {number}", { number: to_version.number }) : t("Promoting version {number}", { number: to_version.number })),
      h("span", { class: "spacer" }),
      h("button", { type: "button", class: "button small", "data-click": "stop-promotion", "data-id": id, "data-testid": "stop-promotion", disabled: Boolean(busy) }, icon("stop"), t("Cancel"))),
    h("p", { class: "muted" }, job?.state === "queued" ? t("Waiting for a free worker.") : t("Every clip is predicted anew from its stored skeleton: {share}. The switch comes last and at once.", { share: percent(progress) })),
    bar(progress),
  );
}

/** @param {number} progress */
function bar(progress) {
  return h("div", { class: "bar", role: "progressbar", "aria-label": t("Progress"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(progress * 100) },
    h("span", { style: { width: `${progress * 100}%` } }));
}

/** @param {Run} run */
function runningPanel(run) {
  const { job, curves, training_set } = run;
  const waits = run.state === "queued";
  return h(
    "section",
    { class: "panel work", "data-testid": "training-progress", "data-state": run.state },
    h("div", { class: "work-head" },
      h("h2", null, waits ? t("Waiting for a free worker") : t("Training")),
      h("span", { class: "muted num", role: "status" }, waits ? "" : t("epoch {count} · {share}", { count: curves.at(-1)?.epoch ?? 0, share: percent(job?.progress ?? 0) })),
      h("span", { class: "spacer" }),
      h("button", { type: "button", class: "button small", "data-click": "cancel", "data-id": run.id, "data-testid": "cancel-training" }, icon("stop"), t("Cancel"))),
    h("p", { class: "muted" }, setInWords(training_set)),
    bar(job?.progress ?? 0),
    charts(run),
  );
}

/** @param {Run["training_set"]} set */
function setInWords({ summary, content_hash }) {
  return tn(summary.train, "{count} segment to learn from, {held} held out · set {hash}", "{count} segments to learn from, {held} held out · set {hash}", { held: summary.eval, hash: content_hash.slice(0, 8) });
}

/** @param {Run} run */
function charts({ curves, baseline, baseline_metrics }) {
  const epochs = curves.at(-1)?.epochs;
  const mark = baseline && hasFigures(baseline_metrics) ? { value: baseline_metrics.accuracy, text: t("version {number}", { number: baseline.number }) } : null;
  return h(
    "div",
    { class: "charts" },
    lineChart({ title: t("Training loss"), curves, field: "train_loss", colour: "var(--accent)", format: (v) => v.toFixed(2), epochs }),
    lineChart({ title: t("Accuracy on held-out clips"), curves, field: "eval_accuracy", colour: "var(--info)", format: (v) => percent(v), limits: { from: 0, to: 1 }, epochs, mark }),
  );
}

/** @param {Run} run @param {State} state @param {Promotion | null} promotion */
function comparison(run, state, promotion) {
  const { versions, busy } = state;
  const candidate = versions.find(({ id }) => id === run.candidate?.id) ?? run.candidate;
  const metrics = run.metrics;
  if (!candidate || !hasFigures(metrics)) return null;
  const isOpen = candidate.state === "candidate";
  const before = run.baseline_metrics;
  const error = standardError(metrics.accuracy, metrics.count);
  const unmeasured = withoutHeldOut(metrics);
  const evaluation = state.evaluation?.run === run.id ? state.evaluation : null;
  const [now, old] = [t("Version {number}", { number: candidate.number }), run.baseline ? t("Version {number}", { number: run.baseline.number }) : t("Before")];
  return h(
    "section",
    { class: "panel comparison", "data-testid": "comparison", "data-version": candidate.number, "data-version-state": candidate.state, "aria-label": now },
    h(
      "header",
      { class: "work-head" },
      h("div", null,
        h("h2", null, isOpen ? t("Version {number} waits for your decision", { number: candidate.number }) : now, " ", stateChip(candidate.state)),
        h("p", { class: "muted" }, t("Trained {when} {who} · {set}", { when: ago(run.finished_at), who: startedBy(run), set: setInWords(run.training_set) }))),
      h("span", { class: "spacer" }),
      isOpen && [
        h("button", { type: "button", class: "button", "data-click": "discard", "data-id": candidate.id, "data-testid": "discard", disabled: Boolean(busy || promotion) }, t("Discard")),
        h("button", { type: "button", class: "button primary", "data-click": "promote", "data-id": candidate.id, "data-testid": "promote", disabled: Boolean(busy || promotion) }, icon("check"), t("Promote version {number}", { number: candidate.number })),
      ],
    ),
    h(
      "div",
      { class: "figures" },
      figure(t("Accuracy"), metrics.accuracy, before.accuracy, error, run, "accuracy"),
      figure("Macro-F1", metrics.macro_f1, before.macro_f1, error, run, "macro-f1"),
      figure(t("Macro recall"), metrics.macro_recall, before.macro_recall, error, run, "macro-recall"),
    ),
    h("p", { class: "muted small-print" }, evaluatedInWords(run, error, evaluation?.base ?? 0)),
    run.gate.reason && notice(run.gate.passed ? "" : "warm", run.gate.passed ? t("Promoted by rule: {reason}", { reason: run.gate.reason }) : t("Not promoted by rule (at most {points} points): {reason}", { points: run.gate.limit, reason: run.gate.reason })),
    unmeasured.length > 0 && h("p", { class: "muted small-print", "data-testid": "unmeasured" }, t("{labels}: no held-out examples yet, so whatever is called so counts as wrong and pulls macro-F1 down.", { labels: unmeasured.join(", ") })),
    h(
      "div",
      { class: "matrices" },
      confusionTable(now, metrics, "candidate", evaluation, state.library),
      hasFigures(before) && confusionTable(old, before, "baseline", evaluation, state.library),
    ),
    h("p", { class: "muted small-print" }, t("Underlined counts open the clips behind them.")),
    h("details", { class: "more-figures", open: isOpen, "data-key": `more-${run.id}` },
      h("summary", null, t("Per label, calibration and learning curves")),
      classTable(metrics, before, run.comparison), reliabilityPlots(run.comparison, now, old), charts(run), record(run, candidate, busy)),
  );
}

/** @param {Run} run @param {number} error @param {number} base */
function evaluatedInWords({ metrics, comparison }, error, base) {
  const count = metrics.count ?? 0;
  const both = base
    ? tn(count, "Both versions on the same {count} held-out segment ({base} of the base set), not trained on;", "Both versions on the same {count} held-out segments ({base} of the base set), none of them trained on;", { base })
    : tn(count, "Both versions on the same {count} held-out segment, not trained on;", "Both versions on the same {count} held-out segments, none of them trained on;");
  const honesty = comparison.groups
    ? tn(comparison.groups, "ranges hold 95 % of 1,000 draws of their {count} scene. A change is called better or worse only where its range does not hold 0.", "ranges hold 95 % of 1,000 draws of their {count} scenes. A change is called better or worse only where its range does not hold 0.")
    : t("one standard error is {points} points. Changes within it say little.", { points: (error * 100).toFixed(1) });
  return `${both} ${honesty}`;
}

/** @param {Run} run @param {Version} candidate @param {string} busy */
function record(run, candidate, busy) {
  const { text, tone } = rebuiltInWords(run.rebuilt);
  return h(
    "div",
    { class: "work-head record" },
    h("span", { class: "muted small-print" }, t("Record: set {set}, seed {seed}, weights {weights}", { set: run.training_set.content_hash.slice(0, 12), seed: run.seed, weights: candidate.weights_sha256.slice(0, 12) })),
    h("button", { type: "button", class: "button small", "data-click": "rebuild", "data-id": run.id, "data-testid": "rebuild", disabled: Boolean(busy || tone === "busy") }, icon("again"), t("Rebuild from the record")),
    text && h("span", { class: `chip ${tone}`, "data-testid": "rebuilt", "data-same": String(run.rebuilt.same ?? "") }, text),
  );
}

/** @param {string} state */
function stateChip(state) {
  const tones = { active: "ok", candidate: "warm", retired: "", discarded: "" };
  return h("span", { class: `chip ${tones[/** @type {keyof typeof tones} */ (state)] ?? ""}` }, stateInWords(state));
}

/** @param {string} title @param {number} value @param {number | undefined} before @param {number} error @param {Run} run @param {string} id */
function figure(title, value, before, error, { baseline, comparison }, id) {
  const compared = comparison.figures?.[id.replaceAll("-", "_")];
  const { text, tone, range } = moved(value, before, compared, error);
  const [low, high] = compared?.candidate ?? [null, null];
  return h(
    "div",
    { class: "figure", "data-testid": `figure-${id}`, "data-value": value, "data-before": before ?? "", "data-low": low, "data-high": high },
    h("p", { class: "muted" }, title),
    h("p", { class: "figure-value num" }, percent(value, 1), text && h("span", { class: `delta ${tone}` }, text)),
    low !== null && high !== null && h("p", { class: "muted num" }, `95 %: ${t("{low} to {high}", { low: percent(low, 1), high: percent(high, 1) })}`),
    before === undefined ? null : h("p", { class: "muted num" }, beforeInWords(baseline?.number, percent(before, 1), range)),
  );
}

/** @param {number | undefined} version @param {string} value @param {string} range */
function beforeInWords(version, value, range) {
  const was = version === undefined ? t("before: {value}", { value }) : t("version {number}: {value}", { number: version, value });
  return range ? `${was}; ${t("change {range} points", { range })}` : was;
}

/** @param {LabelRow[]} labels */
function labelTable(labels) {
  const most = Math.max(1, ...labels.map(({ base_examples, corrected_examples }) => base_examples + corrected_examples));
  return h(
    "section",
    { class: "panel", "aria-labelledby": "labels-title" },
    h("h2", { id: "labels-title", class: "panel-title" }, t("What there is to learn from")),
    h(
      "table",
      { "data-testid": "label-examples" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, t("Label")), h("th", { scope: "col" }, t("Examples")), h("th", { scope: "col", class: "right" }, t("Base")), h("th", { scope: "col", class: "right" }, t("Judged")))),
      h("tbody", null, labels.map(({ label, base_examples, corrected_examples, known_to_model }) =>
        h("tr", { "data-testid": "label-example-row", "data-name": label.name },
          h("td", null, h("span", { class: "label-cell" }, h("span", { class: "dot", style: { background: label.colour } }), label.name)),
          h("td", { class: "wide-cell" },
            base_examples + corrected_examples > 0 && h("span", { class: "stack", "aria-hidden": "true" },
              h("span", { class: "stack-base", style: { width: `${(base_examples / most) * 100}%` } }),
              h("span", { class: "stack-own", style: { width: `${(corrected_examples / most) * 100}%` } })),
            h("span", { class: "muted note" }, labelNote({ base_examples, corrected_examples, known_to_model }))),
          h("td", { class: "right num muted" }, base_examples || "–"),
          h("td", { class: "right num" }, corrected_examples || "–"))
      )),
    ),
  );
}

/** @param {State} state @param {Promotion | null} promotion */
function history({ versions, runs, promotions, busy }, promotion) {
  const runOf = (/** @type {Version} */ version) => runs.find(({ candidate }) => candidate?.id === version.id);
  return h(
    "section",
    { class: "panel", "aria-labelledby": "history-title" },
    h("h2", { id: "history-title", class: "panel-title" }, t("Versions")),
    h("table", { "data-testid": "versions" }, h("tbody", null, versions.map((version) => {
      const run = runOf(version);
      const accuracy = run?.metrics.accuracy;
      return h(
        "tr",
        { "data-testid": "version-row", "data-number": version.number, "data-version-state": version.state },
        h("td", { class: "num" }, h("strong", null, `v${version.number}`)),
        h("td", null, stateChip(version.state)),
        h("td", { class: "muted" }, `${version.created_by ?? (run ? startedBy(run) : t("shipped"))}, ${ago(version.created_at)}`),
        h("td", { class: "right num" }, accuracy === undefined ? "" : h("button", { type: "button", class: "button small quiet", "data-click": "show", "data-id": run?.id, title: t("Show its figures") }, percent(accuracy, 1))),
        h("td", { class: "right" }, version.state === "retired" && h("button", { type: "button", class: "button small", "data-click": "rollback", "data-id": version.id, "data-testid": "rollback", disabled: Boolean(busy || promotion) }, t("Roll back"))),
      );
    }))),
    promotions.length > 0 && [
      h("h3", { class: "panel-title" }, t("Promotions")),
      h("ol", { class: "audit", "data-testid": "promotions" }, promotions.slice(0, 12).map(({ id, state, to_version, from_version, is_rollback, trigger, created_by, created_at }) =>
        h("li", { "data-key": String(id), "data-state": state },
          h("span", null, promotionInWords(is_rollback, to_version.number, from_version?.number)),
          state !== "done" && h("span", { class: `chip ${state === "failed" ? "bad" : "busy"}` }, stateInWords(state)),
          h("span", { class: "muted" }, `${trigger === "gate" ? startedBy({ trigger, created_by }) : created_by}, ${ago(created_at)}`))
      )),
    ],
  );
}

/** @param {boolean} isRollback @param {number} to @param {number | undefined} from */
function promotionInWords(isRollback, to, from) {
  if (from === undefined) return t("To version {number}", { number: to });
  const numbers = { number: to, former: from };
  return isRollback ? t("Back to version {number} from {former}", numbers) : t("To version {number} from {former}", numbers);
}

// @ts-check
/** Draws the training page from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, percent, plural } from "nightjar/core/format.js";
import { lineChart } from "nightjar/training/chart.js";
import {
  change,
  classRows,
  compact,
  hasFigures,
  isUnfinished,
  runToShow,
  shares,
  standardError,
  withoutHeldOut,
} from "nightjar/training/model.js";

/** @typedef {import("nightjar/training/model.js").Run} Run */
/** @typedef {import("nightjar/training/model.js").Version} Version */
/** @typedef {import("nightjar/training/model.js").Promotion} Promotion */
/** @typedef {import("nightjar/training/model.js").Metrics} Metrics */
/** @typedef {{label: {id: number, name: string, colour: string}, base_examples: number, corrected_examples: number, known_to_model: boolean}} LabelRow */

/**
 * @typedef {object} State
 * @property {{active: Version | null, new_corrections: number, corrected_segments: number, skipped_segments: number, labels: LabelRow[], can_train: boolean, reason: string, reason_code: string, notice: string} | null} training
 * @property {Run[]} runs
 * @property {Version[]} versions
 * @property {Promotion[]} promotions
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
      h("h2", null, "Training could not be read"),
      h("p", null, state.error),
      h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), "Try again"),
    );
  }
  if (!state.training) return h("p", { class: "booting" }, "Loading…");
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
    promotion && promotionPanel(promotion),
    running && runningPanel(running),
    failed && !running && notice("bad", `The last training failed: ${failed.job?.error_message || "the worker gave no reason"}`),
    shown && comparison(shown, state, promotion),
    h("div", { class: "training-foot" }, labelTable(state.training.labels), history(state, promotion)),
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
    h("h1", null, "Training"),
    h("span", { class: "spacer" }),
    !running && training && !training.can_train && h("span", { class: "muted", "data-testid": "train-reason" }, training.reason),
    h(
      "button",
      { type: "button", class: "button primary", "data-click": "retrain", "data-testid": "retrain", disabled: !canTrain },
      icon("again"),
      running ? "Training…" : busy === "retrain" ? "Starting…" : "Retrain",
    ),
  );
}

/** @param {State} state */
function news({ training }) {
  if (!training) return null;
  const { active, new_corrections, corrected_segments, skipped_segments } = training;
  const fact = (/** @type {string} */ title, /** @type {string | number} */ value, /** @type {string} */ detail, /** @type {string} */ id) =>
    h("div", { class: "panel fact", "data-testid": id }, h("p", { class: "muted" }, title), h("p", { class: "fact-value num" }, value), h("p", { class: "muted" }, detail));
  const since = active ? `since version ${active.number} was trained` : "no version is active";
  return h(
    "section",
    { class: "facts", "aria-label": "What is new" },
    fact("Active version", active ? active.number : "none", active ? `made active ${ago(active.activated_at)}` : "clips get no predictions", "active-version"),
    fact("New judgements", new_corrections, since, "new-corrections"),
    fact("Judged segments to learn from", corrected_segments, skipped_segments ? `${plural(skipped_segments, "more")} take part when you retrain` : "newest label of each counts", "corrected-segments"),
  );
}

/** @param {Promotion} promotion */
function promotionPanel({ job, to_version, is_rollback }) {
  const progress = job?.progress ?? 0;
  return h(
    "section",
    { class: "panel work", "data-testid": "promotion-progress", role: "status" },
    h("h2", null, `${is_rollback ? "Rolling back to" : "Promoting"} version ${to_version.number}`),
    h("p", { class: "muted" }, job?.state === "queued" ? "Waiting for a free worker." : `Every clip is predicted anew from its stored skeleton: ${percent(progress)}. The switch comes last and at once.`),
    bar(progress),
  );
}

/** @param {number} progress */
function bar(progress) {
  return h("div", { class: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(progress * 100) },
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
      h("h2", null, waits ? "Waiting for a free worker" : "Training"),
      h("span", { class: "muted num", role: "status" }, waits ? "" : `epoch ${curves.at(-1)?.epoch ?? 0} · ${percent(job?.progress ?? 0)}`),
      h("span", { class: "spacer" }),
      h("button", { type: "button", class: "button small", "data-click": "cancel", "data-id": run.id, "data-testid": "cancel-training" }, icon("stop"), "Cancel")),
    h("p", { class: "muted" }, setInWords(training_set)),
    bar(job?.progress ?? 0),
    charts(run),
  );
}

/** @param {Run["training_set"]} set */
function setInWords({ summary, content_hash }) {
  return `${plural(summary.train, "segment")} to learn from, ${summary.eval} held out · set ${content_hash.slice(0, 8)}`;
}

/** @param {Run} run */
function charts({ curves, baseline, baseline_metrics }) {
  const epochs = curves.at(-1)?.epochs;
  const mark = baseline && hasFigures(baseline_metrics) ? { value: baseline_metrics.accuracy, text: `version ${baseline.number}` } : null;
  return h(
    "div",
    { class: "charts" },
    lineChart({ title: "Training loss", curves, field: "train_loss", colour: "var(--accent)", format: (v) => v.toFixed(2), epochs }),
    lineChart({ title: "Accuracy on held-out clips", curves, field: "eval_accuracy", colour: "var(--info)", format: (v) => percent(v), limits: { from: 0, to: 1 }, epochs, mark }),
  );
}

/** @param {Run} run @param {State} state @param {Promotion | null} promotion */
function comparison(run, { versions, busy }, promotion) {
  const candidate = versions.find(({ id }) => id === run.candidate?.id) ?? run.candidate;
  const metrics = run.metrics;
  if (!candidate || !hasFigures(metrics)) return null;
  const isOpen = candidate.state === "candidate";
  const before = run.baseline_metrics;
  const error = standardError(metrics.accuracy, metrics.count);
  const unmeasured = withoutHeldOut(metrics);
  return h(
    "section",
    { class: "panel comparison", "data-testid": "comparison", "data-version": candidate.number, "data-version-state": candidate.state, "aria-label": `Version ${candidate.number}` },
    h(
      "header",
      { class: "work-head" },
      h("div", null,
        h("h2", null, isOpen ? `Version ${candidate.number} waits for your decision` : `Version ${candidate.number}`, " ", stateChip(candidate.state)),
        h("p", { class: "muted" }, `Trained ${ago(run.finished_at)}${run.created_by ? ` by ${run.created_by}` : ""} · ${setInWords(run.training_set)}`)),
      h("span", { class: "spacer" }),
      isOpen && [
        h("button", { type: "button", class: "button", "data-click": "discard", "data-id": candidate.id, "data-testid": "discard", disabled: Boolean(busy || promotion) }, "Discard"),
        h("button", { type: "button", class: "button primary", "data-click": "promote", "data-id": candidate.id, "data-testid": "promote", disabled: Boolean(busy || promotion) }, icon("check"), `Promote version ${candidate.number}`),
      ],
    ),
    h(
      "div",
      { class: "figures" },
      figure("Accuracy", metrics.accuracy, before.accuracy, error, run, "accuracy"),
      figure("Macro-F1", metrics.macro_f1, before.macro_f1, error, run, "macro-f1"),
      figure("Macro recall", metrics.macro_recall, before.macro_recall, error, run, "macro-recall"),
    ),
    h("p", { class: "muted small-print" }, `Both versions on the same ${plural(metrics.count, "held-out segment")}, none of them trained on; one standard error is ${(error * 100).toFixed(1)} points. Changes within it say little.`),
    unmeasured.length > 0 && h("p", { class: "muted small-print", "data-testid": "unmeasured" }, `${unmeasured.join(", ")}: no held-out examples yet, so whatever is called so counts as wrong and pulls macro-F1 down.`),
    h(
      "div",
      { class: "matrices" },
      confusionTable(`Version ${candidate.number}`, metrics, "candidate"),
      hasFigures(before) && confusionTable(run.baseline ? `Version ${run.baseline.number}` : "Before", before, "baseline"),
    ),
    h("details", { class: "more-figures", open: isOpen, "data-key": `more-${run.id}` }, h("summary", null, "Per label and learning curves"), classTable(metrics, before), charts(run)),
  );
}

/** @param {string} state */
function stateChip(state) {
  const tones = { active: "ok", candidate: "warm", retired: "", discarded: "" };
  return h("span", { class: `chip ${tones[/** @type {keyof typeof tones} */ (state)] ?? ""}` }, state);
}

/** @param {string} title @param {number} value @param {number | undefined} before @param {number} error @param {Run} run @param {string} id */
function figure(title, value, before, error, { baseline }, id) {
  const { text, tone } = change(value, before, error);
  return h(
    "div",
    { class: "figure", "data-testid": `figure-${id}`, "data-value": value, "data-before": before ?? "" },
    h("p", { class: "muted" }, title),
    h("p", { class: "figure-value num" }, percent(value, 1), text && h("span", { class: `delta ${tone}` }, text)),
    before === undefined ? null : h("p", { class: "muted num" }, `version ${baseline?.number ?? "before"}: ${percent(before, 1)}`),
  );
}

/** @param {string} title @param {Metrics} metrics @param {string} id */
function confusionTable(title, { confusion }, id) {
  const { labels, counts } = compact(confusion);
  return h(
    "figure",
    { class: "matrix" },
    h("figcaption", null, h("h3", null, title), h("span", { class: "muted" }, "rows: truth · columns: said")),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "confusion", "data-testid": `confusion-${id}` },
        h("thead", null, h("tr", null, h("td", null), labels.map((label) => h("th", { scope: "col", title: label }, h("span", null, label))))),
        h("tbody", null, labels.map((label, i) => {
          const row = shares(counts[i]);
          return h("tr", null, h("th", { scope: "row" }, label), counts[i].map((n, j) =>
            h("td", { class: `num${i === j ? " hit" : ""}${n ? "" : " none"}`, style: { "--share": row[j].toFixed(3) }, title: `${label}, said ${labels[j]}: ${n}` }, n)
          ));
        })),
      ),
    ),
  );
}

/** @param {Metrics} metrics @param {Partial<Metrics>} before */
function classTable(metrics, before) {
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { "data-testid": "per-class" },
      h("thead", null, h("tr", null, ["Label", "Held out", "Precision", "Recall", "F1", "F1 before", ""].map((text, i) => h("th", { scope: "col", class: i ? "right" : null }, text)))),
      h("tbody", null, classRows(metrics, before).map(({ name, now, before: old }) => {
        const { text, tone } = change(now.f1, old?.f1, standardError(now.f1, now.support));
        return h("tr", null,
          h("td", null, name),
          h("td", { class: "right num muted" }, now.support),
          [now.precision, now.recall, now.f1].map((value, i) => h("td", { class: "right num" }, i === 1 && !now.support ? "–" : percent(value))),
          h("td", { class: "right num muted" }, old ? percent(old.f1) : "–"),
          h("td", { class: "right num" }, text && h("span", { class: `delta ${tone}` }, text)));
      })),
    ),
  );
}

/** @param {LabelRow[]} labels */
function labelTable(labels) {
  const most = Math.max(1, ...labels.map(({ base_examples, corrected_examples }) => base_examples + corrected_examples));
  return h(
    "section",
    { class: "panel", "aria-labelledby": "labels-title" },
    h("h2", { id: "labels-title", class: "panel-title" }, "What there is to learn from"),
    h(
      "table",
      { "data-testid": "label-examples" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Label"), h("th", { scope: "col" }, "Examples"), h("th", { scope: "col", class: "right" }, "Base"), h("th", { scope: "col", class: "right" }, "Judged"))),
      h("tbody", null, labels.map(({ label, base_examples, corrected_examples, known_to_model }) =>
        h("tr", { "data-testid": "label-example-row", "data-name": label.name },
          h("td", null, h("span", { class: "label-cell" }, h("span", { class: "dot", style: { background: label.colour } }), label.name)),
          h("td", { class: "wide-cell" }, base_examples + corrected_examples === 0
            ? h("span", { class: "muted" }, "no examples yet")
            : [
              h("span", { class: "stack", "aria-hidden": "true" },
                h("span", { class: "stack-base", style: { width: `${(base_examples / most) * 100}%` } }),
                h("span", { class: "stack-own", style: { width: `${(corrected_examples / most) * 100}%` } })),
              !known_to_model && h("span", { class: "muted note" }, "not trained yet"),
            ]),
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
    h("h2", { id: "history-title", class: "panel-title" }, "Versions"),
    h("table", { "data-testid": "versions" }, h("tbody", null, versions.map((version) => {
      const run = runOf(version);
      const accuracy = run?.metrics.accuracy;
      return h(
        "tr",
        { "data-testid": "version-row", "data-number": version.number, "data-version-state": version.state },
        h("td", { class: "num" }, h("strong", null, `v${version.number}`)),
        h("td", null, stateChip(version.state)),
        h("td", { class: "muted" }, version.created_by ? `${version.created_by}, ${ago(version.created_at)}` : `shipped, ${ago(version.created_at)}`),
        h("td", { class: "right num" }, accuracy === undefined ? "" : h("button", { type: "button", class: "button small quiet", "data-click": "show", "data-id": run?.id, title: "Show its figures" }, percent(accuracy, 1))),
        h("td", { class: "right" }, version.state === "retired" && h("button", { type: "button", class: "button small", "data-click": "rollback", "data-id": version.id, "data-testid": "rollback", disabled: Boolean(busy || promotion) }, "Roll back")),
      );
    }))),
    promotions.length > 0 && [
      h("h3", { class: "panel-title" }, "Promotions"),
      h("ol", { class: "audit", "data-testid": "promotions" }, promotions.slice(0, 12).map(({ id, state, to_version, from_version, is_rollback, created_by, created_at }) =>
        h("li", { "data-key": String(id), "data-state": state },
          h("span", null, `${is_rollback ? "Back to" : "To"} version ${to_version.number}${from_version ? ` from ${from_version.number}` : ""}`),
          state !== "done" && h("span", { class: `chip ${state === "failed" ? "bad" : "busy"}` }, state),
          h("span", { class: "muted" }, `${created_by}, ${ago(created_at)}`))
      )),
    ],
  );
}

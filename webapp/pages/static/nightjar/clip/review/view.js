// @ts-check
/** Draws what people judge by: the verdict, suggestions, the labels, and who said what. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, percent } from "nightjar/core/format.js";
import { language, t, tn } from "nightjar/core/i18n.js";
import { keyCaps } from "nightjar/clip/buttons.js";
import { palette, personName, trackOf } from "nightjar/clip/model.js";
import { acceptance, annotatedSegment } from "nightjar/clip/review/judge_model.js";
import { clipUrl, whereInWords } from "nightjar/review/model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */
/** @typedef {import("nightjar/clip/state.js").State} State */

/** @typedef {import("nightjar/clip/review/judge_model.js").Decision} Decision */
/** @typedef {{label: {name: string, colour: string} | null, author: string, at: string, isJudged: boolean, person: number | null, start_frame: number, end_frame: number}} Subject what is judged */

/** What is looked at: the human segment where one is selected, else the predicted one. @param {State} state @param {Segment} segment @returns {Subject} */
function subjectIn(state, segment) {
  const human = annotatedSegment(state);
  if (human) {
    const label = state.labels.find(({ id }) => id === human.label) ?? null;
    return { ...human, label, at: human.edited_at, isJudged: true };
  }
  const { current, start_frame, end_frame } = segment;
  const person = state.found ? trackOf(state.found, segment.id)?.index ?? null : null;
  return { label: current?.label ?? null, author: current?.author ?? "", at: current?.created_at ?? "", isJudged: current?.source === "correction", person, start_frame, end_frame };
}

/** @param {Bench} bench @param {State} state @param {Segment} segment @param {Decision | null} decision */
export function judgement(bench, state, segment, decision) {
  const { saving, queue, boot } = state;
  const { label, author, at, isJudged, person, start_frame, end_frame } = subjectIn(state, segment);
  const who = person === null ? "" : `${personName(person)} · `;
  return h("section",
    { class: "judgement", "aria-label": t("Selected segment"), "data-testid": "judgement", "data-source": segment.current?.source ?? "", "data-label": label?.name ?? "", "data-version": segment.version, "data-decision": decision?.decision ?? "" },
    h("p", { class: "muted num" }, who + t("frames {first} to {last}", { first: start_frame, last: end_frame - 1 })),
    h("div", { class: "verdict" },
      h("span", { class: "verdict-dot", style: { background: label?.colour ?? "var(--control)" } }),
      h("strong", { "data-testid": "current-label" }, label?.name ?? t("No label"))),
    h("p", { class: "muted", "data-testid": "labelled-by" }, isJudged
      ? t("Given by {author}, {when}", { author, when: ago(at) })
      : predictedBy(state, segment)),
    decision && decisionView(decision),
    !isJudged && !decision && queue.why && h("p", { class: "queue-why", "data-testid": "queue-why" }, queue.rank ? h("span", { class: "num muted" }, `${t("{rank} in the queue.", { rank: queue.rank })} `) : null, queue.why),
    boot.can.review && verdictButtons(bench, state),
    h("p", { class: `saving ${saving.state}`, role: "status", "data-testid": "save-state", "data-state": saving.state },
      saving.state === "saved" && icon("check"),
      saving.state === "failed" && icon("alert"),
      saving.state === "saving" && h("span", { class: "spinner" }),
      saving.text || (isJudged ? saidBefore(state, segment) : "")));
}

/** @param {Bench} bench @param {State} state */
function verdictButtons({ actions }, state) {
  const { act } = acceptance(state);
  const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {string} */ kind, /** @type {string} */ testid) =>
    h("button", { type: "button", class: `button small ${kind}`, "data-action": id, "data-testid": testid, disabled: !actions.canRun(id), title: `${actions.get(id)?.name ?? text} (${actions.keysText(id)})` }, text, keyCaps(actions, id));
  return h("div", { class: "verdict-buttons" },
    button("review.accept", act === "go" ? t("Next in queue") : t("Accept"), "primary", "accept"),
    button("review.reject", t("Reject"), "", "reject"),
    button("review.send-back", t("Send back"), "", "send-back"));
}

/** @param {State} state @param {Segment} segment */
function predictedBy({ found }, { predicted }) {
  if (!predicted) return t("No active classifier has judged this segment.");
  const [number, sure] = [found?.classifier?.number, percent(predicted.probability)];
  return number === undefined ? t("Predicted by the classifier, {sure} sure", { sure }) : t("Predicted by version {number}, {sure} sure", { number, sure });
}

/** What the classifier said of a segment that a person has judged. @param {State} state @param {Segment} segment */
function saidBefore({ found }, { predicted }) {
  if (!predicted) return "";
  const [number, label, sure] = [found?.classifier?.number, predicted.label.name, percent(predicted.probability)];
  return number === undefined ? t("The classifier said {label}, {sure}", { label, sure }) : t("Version {number} said {label}, {sure}", { number, label, sure });
}

/** @param {Decision} decision */
function decisionView({ decision, author, edited_at, comment, frame }) {
  const when = ago(edited_at);
  const text = decision === "accept"
    ? t("Accepted by {author}, {when}", { author, when })
    : decision === "reject" ? t("Rejected by {author}, {when}", { author, when }) : t("Sent back by {author}, {when}", { author, when });
  return h("div", { class: `decision ${decision}`, "data-testid": "decision", "data-decision": decision },
    icon(decision === "accept" ? "check" : decision === "reject" ? "close" : "again"),
    h("div", null, h("p", null, text), comment && h("p", null, `“${comment}”`),
      frame != null && h("p", { class: "muted num" }, t("Frame {frame}", { frame }))));
}

/** Nothing is given by itself: one key or button for each suggestion. @param {Bench} bench @param {State} state */
export function suggestionView({ actions }, { suggestions, boot }) {
  const [first] = suggestions;
  if (!first?.suggested || !boot.can.review) return null;
  return h("section",
    { class: "suggestion notice warm", "aria-label": t("Suggestion"), "data-testid": "suggestion", "data-segment": first.segment },
    icon("tag"),
    h("div", { class: "grow" },
      h("p", null, h("strong", null, first.suggested.name), ` ${t("for")} `, h("a", { href: clipUrl(boot.library_url, first) }, first.name), `, ${t("{where}? It moves nearly the same.", { where: whereInWords(first) })}`),
      suggestions.length > 1 && h("p", { class: "muted" }, t("{count} more like it.", { count: suggestions.length - 1 })),
      h("div", { class: "suggestion-actions" },
        h("button", { type: "button", class: "button small primary", "data-action": "suggestion.accept", "data-testid": "suggest-accept" }, t("Accept"), keyCaps(actions, "suggestion.accept")),
        h("button", { type: "button", class: "button small quiet", "data-action": "suggestion.dismiss", "data-testid": "suggest-dismiss" }, t("Dismiss"), keyCaps(actions, "suggestion.dismiss")))));
}

/** @param {State} state @param {Segment} segment */
export function labelList(state, segment) {
  const human = annotatedSegment(state);
  const rows = palette(state.labels, segment).map((row) => human ? { ...row, isCurrent: row.label.id === human.label } : row);
  return h("section", { class: "labels", "aria-label": t("Labels") },
    h("ul", { role: "list" }, rows.map((row) => h("li", { "data-key": String(row.label.id) }, labelRow(row, state.boot.can.review)))));
}

/** @param {ReturnType<typeof palette>[number]} row @param {boolean} canGive */
function labelRow({ label, probability, isPredicted, isCurrent, hasNoExamples, waitsForTraining }, canGive) {
  const note = hasNoExamples
    ? t("model has no examples yet")
    : waitsForTraining ? tn(label.examples, "{count} example, not trained yet", "{count} examples, not trained yet") : "";
  return h(canGive ? "button" : "div",
    {
      type: canGive ? "button" : null, class: `label-row${isPredicted ? " predicted" : ""}`, "data-action": canGive ? `label.${label.id}` : null, "data-label-id": label.id,
      "data-testid": "label-row", "data-name": label.name, "aria-pressed": canGive ? String(isCurrent) : null, "data-current": String(isCurrent),
      "aria-keyshortcuts": canGive && label.hotkey ? label.hotkey : null, "data-probability": probability ?? "", style: { "--colour": label.colour },
    },
    canGive && h("kbd", null, label.hotkey || " "),
    h("span", { class: "dot", style: { background: label.colour } }),
    h("span", { class: "label-name" }, label.name),
    note
      ? h("span", { class: "label-note", "data-testid": "no-examples" }, note)
      : h("span", { class: "share" }, h("span", { class: "bar" }, h("span", { style: { width: `${(probability ?? 0) * 100}%` } })), h("span", { class: "num" }, probability === null ? "" : percent(probability))));
}

/** @param {State} state */
export function historyView({ history }) {
  return h("section", { class: "history", "aria-label": t("Corrections of this segment"), "data-testid": "history" },
    h("h2", null, t("Labels given")),
    history.length === 0
      ? h("p", { class: "muted" }, t("Nobody has judged this segment yet."))
      : h("ol", null, history.map(pastView)));
}

/** @param {import("nightjar/clip/state.js").Past} past */
function pastView({ id, label, kind, author, created_at, shown_label, note }) {
  const instead = shown_label && shown_label.name !== label.name ? ` ${t("instead of {label}", { label: shown_label.name })}` : "";
  return h("li", { "data-key": String(id), "data-testid": "history-item" },
    h("span", { class: "dot", style: { background: label.colour } }),
    h("span", null,
      h("strong", null, label.name),
      kind === "undo" ? ` ${t("taken back")}` : kind === "accept" ? ` ${t("accepted")}` : instead,
      note && h("span", { class: "muted" }, ` “${note}”`),
      h("span", { class: "muted", title: new Date(created_at).toLocaleString(language) }, ` ${author}, ${ago(created_at)}`)));
}

// @ts-check
/** Draws what people judge by: the verdict, suggestions, the labels, and who said what. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, percent, plural } from "nightjar/core/format.js";
import { language, t } from "nightjar/core/i18n.js";
import { keyCaps } from "nightjar/clip/buttons.js";
import { palette, personName, trackOf } from "nightjar/clip/model.js";
import { clipUrl, whereInWords } from "nightjar/review/model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */
/** @typedef {import("nightjar/clip/state.js").State} State */

/** @param {Bench} bench @param {State} state @param {Segment} segment */
export function judgement(bench, { found, boot, saving, queue }, segment) {
  const { current, predicted } = segment;
  const track = found && trackOf(found, segment.id);
  const isJudged = current?.source === "correction";
  const number = found?.classifier?.number;
  const who = track ? `${personName(track.index)} · ` : "";
  const sure = predicted ? percent(predicted.probability) : "";
  const predictedBy = number === undefined ? t("Predicted by the classifier, {sure} sure", { sure }) : t("Predicted by version {number}, {sure} sure", { number, sure });
  const said = !predicted ? "" : number === undefined
    ? t("The classifier said {label}, {sure}", { label: predicted.label.name, sure })
    : t("Version {number} said {label}, {sure}", { number, label: predicted.label.name, sure });
  return h("section",
    { class: "judgement", "aria-label": t("Selected segment"), "data-testid": "judgement", "data-source": current?.source ?? "", "data-label": current?.label.name ?? "", "data-version": segment.version },
    h("p", { class: "muted num" }, who + t("frames {first} to {last}", { first: segment.start_frame, last: segment.end_frame - 1 })),
    h("div", { class: "verdict" },
      h("span", { class: "verdict-dot", style: { background: current?.label.colour ?? "var(--control)" } }),
      h("strong", { "data-testid": "current-label" }, current?.label.name ?? t("No label")),
      boot.can.review && h("button",
        { type: "button", class: "button primary small", "data-action": "review.accept", "data-testid": "accept", disabled: !current, title: `${t("Accept and go on")} (${bench.actions.keysText("review.accept")})` },
        isJudged ? t("Next in queue") : t("Accept"),
        keyCaps(bench.actions, "review.accept"))),
    h("p", { class: "muted one-line" }, isJudged
      ? t("Given by {author}, {when}", { author: current.author, when: ago(current.created_at) })
      : predicted ? predictedBy : t("No active classifier has judged this segment.")),
    !isJudged && queue.why && h("p", { class: "queue-why", "data-testid": "queue-why" }, queue.rank ? h("span", { class: "num muted" }, `${t("{rank} in the queue.", { rank: queue.rank })} `) : null, queue.why),
    h("p", { class: `saving ${saving.state}`, role: "status", "data-testid": "save-state", "data-state": saving.state },
      saving.state === "saved" && icon("check"),
      saving.state === "failed" && icon("alert"),
      saving.state === "saving" && h("span", { class: "spinner" }),
      saving.text || (isJudged ? said : "")));
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
export function labelList({ labels, boot }, segment) {
  return h("section", { class: "labels", "aria-label": t("Labels") },
    h("ul", { role: "list" }, palette(labels, segment).map((row) => h("li", { "data-key": String(row.label.id) }, labelRow(row, boot.can.review)))));
}

/** @param {ReturnType<typeof palette>[number]} row @param {boolean} canGive */
function labelRow({ label, probability, isPredicted, isCurrent, hasNoExamples, waitsForTraining }, canGive) {
  const note = hasNoExamples
    ? t("model has no examples yet")
    : waitsForTraining ? t("{examples}, not trained yet", { examples: plural(label.examples, "example") }) : "";
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

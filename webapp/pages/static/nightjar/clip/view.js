// @ts-check
/** Draws the clip page's regions from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, duration, percent, plural, rate } from "nightjar/core/format.js";
import { LIMITS, PRESETS } from "nightjar/clip/exposure.js";
import { HELP } from "nightjar/clip/keys.js";
import { lightText, palette, personName, provenanceInWords, segmentById, trackOf } from "nightjar/clip/model.js";
import { canRunAgain, stateChip } from "nightjar/library/model.js";
import { clipUrl, whereInWords } from "nightjar/review/model.js";

/** @typedef {import("nightjar/clip/model.js").Found} Found */
/** @typedef {import("nightjar/clip/model.js").FullLabel} FullLabel */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */
/** @typedef {import("nightjar/library/model.js").Card} Card */

/**
 * @typedef {object} Past one correction of the selected segment
 * @property {number} id
 * @property {{name: string, colour: string}} label
 * @property {string} kind
 * @property {string} author
 * @property {string} created_at
 * @property {{name: string} | null} [shown_label]
 * @property {string} [note]
 */
/** @typedef {{state: "idle" | "saving" | "saved" | "failed", text: string}} Saving */

/**
 * @typedef {object} State
 * @property {import("nightjar/core/page.js").Boot} boot
 * @property {number} id
 * @property {(Card & {urls?: any, original_url?: string, proxy_url?: string}) | null} clip
 * @property {number} frames
 * @property {Found | null} found
 * @property {FullLabel[]} labels
 * @property {number | null} selected
 * @property {Past[]} history
 * @property {Saving} saving
 * @property {{remaining: number, next: number | null, segment: number | null, why: string, rank: number | null}} queue
 * @property {import("nightjar/review/model.js").Entry[]} suggestions what the judged segment suggests for others
 * @property {number[]} order
 * @property {string} error
 * @property {string} fault
 * @property {boolean} playing
 * @property {boolean} loop
 * @property {number} rate
 * @property {boolean} showSkeleton
 * @property {boolean} showBoxes
 * @property {string} preset
 * @property {import("nightjar/clip/exposure.js").Exposure} exposure
 * @property {boolean} exposureOpen
 */

/** @param {string} action @param {string} picture @param {string} text @param {Record<string, unknown>} [more] */
function tool(action, picture, text, more = {}) {
  return h("button", { type: "button", class: "icon-button", "data-click": action, title: text, "aria-label": text, ...more }, icon(picture));
}

/** @param {State} state */
export function transportView(state) {
  const on = (/** @type {boolean} */ value) => ({ "aria-pressed": String(value) });
  return [
    h(
      "div",
      { class: "transport-group", role: "group", "aria-label": "Play" },
      tool("step", "back", "Ten frames back (Shift ←)", { "data-by": -10 }),
      tool("step", "prev", "One frame back (←)", { "data-by": -1, "data-testid": "step-back" }),
      tool("toggle", state.playing ? "pause" : "play", state.playing ? "Pause (Space)" : "Play (Space)", { class: "icon-button play", "data-testid": "play" }),
      tool("step", "next", "One frame on (→)", { "data-by": 1, "data-testid": "step-on" }),
      tool("step", "forth", "Ten frames on (Shift →)", { "data-by": 10 }),
    ),
    h(
      "p",
      { class: "frame-now num", "data-own": true },
      h("span", { class: "muted" }, "Frame "),
      h("output", { id: "frame-now", "data-testid": "frame" }, "–"),
      h("span", { class: "muted", id: "frame-last" }),
      h("span", { class: "muted", id: "time-now" }),
    ),
    h("span", { class: "spacer" }),
    h(
      "label",
      { class: "rate" },
      h("span", { class: "sr-only" }, "Speed"),
      h("select", { "data-change": "rate", title: "Speed" }, [0.1, 0.25, 0.5, 1, 2].map((value) => h("option", { value, selected: value === state.rate }, `${value}×`))),
    ),
    tool("loop", "loop", "Loop (L)", on(state.loop)),
    tool("skeleton", "figure", "Skeleton (H)", { ...on(state.showSkeleton), "data-testid": "toggle-skeleton" }),
    tool("boxes", "box", "Boxes (B)", on(state.showBoxes)),
    h(
      "div",
      { class: "exposure" },
      h(
        "button",
        { type: "button", class: "button small quiet", "data-click": "exposure-open", "aria-expanded": String(state.exposureOpen), title: "Exposure (G goes through the presets)", "data-testid": "exposure", "data-preset": state.preset },
        icon("sun"),
        presetName(state.preset),
      ),
      state.exposureOpen && exposurePanel(state),
    ),
    tool("help", "help", "Keys (?)"),
  ];
}

/** @param {string} id */
function presetName(id) {
  return PRESETS.find((preset) => preset.id === id)?.name ?? "Own";
}

/** @param {State} state */
function exposurePanel({ preset, exposure }) {
  const slider = (/** @type {"gain" | "gamma" | "contrast"} */ name, /** @type {string} */ text, /** @type {string} */ shown) =>
    h(
      "label",
      { class: "slider" },
      h("span", null, text),
      h("span", { class: "num muted" }, shown),
      h("input", { type: "range", name, ...LIMITS[name], step: 0.05, value: exposure[name], "data-input": "exposure" }),
    );
  return h(
    "div",
    { class: "exposure-panel", role: "group", "aria-label": "Exposure" },
    h("div", { class: "presets" }, PRESETS.map(({ id, name }) =>
      h("button", { type: "button", class: "button small", "data-click": "preset", "data-preset": id, "aria-pressed": String(id === preset) }, name)
    )),
    slider("gain", "Brightness", `${exposure.gain.toFixed(2)}×`),
    slider("gamma", "Gamma", exposure.gamma.toFixed(2)),
    slider("contrast", "Contrast", exposure.contrast.toFixed(2)),
    h("p", { class: "muted" }, "Only what you see changes, never the clip."),
  );
}

/** @param {State} state */
export function sideView(state) {
  if (state.error) {
    return h(
      "div",
      { class: "empty", role: "alert", "data-testid": "clip-error" },
      h("h2", null, "The clip could not be read"),
      h("p", null, state.error),
      h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), "Try again"),
      h("a", { class: "button quiet", href: state.boot.library_url }, "Back to the library"),
    );
  }
  if (!state.clip) return h("p", { class: "booting" }, "Loading…");
  const segment = segmentById(state.found, state.selected);
  return [
    clipHead(state, state.clip),
    noticeOf(state, state.clip),
    segment && judgement(state, segment),
    segment && suggestionView(state),
    segment && labelList(state, segment),
    segment && historyView(state),
  ];
}

/** @param {State} state @param {Card & {urls?: any, original_url?: string}} clip */
function clipHead({ boot, order, id, queue, found }, clip) {
  const at = order.indexOf(id);
  const facts = [
    clip.width && clip.height && `${clip.width} × ${clip.height}`,
    rate(clip.fps),
    clip.frames && plural(clip.frames, "frame"),
    clip.duration_s != null && duration(clip.duration_s),
  ];
  return h(
    "header",
    { class: "clip-head" },
    h(
      "div",
      { class: "clip-nav" },
      h("a", { class: "button quiet small", href: boot.library_url }, icon("prev"), "Library"),
      h("span", { class: "spacer" }),
      h("span", { class: "muted num", "data-testid": "position" }, at >= 0 ? `Clip ${at + 1} of ${order.length}` : ""),
      tool("previous", "prev", "Previous clip (P)", { "data-testid": "previous-clip" }),
      tool("next", "next", "Next clip (N)", { "data-testid": "next-clip" }),
    ),
    h("h1", { title: clip.name, "data-testid": "clip-name" }, clip.name),
    h("p", { class: "muted num" }, facts.filter(Boolean).join(" · ")),
    found?.run && h("p", { class: "muted", "data-testid": "pose-by" }, `Skeletons by ${found.run.pose_version ? `pose version ${found.run.pose_version.number}` : "the shipped pose network"}`),
    found?.provenance?.classifier && h("p", { class: "muted provenance", "data-testid": "provenance" }, provenanceInWords(found.provenance)),
    lightText(found?.run?.exposure) && h("p", { class: "muted num", "data-testid": "light" }, lightText(found?.run?.exposure)),
    h(
      "div",
      { class: "clip-tools" },
      h("a", { class: "button small quiet", href: clip.original_url ?? clip.urls?.original_url ?? `/api/videos/${clip.id}/original`, download: clip.name }, icon("download"), "Original"),
      boot.can.review && canRunAgain(clip) && h("button", { type: "button", class: "button small quiet", "data-click": "rerun", "data-testid": "rerun" }, icon("again"), clip.state === "ready" ? "Analyse" : "Analyse again"),
      h("span", { class: "spacer" }),
      h("span", { class: "muted num", "data-testid": "queue-left" }, queue.remaining ? `${queue.remaining} to review` : "All reviewed"),
    ),
  );
}

/** @param {State} state @param {Card} clip */
function noticeOf({ found, boot }, clip) {
  const chip = stateChip(clip);
  if (clip.state === "analysed" && found && !found.tracks.length) {
    return notice("warm", "No person was found in this clip, so there is nothing to judge.", clip.message);
  }
  if (!chip || clip.state === "analysed") return null;
  if (chip.tone === "busy") {
    const progress = clip.job?.progress ?? 0;
    return h(
      "div",
      { class: "notice working", "data-testid": "clip-progress" },
      h("div", { class: "grow" },
        h("p", null, `${chip.text} · ${percent(progress)}`),
        h("div", { class: "bar" }, h("span", { style: { width: `${progress * 100}%` } }))),
    );
  }
  const canMend = boot.can.review && canRunAgain(clip) ? " You can have it analysed again." : "";
  return notice(chip.tone === "bad" ? "bad" : "warm", `${chip.text}.${canMend}`, clip.message);
}

/** @param {string} tone @param {string} text @param {string} detail */
function notice(tone, text, detail) {
  return h("div", { class: `notice ${tone}`, "data-testid": "clip-notice" }, icon("alert"), h("div", null, h("p", null, text), detail && h("p", { class: "muted" }, detail)));
}

/** @param {State} state @param {Segment} segment */
function judgement({ found, boot, saving, queue }, segment) {
  const { current, predicted } = segment;
  const track = found && trackOf(found, segment.id);
  const isJudged = current?.source === "correction";
  const version = found?.classifier ? `version ${found.classifier.number}` : "the classifier";
  return h(
    "section",
    { class: "judgement", "aria-label": "Selected segment", "data-testid": "judgement", "data-source": current?.source ?? "", "data-label": current?.label.name ?? "", "data-version": segment.version },
    h("p", { class: "muted num" }, `${track ? personName(track.index) : ""} · frames ${segment.start_frame} to ${segment.end_frame - 1}`),
    h(
      "div",
      { class: "verdict" },
      h("span", { class: "verdict-dot", style: { background: current?.label.colour ?? "#6b7576" } }),
      h("strong", { "data-testid": "current-label" }, current?.label.name ?? "No label"),
      boot.can.review && h(
        "button",
        { type: "button", class: "button primary small", "data-click": "accept", "data-testid": "accept", disabled: !current, title: "Accept and go on (Enter)" },
        isJudged ? "Next in queue" : "Accept",
        h("kbd", null, "↵"),
      ),
    ),
    h("p", { class: "muted one-line" }, isJudged
      ? `Given by ${current.author}, ${ago(current.created_at)}`
      : predicted ? `Predicted by ${version}, ${percent(predicted.probability)} sure` : "No active classifier has judged this segment."),
    !isJudged && queue.why && h("p", { class: "queue-why", "data-testid": "queue-why" }, queue.rank ? h("span", { class: "num muted" }, `${queue.rank} in the queue. `) : null, queue.why),
    h("p", { class: `saving ${saving.state}`, role: "status", "data-testid": "save-state", "data-state": saving.state },
      saving.state === "saved" && icon("check"),
      saving.state === "failed" && icon("alert"),
      saving.state === "saving" && h("span", { class: "spinner" }),
      saving.text || (isJudged && predicted ? `${capital(version)} said ${predicted.label.name}, ${percent(predicted.probability)}` : "")),
  );
}

/** @param {string} text */
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** Nothing is given by itself: one key or button for each suggestion. @param {State} state */
function suggestionView({ suggestions, boot }) {
  const [first] = suggestions;
  if (!first?.suggested || !boot.can.review) return null;
  return h(
    "section",
    { class: "suggestion notice warm", "aria-label": "Suggestion", "data-testid": "suggestion", "data-segment": first.segment },
    icon("tag"),
    h("div", { class: "grow" },
      h("p", null, h("strong", null, first.suggested.name), " for ", h("a", { href: clipUrl(boot.library_url, first) }, first.name), `, ${whereInWords(first)}? It moves nearly the same.`),
      suggestions.length > 1 && h("p", { class: "muted" }, `${suggestions.length - 1} more like it.`),
      h("div", { class: "suggestion-actions" },
        h("button", { type: "button", class: "button small primary", "data-click": "suggest-accept", "data-testid": "suggest-accept" }, "Accept", h("kbd", null, "Y")),
        h("button", { type: "button", class: "button small quiet", "data-click": "suggest-dismiss", "data-testid": "suggest-dismiss" }, "Dismiss", h("kbd", null, "X")))),
  );
}

/** @param {State} state @param {Segment} segment */
function labelList({ labels, boot }, segment) {
  return h(
    "section",
    { class: "labels", "aria-label": "Labels" },
    h("ul", { role: "list" }, palette(labels, segment).map((row) => {
      const { label, probability, isPredicted, isCurrent, hasNoExamples, waitsForTraining } = row;
      const note = hasNoExamples ? "model has no examples yet" : waitsForTraining ? `${plural(label.examples, "example")}, not trained yet` : "";
      return h(
        "li",
        { "data-key": String(label.id) },
        h(
          boot.can.review ? "button" : "div",
          {
            type: boot.can.review ? "button" : null, class: `label-row${isPredicted ? " predicted" : ""}`, "data-click": boot.can.review ? "label" : null, "data-label-id": label.id,
            "data-testid": "label-row", "data-name": label.name, "aria-pressed": boot.can.review ? String(isCurrent) : null, "data-current": String(isCurrent),
            "data-probability": probability ?? "", style: { "--colour": label.colour },
          },
          boot.can.review && h("kbd", null, label.hotkey || " "),
          h("span", { class: "dot", style: { background: label.colour } }),
          h("span", { class: "label-name" }, label.name),
          note
            ? h("span", { class: "label-note", "data-testid": "no-examples" }, note)
            : h("span", { class: "share" }, h("span", { class: "bar" }, h("span", { style: { width: `${(probability ?? 0) * 100}%` } })), h("span", { class: "num" }, probability === null ? "" : percent(probability))),
        ),
      );
    })),
  );
}

/** @param {State} state */
function historyView({ history }) {
  return h(
    "section",
    { class: "history", "aria-label": "Corrections of this segment", "data-testid": "history" },
    h("h2", null, "History"),
    history.length === 0
      ? h("p", { class: "muted" }, "Nobody has judged this segment yet.")
      : h("ol", null, history.map(({ id, label, kind, author, created_at, shown_label, note }) =>
        h(
          "li",
          { "data-key": String(id), "data-testid": "history-item" },
          h("span", { class: "dot", style: { background: label.colour } }),
          h("span", null,
            h("strong", null, label.name),
            kind === "undo" ? " taken back" : kind === "accept" ? " accepted" : shown_label && shown_label.name !== label.name ? ` instead of ${shown_label.name}` : "",
            note && h("span", { class: "muted" }, ` “${note}”`),
            h("span", { class: "muted", title: new Date(created_at).toLocaleString("en") }, ` ${author}, ${ago(created_at)}`)),
        )
      )),
  );
}

export function helpView() {
  return h(
    "dialog",
    { class: "help", "aria-labelledby": "help-title", "data-testid": "help" },
    h(
      "form",
      { method: "dialog", class: "dialog-body" },
      h("h2", { id: "help-title" }, "Keys"),
      h("div", { class: "help-grid" }, HELP.map(([title, rows]) =>
        h("section", null, h("h3", null, String(title)), h("dl", null, /** @type {[string[], string][]} */ (rows).map(([keys, text]) =>
          h("div", null, h("dt", null, keys.map((key) => (key === "…" ? " … " : h("kbd", null, key)))), h("dd", null, text))
        )))
      )),
      h("p", { class: "muted" }, "Everything can be done with the mouse as well: drag over the lanes to move through the clip, click a segment to judge it, click a label to give it."),
      h("div", { class: "dialog-foot" }, h("button", { class: "button primary", autofocus: true }, "Close")),
    ),
  );
}

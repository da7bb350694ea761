// @ts-check
/** The head of the side column: which clip this is, and what is the matter with it. */

import { h, icon } from "nightjar/core/dom.js";
import { duration, percent, rate } from "nightjar/core/format.js";
import { t, tn } from "nightjar/core/i18n.js";
import { lightText, provenanceInWords } from "nightjar/clip/model.js";
import { canRunAgain, stateChip } from "nightjar/library/model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/state.js").State} State */
/** @typedef {import("nightjar/clip/state.js").Clip} Clip */

/** @param {Bench} bench @param {State} state */
export function headView(bench, state) {
  if (state.error) return errorView(state);
  if (!state.clip) return h("p", { class: "booting" }, t("Loading…"));
  return clipHead(bench, state, state.clip);
}

/** @param {State} state */
function errorView({ error, boot }) {
  return h("div", { class: "empty", role: "alert", "data-testid": "clip-error" },
    h("h2", null, t("The clip could not be read")),
    h("p", null, error),
    h("button", { type: "button", class: "button", "data-action": "clip.read-again" }, icon("again"), t("Try again")),
    h("a", { class: "button quiet", href: boot.library_url }, t("Back to the library")));
}

/** @param {Bench} bench @param {State} state @param {Clip} clip */
function clipHead(bench, { boot, order, id, queue, found }, clip) {
  const at = order.indexOf(id);
  const facts = [
    clip.width && clip.height && `${clip.width} × ${clip.height}`,
    rate(clip.fps),
    clip.frames && tn(clip.frames, "{count} frame", "{count} frames"),
    clip.duration_s != null && duration(clip.duration_s),
  ];
  const version = found?.run?.pose_version?.number;
  const light = lightText(found?.run?.exposure);
  return h("header", { class: "clip-head" },
    h("div", { class: "clip-nav" },
      h("a", { class: "button quiet small", href: boot.library_url }, icon("prev"), t("Library")),
      h("span", { class: "spacer" }),
      h("span", { class: "muted num", "data-testid": "position" }, at >= 0 ? t("Clip {n} of {all}", { n: at + 1, all: order.length }) : ""),
      bench.button("clip.previous", "prev", { "data-testid": "previous-clip" }),
      bench.button("clip.next", "next", { "data-testid": "next-clip" }),
      bench.button("help", "help", { "data-testid": "help-open" })),
    h("h1", { title: clip.name, "data-testid": "clip-name" }, clip.name),
    h("p", { class: "muted num" }, facts.filter(Boolean).join(" · ")),
    found?.run && h("p", { class: "muted", "data-testid": "pose-by" }, version ? t("Skeletons by pose version {number}", { number: version }) : t("Skeletons by the shipped pose network")),
    found?.provenance?.classifier && h("p", { class: "muted provenance", "data-testid": "provenance" }, provenanceInWords(found.provenance)),
    light && h("p", { class: "muted num", "data-testid": "light" }, light),
    h("div", { class: "clip-tools" },
      h("a", { class: "button small quiet", href: clip.original_url ?? clip.urls?.original_url ?? `/api/videos/${clip.id}/original`, download: clip.name }, icon("download"), t("Original")),
      boot.can.review && canRunAgain(clip) && h("button", { type: "button", class: "button small quiet", "data-action": "clip.analyse", "data-testid": "rerun" }, icon("again"), clip.state === "ready" ? t("Analyse") : t("Analyse again")),
      h("span", { class: "spacer" }),
      h("span", { class: "muted num", "data-testid": "queue-left" }, queue.remaining ? t("{count} to review", { count: queue.remaining }) : t("All reviewed"))));
}

/** @param {State} state */
export function noticeView({ found, boot, clip }) {
  if (!clip) return null;
  const chip = stateChip(clip);
  if (clip.state === "analysed" && found && !found.tracks.length) {
    return notice("warm", t("No person was found in this clip, so there is nothing to judge."), clip.message);
  }
  if (!chip || clip.state === "analysed") return null;
  if (chip.tone === "busy") {
    const progress = clip.job?.progress ?? 0;
    return h("div", { class: "notice working", "data-testid": "clip-progress" },
      h("div", { class: "grow" },
        h("p", null, `${chip.text} · ${percent(progress)}`),
        h("div", { class: "bar" }, h("span", { style: { width: `${progress * 100}%` } }))));
  }
  const canMend = boot.can.review && canRunAgain(clip) ? ` ${t("You can have it analysed again.")}` : "";
  return notice(chip.tone === "bad" ? "bad" : "warm", `${chip.text}.${canMend}`, clip.message);
}

/** @param {string} tone @param {string} text @param {string} detail */
function notice(tone, text, detail) {
  return h("div", { class: `notice ${tone}`, "data-testid": "clip-notice" }, icon("alert"), h("div", null, h("p", null, text), detail && h("p", { class: "muted" }, detail)));
}

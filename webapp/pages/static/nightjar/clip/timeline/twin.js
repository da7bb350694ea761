// @ts-check
/** The same segments as elements, for keyboards and screen readers; they lie where the canvas draws them. */

import { h, icon } from "nightjar/core/dom.js";
import { percent } from "nightjar/core/format.js";
import { t } from "nightjar/core/i18n.js";
import { personName } from "nightjar/clip/model.js";
import { barsOf } from "nightjar/clip/timeline/bars_model.js";

/** @typedef {import("nightjar/clip/timeline/board.js").Board} Board */
/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */

/** People who were drawn have numbers of their own, far from those that were found. */
const FIRST_DRAWN = 1_000_000;

/** @param {number | null} person */
export function laneName(person) {
  if (person === null) return t("Clip");
  return person >= FIRST_DRAWN ? t("Added person") : personName(person);
}

/** @param {Board} board @param {Bar} bar */
export function barName(board, bar) {
  const name = board.labelName(bar.label) || t("No label");
  const range = t("frames {first} to {last}", { first: bar.start, last: bar.end - 1 });
  if (bar.kind === "drawn") return bar.author ? t("{label}, drawn by {author}: {range}", { label: name, author: bar.author, range }) : t("{label}, drawn: {range}", { label: name, range });
  if (bar.judged) return t("{label}, given by {author}: {range}", { label: name, author: bar.author ?? "", range });
  return bar.share === null ? t("{label}: {range}", { label: name, range }) : t("{label}, predicted, {share} sure: {range}", { label: name, share: percent(bar.share), range });
}

/** @param {Board} board */
export function twinView(board) {
  const first = board.selected ?? barsOf(board.lanes)[0]?.key;
  return board.layout.lanes.map(({ lane, placed }) =>
    h("ul", { class: "tl-lane", "data-key": lane.key, "data-testid": lane.person === null ? "clip-lane" : "lane", "aria-label": laneName(lane.person) },
      placed.map(({ bar, y, height }) =>
        h("li", { "data-key": bar.key }, h("button", {
          type: "button", class: `tl-bar ${bar.kind}`, "data-action": "timeline.select", "data-bar": bar.key,
          "data-segment": bar.kind === "predicted" ? bar.id : null, "data-target": bar.target || null,
          "data-testid": bar.kind === "predicted" ? "segment" : "drawn-segment", "data-label": board.labelName(bar.label),
          "data-source": bar.kind === "drawn" ? "drawn" : bar.judged ? "correction" : bar.label === null ? "" : "prediction",
          "data-start": bar.start, "data-end": bar.end, "aria-pressed": String(bar.key === board.selected),
          "aria-label": barName(board, bar), tabindex: bar.key === first ? "0" : "-1",
          style: { "--s": String(bar.start), "--n": String(bar.end - bar.start), "--y": `${y}px`, "--h": `${height}px` },
        })))));
}

/** @param {Board} board */
export function namesView(board) {
  return board.layout.lanes.map(({ lane, y, height }) =>
    h("button", {
      type: "button", class: "tl-name", "data-action": "timeline.lane", "data-person": lane.person ?? "", "data-key": lane.key, tabindex: "-1",
      "aria-pressed": String(lane.person === board.person), title: t("Work on this lane"), style: { top: `${y}px`, height: `${height}px` },
    }, laneName(lane.person)));
}

/** @param {Bench} bench @param {Board} board */
export function toolsView(bench, board) {
  const { bar } = board;
  const group = (/** @type {string} */ name, /** @type {unknown[]} */ ...buttons) => h("div", { class: "tl-group", role: "group", "aria-label": name }, buttons);
  const flip = { class: "icon-button flip" };
  const edits = [
    bench.button("timeline.add", "plus", { "data-testid": "segment-add" }),
    bench.button("timeline.in", "in"),
    bench.button("timeline.out", "in", flip),
    bench.button("timeline.split", "split", { "data-testid": "segment-split" }),
    bench.button("timeline.join", "join", { "data-testid": "segment-join" }),
    bench.button("timeline.delete", "trash", { "data-testid": "segment-delete" }),
  ];
  return [
    bench.boot.can.review && group(t("Segment"), ...edits),
    bench.boot.can.review && group(t("Mode"),
      bench.button("timeline.record", "record", { pressed: board.isRecording, "data-testid": "timeline-record" }),
      bench.button("timeline.snap", "magnet", { pressed: board.snaps })),
    group(t("Jump"),
      bench.button("timeline.edge-previous", "edge", flip), bench.button("timeline.edge-next", "edge"),
      bench.button("timeline.gap-previous", "gap", flip), bench.button("timeline.gap-next", "gap"),
      bench.button("timeline.doubt-previous", "doubt", flip), bench.button("timeline.doubt-next", "doubt")),
    h("p", { class: "tl-said num", "data-testid": "timeline-said" },
      board.isRecording && h("span", { class: "tl-recording" }, icon("record"), t("Press a label key: it begins and ends that label")),
      !board.isRecording && bar && barName(board, bar)),
    !board.hasWindows && board.curves.labels.length > 0 && h("p", { class: "tl-coarse muted", title: t("The scores of single windows are being computed; until then each segment has one.") }, t("coarse scores")),
    group(t("Zoom"), bench.button("timeline.zoom-out", "minus"), bench.button("timeline.whole", "fit"), bench.button("timeline.zoom-in", "plus")),
  ];
}

// @ts-check
/** The timeline's actions: what keys and buttons do. */

import { t } from "nightjar/core/i18n.js";
import { announce, toast } from "nightjar/core/notices.js";
import { around, whole, zoomed } from "nightjar/clip/timeline/axis_model.js";
import { barBeside, barOf } from "nightjar/clip/timeline/bars_model.js";
import { doubtsOf, edgeBeside, edgesOf, gapsOf, placeBeside } from "nightjar/clip/timeline/places_model.js";
import { laneName } from "nightjar/clip/timeline/twin.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/timeline/board.js").Board} Board */

/**
 * @param {Bench} bench @param {Board} board
 * @param {import("nightjar/clip/timeline/field.js").Field} field
 * @param {import("nightjar/clip/timeline/editor.js").Editor} editor
 * @param {{isBusy: boolean, cancel: () => void}} pointer
 */
export function addActions(bench, board, field, editor, pointer) {
  const group = t("Timeline");
  const { player } = bench;
  const isAllowed = () => editor.isAllowed;
  const isDrawn = () => isAllowed() && board.bar?.kind === "drawn";
  const withBar = () => isAllowed() && board.bar !== null;

  /** @param {number} by */
  function walk(by) {
    const bar = barBeside(board.lanes, board.selected, by);
    if (!bar) return;
    const hadFocus = field.hasFocus;
    editor.choose(bar, true);
    // The focus follows once the elements have been drawn.
    if (hadFocus) requestAnimationFrame(() => requestAnimationFrame(() => field.elementOf(bar.key)?.focus({ preventScroll: true })));
  }

  /** @param {number} by */
  function walkLanes(by) {
    const at = board.lanes.findIndex(({ person }) => person === board.person);
    const lane = board.lanes[Math.max(0, Math.min(board.lanes.length - 1, at + by))];
    if (!lane) return;
    board.person = lane.person;
    announce(laneName(lane.person));
    field.chosen();
  }

  /** @param {number} by */
  function toEdge(by) {
    const frame = edgeBeside(edgesOf(board.lanes, board.person), editor.frame, by, board.frames);
    if (frame === null) return toast(by > 0 ? t("No edge after this one.") : t("No edge before this one."), "warm");
    player.seek(frame);
  }

  /** @param {number} by */
  function toGap(by) {
    const gap = placeBeside(board.lanes.flatMap((lane) => gapsOf(lane)), editor.frame, by);
    if (!gap) return toast(t("No gap there: everything is in a segment."), "warm");
    goTo(gap, gap.start, t("Gap: frames {first} to {last}", { first: gap.start, last: gap.end - 1 }));
  }

  /** @param {number} by */
  function toDoubt(by) {
    const doubt = placeBeside(doubtsOf(board.lanes, board.curves), editor.frame, by);
    if (!doubt) return toast(t("No doubtful place there."), "warm");
    goTo(doubt, doubt.frame, t("Doubtful: {share} % sure", { share: Math.round(100 * doubt.share) }));
  }

  /** @param {import("nightjar/clip/timeline/places_model.js").Place} place @param {number} frame @param {string} said */
  function goTo({ person }, frame, said) {
    board.person = person;
    const lane = board.lanes.find((one) => one.person === person);
    const bar = lane && [...lane.drawn, ...lane.predicted].find(({ start, end }) => start <= frame && frame < end);
    if (bar) editor.choose(bar);
    player.seek(frame);
    announce(`${laneName(person)}. ${said}`);
    field.chosen();
  }

  /** @param {number} factor */
  function zoom(factor) {
    board.look(zoomed(board.view, factor, Math.max(0, player.frame) + 0.5, board.frames));
    field.moved();
  }

  /** @param {"start" | "end"} edge */
  function toOwn(edge) {
    const { bar } = board;
    if (bar) player.seek(edge === "start" ? bar.start : bar.end - 1);
  }

  bench.actions.addAll([
    { id: "timeline.segment-previous", group, name: t("Segment before"), keys: ["ArrowUp"], repeat: true, run: () => walk(-1) },
    { id: "timeline.segment-next", group, name: t("Segment after"), keys: ["ArrowDown"], repeat: true, run: () => walk(1) },
    { id: "timeline.lane-previous", group, name: t("Lane above"), keys: ["PageUp"], repeat: true, run: () => walkLanes(-1) },
    { id: "timeline.lane-next", group, name: t("Lane below"), keys: ["PageDown"], repeat: true, run: () => walkLanes(1) },
    { id: "timeline.in", group, name: t("Segment starts here"), keys: ["["], can: withBar, run: () => editor.setEdge("start") },
    { id: "timeline.out", group, name: t("Segment ends here"), keys: ["]"], can: withBar, run: () => editor.setEdge("end") },
    { id: "timeline.to-in", group, name: t("To the segment's first frame"), keys: ["Shift+["], run: () => toOwn("start") },
    { id: "timeline.to-out", group, name: t("To the segment's last frame"), keys: ["Shift+]"], run: () => toOwn("end") },
    { id: "timeline.edge-previous", group, name: t("Edge before"), keys: ["Q"], repeat: true, run: () => toEdge(-1) },
    { id: "timeline.edge-next", group, name: t("Edge after"), keys: ["W"], repeat: true, run: () => toEdge(1) },
    { id: "timeline.gap-previous", group, name: t("Gap before"), keys: ["Shift+Q"], run: () => toGap(-1) },
    { id: "timeline.gap-next", group, name: t("Gap after"), keys: ["Shift+W"], run: () => toGap(1) },
    { id: "timeline.doubt-previous", group, name: t("Doubtful place before"), keys: ["Shift+D"], run: () => toDoubt(-1) },
    { id: "timeline.doubt-next", group, name: t("Doubtful place after"), keys: ["D"], run: () => toDoubt(1) },
    { id: "timeline.add", group, name: t("Add a segment here"), keys: ["A"], can: isAllowed, run: () => editor.add() },
    { id: "timeline.add-clip", group, name: t("Add a segment for the clip"), keys: ["Shift+A"], can: isAllowed, run: () => editor.add(null, null) },
    { id: "timeline.split", group, name: t("Split before this frame"), keys: ["S"], can: isAllowed, run: () => editor.split() },
    { id: "timeline.join", group, name: t("Join with the next segment"), keys: ["Shift+S"], can: withBar, run: () => editor.join() },
    { id: "timeline.delete", group, name: t("Delete the drawn segment"), keys: ["Shift+X"], can: isDrawn, run: () => editor.remove() },
    { id: "timeline.record", group, name: t("Label while playing"), keys: ["Shift+R"], can: isAllowed, run: () => editor.record(!board.isRecording) },
    { id: "timeline.snap", group, name: t("Snap to edges and the playhead"), keys: ["/"], run: () => toggleSnap() },
    { id: "timeline.zoom-in", group, name: t("Time axis closer"), keys: ["Shift+ArrowUp"], repeat: true, run: () => zoom(0.6) },
    { id: "timeline.zoom-out", group, name: t("Time axis wider"), keys: ["Shift+ArrowDown"], repeat: true, run: () => zoom(1 / 0.6) },
    { id: "timeline.whole", group, name: t("The whole clip, or the segment"), keys: ["Shift+F"], run: () => fit() },
    { id: "timeline.cancel", group, name: t("Stop dragging or recording"), keys: ["Escape"], when: () => pointer.isBusy || board.isRecording, run: () => cancel() },
    { id: "timeline.select", group, name: t("Select a segment"), keys: [], run: (_event, element) => chooseElement(element) },
    { id: "timeline.lane", group, name: t("Work on this lane"), keys: [], run: (_event, element) => chooseLane(element) },
  ]);

  function toggleSnap() {
    board.snaps = !board.snaps;
    announce(board.snaps ? t("Snapping on") : t("Snapping off"));
    field.chosen();
  }

  function fit() {
    const { bar, frames, view } = board;
    board.look(bar && view.span >= frames ? around(bar.start, bar.end, frames) : whole(frames));
    field.moved();
  }

  function cancel() {
    if (pointer.isBusy) return pointer.cancel();
    if (board.stroke) return editor.forgetStroke();
    editor.record(false);
  }

  /** @param {HTMLElement} [element] */
  function chooseElement(element) {
    const bar = barOf(board.lanes, element?.dataset.bar ?? null);
    if (bar && bar.key !== board.selected) editor.choose(bar);
  }

  /** @param {HTMLElement} [element] */
  function chooseLane(element) {
    const { person = "" } = element?.dataset ?? {};
    board.person = person === "" ? null : Number(person);
    field.chosen();
  }
}

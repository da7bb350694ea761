// @ts-check
/** Puts the timeline on the workbench: lanes with segments and curves, and all that is done to them. */

import { panned } from "nightjar/clip/timeline/axis_model.js";
import { barOf } from "nightjar/clip/timeline/bars_model.js";
import { Board } from "nightjar/clip/timeline/board.js";
import { stepsOf } from "nightjar/clip/timeline/curves_model.js";
import { addActions } from "nightjar/clip/timeline/doings.js";
import { Editor } from "nightjar/clip/timeline/editor.js";
import { Field } from "nightjar/clip/timeline/field.js";
import { pointing } from "nightjar/clip/timeline/pointer.js";
import { askForScores, readScores } from "nightjar/clip/timeline/scores.js";

/** @typedef {import("nightjar/clip/timeline/curves_model.js").Curves} Curves */

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const board = new Board();
  const field = new Field(bench, board);
  const editor = new Editor(bench, board, field);
  const pointer = pointing(bench, board, field, editor);
  addActions(bench, board, field, editor, pointer);
  bench.takeLabel = (pressed) => editor.takeLabel(pressed);
  // Begun with the clip, not waited for: a picture need not wait for its curves.
  bench.addLoader("scores", ({ found }) => Promise.resolve({ ready: found?.run ? readScores(found.run.id) : Promise.resolve(null) }));

  /** @param {number} run @param {Promise<Curves | null>} ready */
  async function takeScores(run, ready) {
    const curves = await ready;
    const { found } = bench.page.get();
    if (found?.run?.id !== run) return;
    [board.curves, board.hasWindows] = [curves ?? stepsOf(found), curves !== null];
    field.all();
    if (!curves && bench.boot.can.review && found.classifier) askForScores(run, found.classifier.id);
  }

  bench.on("leave", () => {
    pointer.cancel();
    board.forget();
    field.all();
  });
  bench.on("clip", ({ found, loaded, isFirst }) => {
    if (isFirst) board.forget();
    if (found?.run) takeScores(found.run.id, loaded.scores.ready);
  });
  bench.on("live", ({ kind, run }) => {
    if (kind === "curves" && bench.page.get().found?.run?.id === run) takeScores(run, readScores(run));
  });

  bench.on("render", (state) => {
    const { selected } = board;
    if (board.take(state)) field.all();
    else if (selected !== board.selected) field.chosen();
  });
  bench.on("selection", ({ selected, annotated, person }) => {
    if (person !== null || annotated) board.person = person;
    else if (selected !== null) {
      const lane = board.lanes.find(({ predicted }) => predicted.some(({ id }) => id === selected));
      if (lane) board.person = lane.person;
    }
    field.chosen();
  });
  bench.on("frame", (frame) => {
    const isHeld = pointer.isBusy;
    if (!isHeld && frame >= 0 && board.follow(frame)) field.moved();
    field.playhead();
  });
  // Elements are reached by Tab, too, when the view is elsewhere.
  field.area.addEventListener("focusin", (event) => {
    const key = event.target instanceof HTMLElement ? event.target.dataset.bar : undefined;
    const bar = barOf(board.lanes, key ?? null);
    if (bar && (bar.end <= board.view.from || bar.start >= board.view.from + board.view.span) && board.follow(bar.start)) field.moved();
  });
  field.pan.addEventListener("input", () => {
    board.look(panned(board.view, Number(field.pan.value) - board.view.from, board.frames));
    field.moved();
  });
}

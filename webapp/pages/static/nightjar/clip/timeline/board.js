// @ts-check
/** What the timeline shows at this moment, kept apart from the page's state because it changes with every pointer move. */

import { barAt, barKey, barOf, lanesOf } from "nightjar/clip/timeline/bars_model.js";
import { following, whole, within } from "nightjar/clip/timeline/axis_model.js";
import { stepsOf } from "nightjar/clip/timeline/curves_model.js";
import { layOut } from "nightjar/clip/timeline/layout_model.js";
import { clashes } from "nightjar/clip/timeline/overlap_model.js";

/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/timeline/bars_model.js").Lane} Lane */
/** @typedef {import("nightjar/clip/timeline/overlap_model.js").Rule} Rule */
/** @typedef {import("nightjar/clip/timeline/record_model.js").Open} Open */
/** @typedef {import("nightjar/clip/timeline/snap_model.js").Snapped} Snapped */
/** @typedef {{id: number, name: string, colour: string}} Label */
/**
 * @typedef {object} Drag an edge on its way, or a new segment that is being drawn
 * @property {Bar} bar as it is until the pointer is let go
 * @property {"start" | "end"} edge
 * @property {number} start
 * @property {number} end
 * @property {Snapped["to"] | null} to what it was drawn to
 * @property {boolean} isNew
 */

export class Board {
  /** @type {Lane[]} */
  lanes = [];
  layout = layOut([]);
  view = whole(1);
  frames = 0;
  width = 0;
  curves = stepsOf(null);
  hasWindows = false;
  /** @type {Rule} */
  rule = "per_person";
  /** @type {Map<number, Label>} */
  labels = new Map();
  /** Whose lane keys work on; null: the clip's. @type {number | null} */
  person = null;
  /** @type {string | null} */
  selected = null;
  /** @type {string | null} */
  hovered = null;
  /** @type {Drag | null} */
  drag = null;
  /** The label that is being given while the clip plays. @type {Open | null} */
  stroke = null;
  isRecording = false;
  /** Whether the lane at hand was settled for this clip. */
  isPlaced = false;
  snaps = true;
  /** @type {Set<string>} */
  clashing = new Set();
  #from = /** @type {unknown[]} */ ([]);

  /**
   * Takes over what the page knows; nothing is made anew where nothing has changed.
   * @param {any} state @returns {boolean} whether lanes or labels are others
   */
  take(state) {
    const { found, frames, labels, annotations, overlap, selected, annotated } = state;
    const key = barKey(annotated ?? "", selected ?? -1);
    this.selected = annotated || selected !== null ? key : null;
    const from = [found, annotations?.segments, annotations?.tracks, labels, frames, overlap];
    if (from.every((one, i) => one === this.#from[i])) return false;
    if (frames !== this.frames) this.view = whole(frames || 1);
    if (!this.hasWindows && found !== this.#from[0]) this.curves = stepsOf(found);
    this.#from = from;
    this.frames = frames;
    this.rule = overlap ?? "per_person";
    this.labels = new Map(labels.map((/** @type {Label} */ label) => [label.id, label]));
    this.lanes = lanesOf(found, annotations ?? null);
    this.layout = layOut(this.lanes);
    this.clashing = clashes(this.drawn, this.rule);
    if (!this.isPlaced || !this.lanes.some(({ person }) => person === this.person)) this.person = this.bar?.person ?? this.lanes[1]?.person ?? null;
    this.isPlaced = found !== null;
    return true;
  }

  /** Another clip. */
  forget() {
    [this.curves, this.hasWindows, this.drag, this.stroke, this.hovered, this.isPlaced] = [stepsOf(null), false, null, null, null, false];
  }

  get drawn() {
    return this.lanes.flatMap(({ drawn }) => drawn);
  }

  /** The segment that keys work on: what is selected where it is in the lane at hand. */
  get bar() {
    return barOf(this.lanes, this.selected);
  }

  /** What is at a frame of the lane at hand, the selected one before others. @param {number} frame */
  barHere(frame) {
    const bar = this.bar;
    if (bar && bar.person === this.person && bar.start <= frame && frame < bar.end) return bar;
    return barAt(this.lanes, this.person, frame);
  }

  /** @param {import("nightjar/clip/timeline/axis_model.js").View} view */
  look(view) {
    this.view = within(view, this.frames);
  }

  /** @param {number} frame @returns {boolean} whether the view has moved */
  follow(frame) {
    const view = following(this.view, frame, this.frames);
    const isNew = view !== this.view;
    this.view = view;
    return isNew;
  }

  /** @param {number | null} id */
  labelName(id) {
    return id === null ? "" : this.labels.get(id)?.name ?? "";
  }
}

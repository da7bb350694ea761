// @ts-check
/** The workbench that all tools of the clip page are installed on; no tool knows another. */

import { h } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { createState } from "nightjar/core/page.js";
import { preference, remember } from "nightjar/core/preferences.js";
import { Actions } from "nightjar/clip/actions.js";
import { actionButton } from "nightjar/clip/buttons.js";
import { Hub } from "nightjar/clip/hub.js";
import { segmentById } from "nightjar/clip/model.js";
import { NjPlayer } from "nightjar/clip/player.js";
import { loadPreferences, savePreferences } from "nightjar/clip/preferences.js";
import { initialState } from "nightjar/clip/state.js";

/** @typedef {import("nightjar/clip/state.js").State} State */
/** @typedef {import("nightjar/clip/player.js").Painter} Painter */
/** @typedef {import("nightjar/clip/clips.js").Ready} Ready */
/** @typedef {Ready & {clock: import("nightjar/clip/frames.js").FrameClock | null, isFirst: boolean}} Opened detail of "clip" */
/** @typedef {{selected?: number | null, person?: number | null, annotated?: string | null}} Selection */

/** @param {HTMLElement} root @param {HTMLElement} player */
function layOut(root, player) {
  const places = {
    bar: h("div", { class: "bar-tools", role: "toolbar", "aria-label": t("Tools") }),
    veil: h("div", { class: "veil", role: "alert", hidden: true }),
    stage: h("div", { class: "stage" }, player),
    strip: h("div", { class: "strip" }),
    transport: h("div", { class: "transport" }),
    lanes: h("div", { class: "lanes", "data-testid": "timeline" }),
    side: h("aside", { class: "side", "aria-label": t("Judge") }),
  };
  places.stage.append(places.veil);
  const { bar, stage, strip, transport, lanes, side } = places;
  const theatre = h("div", { class: "theatre" }, bar, stage, strip, transport, lanes);
  root.replaceChildren(theatre, side);
  return { ...places, theatre };
}

/** @param {HTMLElement} place @param {string} tag @param {string} name @param {number} order */
function ordered(place, tag, name, order) {
  const there = [...place.children].find((child) => child instanceof HTMLElement && child.dataset.part === name);
  if (there instanceof HTMLElement) return there;
  const made = h(tag, { class: `part part-${name}`, "data-part": name, "data-order": order });
  const after = [...place.children].find((child) => child instanceof HTMLElement && Number(child.dataset.order) > order);
  place.insertBefore(made, after ?? null);
  return made;
}

export class Bench {
  /** @type {{order: number, painter: (...given: Parameters<Painter>) => ReturnType<Painter> | void}[]} */
  #painters = [];
  #hub = new Hub();
  t = t;
  /** @type {any} the edit log in the browser; set by its tool */
  edits = null;
  /** Asked before a label key judges; true: the timeline took it. @type {((press: {label: number, down: boolean}) => boolean) | null} */
  takeLabel = null;
  /** @type {import("nightjar/clip/frames.js").FrameClock | null} */
  clock = null;
  /** @type {(id: number, how?: {segment?: number | null, way?: "push" | "replace" | "none"}) => Promise<void>} */
  open = async () => {};
  /** @type {() => void} */
  reread = () => {};
  /** To the next in the queue. @type {() => Promise<void>} */
  goOn = async () => {};
  /** @type {() => Promise<void>} */
  readQueue = async () => {};
  /** That a segment was judged here, so that the queue does not bring it again. @type {(segment: number | null) => void} */
  noteJudged = () => {};
  /** @type {(decision: "accept" | "reject" | "send_back", about?: {target?: string, comment?: string, frame?: number, person?: number | null}) => void} */
  decide = () => {};
  /** Reads a clip that is likely wanted next. @type {(id: number, segment?: number | null) => void} */
  prefetch = () => {};
  /** @type {(name: string, loader: import("nightjar/clip/clips.js").Loader) => void} */
  addLoader = () => {};

  /** @param {import("nightjar/core/page.js").Boot} boot @param {HTMLElement} root */
  constructor(boot, root) {
    this.boot = boot;
    this.root = root;
    this.player = new NjPlayer();
    this.places = layOut(root, this.player);
    this.page = createState(initialState(boot, loadPreferences()), (state) => this.#render(state));
    this.actions = new Actions(preference("keys", {}), (own) => remember("keys", own));
    this.player.paintWith((...given) => this.#painters.flatMap(({ painter }) => painter(...given) ?? []));
    this.player.addEventListener("frame", () => this.emit("frame", this.player.frame));
  }

  /** @param {string} name @param {(detail: any) => void} fn */
  on(name, fn) {
    return this.#hub.on(name, fn);
  }

  /** @param {string} name @param {unknown} [detail] */
  emit(name, detail) {
    this.#hub.emit(name, detail);
  }

  /** A part of the side column. @param {string} name @param {number} order */
  section(name, order) {
    return ordered(this.places.side, "div", name, order);
  }

  /** A group of buttons above the stage. @param {string} name @param {number} order */
  tools(name, order) {
    return ordered(this.places.bar, "div", name, order);
  }

  /**
   * A button that does what a key does.
   * @param {string} id @param {string} picture
   * @param {Record<string, unknown> & {pressed?: boolean, text?: string}} [more]
   */
  button(id, picture, more) {
    return actionButton(this.actions, id, picture, more);
  }

  /** Draws over the frame; smaller orders first. @param {number} order @param {(...given: Parameters<Painter>) => ReturnType<Painter> | void} painter */
  addPainter(order, painter) {
    this.#painters = [...this.#painters, { order, painter }].sort((a, b) => a.order - b.order);
    this.redraw();
  }

  redraw() {
    this.player.redraw();
  }

  /** How this person likes the page; kept. @param {Partial<State>} change */
  prefer(change) {
    this.page.set(change);
    savePreferences(this.page.get());
  }

  /**
   * What is looked at.
   * @param {Selection} change
   * @param {{jump?: boolean}} [how] jump: to the first frame of the segment, unless it is on screen
   */
  choose(change, { jump = false } = {}) {
    const segment = jump && segmentById(this.page.get().found, change.selected ?? null);
    if (segment && (this.player.target < segment.start_frame || this.player.target >= segment.end_frame)) this.player.seek(segment.start_frame);
    const before = this.page.get();
    const isSame = Object.entries(change).every(([name, value]) => before[/** @type {keyof Selection} */ (name)] === value);
    if (isSame) return;
    this.page.set(change);
    const { selected, person, annotated } = this.page.get();
    this.emit("selection", { selected, person, annotated });
  }

  /** @param {State} state */
  #render(state) {
    this.places.veil.hidden = !state.fault;
    this.places.veil.textContent = state.fault;
    this.places.bar.hidden = !this.places.bar.firstElementChild;
    this.emit("render", state);
    this.redraw();
  }
}

// @ts-check
/** The timeline's elements and when each of them is drawn anew. */

import { beforePaint, h, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { onTheme } from "nightjar/core/theme.js";
import { toX } from "nightjar/clip/timeline/axis_model.js";
import { SIZES } from "nightjar/clip/timeline/layout_model.js";
import { cleared, paintBars, paintCurves, paintGround, paintRuler, paletteOf } from "nightjar/clip/timeline/paint.js";
import { namesView, toolsView, twinView } from "nightjar/clip/timeline/twin.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/timeline/board.js").Board} Board */

const TWIN_REST_MS = 120;

const canvas = (/** @type {string} */ name) => /** @type {HTMLCanvasElement} */ (h("canvas", { class: `tl-canvas ${name}`, "aria-hidden": "true" }));

export class Field {
  tools = h("div", { class: "tl-tools", role: "toolbar", "aria-label": t("Timeline") });
  names = h("div", { class: "tl-names" });
  #ruler = canvas("ruler");
  #ground = canvas("ground");
  #bars = canvas("bars");
  #twin = h("div", { class: "tl-twin", role: "group", "aria-label": t("Segments") });
  #playhead = h("span", { class: "tl-playhead", "aria-hidden": "true" });
  /** Where pointers are listened to. */
  area = h("div", { class: "tl-area" }, this.#ground, this.#bars, this.#twin);
  ruler = h("div", { class: "tl-ruler" }, this.#ruler);
  pan = /** @type {HTMLInputElement} */ (h("input", { type: "range", class: "tl-pan", min: 0, step: 1, "aria-label": t("Part of the clip in sight") }));
  #body = h("div", { class: "tl-body" }, h("div", { class: "tl-corner", "aria-hidden": "true" }), this.ruler, this.names, this.area, this.#playhead);
  /** @type {ReturnType<typeof paletteOf> | null} */
  #palette = null;
  #dirty = { ground: true, bars: true, twin: true, marks: true };
  #rest = 0;
  /** @type {number | null | undefined} */
  #revealed = undefined;
  #bench;
  #board;
  #ask = beforePaint(() => this.#draw());

  /** @param {Bench} bench @param {Board} board */
  constructor(bench, board) {
    this.#bench = bench;
    this.#board = board;
    bench.places.lanes.replaceChildren(this.tools, this.#body, this.pan);
    new ResizeObserver(() => this.#measure()).observe(this.area);
    onTheme(() => {
      this.#palette = null;
      this.all();
    });
  }

  /** Everything is other than before. */
  all() {
    this.#dirty = { ground: true, bars: true, twin: true, marks: true };
    this.#ask();
  }

  /** The view has moved; elements follow once it rests. */
  moved() {
    [this.#dirty.ground, this.#dirty.bars] = [true, true];
    this.#ask();
    clearTimeout(this.#rest);
    this.#rest = Number(setTimeout(() => this.place(), TWIN_REST_MS));
  }

  /** Segments look different: hovered, dragged, selected. */
  touched() {
    this.#dirty.bars = true;
    this.#ask();
  }

  /** What is selected or how keys work is other than before. */
  chosen() {
    [this.#dirty.bars, this.#dirty.marks] = [true, true];
    this.#ask();
  }

  /** Puts the elements where the canvas has their segments. */
  place() {
    clearTimeout(this.#rest);
    const { view, width } = this.#board;
    this.#twin.style.setProperty("--from", String(view.from));
    this.#twin.style.setProperty("--px", `${width / view.span}px`);
  }

  /** Puts the playhead over the middle of the frame on screen. */
  playhead() {
    const { view, width, frames } = this.#board;
    const frame = Math.max(0, this.#bench.player.frame);
    const x = toX(view, width, frame + 0.5);
    this.#playhead.hidden = !frames || x < 0 || x > width;
    this.#playhead.style.transform = `translateX(${x.toFixed(2)}px)`;
    if (this.#board.stroke) this.touched();
  }

  /** The element of a segment, for the focus. @param {string | null} key */
  elementOf(key) {
    const found = [...this.#twin.querySelectorAll("[data-bar]")].find((one) => one instanceof HTMLElement && one.dataset.bar === key);
    return found instanceof HTMLElement ? found : null;
  }

  get hasFocus() {
    return this.#twin.contains(document.activeElement);
  }

  #measure() {
    const width = this.area.clientWidth;
    if (width === this.#board.width) return;
    this.#board.width = width;
    this.moved();
    this.playhead();
  }

  #draw() {
    const { width, layout, frames } = this.#board;
    const { ground, bars, twin, marks } = this.#dirty;
    this.#dirty = { ground: false, bars: false, twin: false, marks: false };
    this.#body.hidden = !frames;
    if (twin) this.#drawElements();
    if (twin || marks) this.#mark();
    if (!width || !frames) return;
    this.#palette ??= paletteOf(this.area);
    if (ground) this.#drawGround(this.#palette);
    if (bars) {
      const context = cleared(this.#bars, width, layout.height);
      if (context) paintBars(context, this.#board, this.#palette, Math.max(0, this.#bench.player.frame));
    }
    if (ground) this.playhead();
  }

  #drawElements() {
    const board = this.#board;
    this.area.style.height = `${board.layout.height}px`;
    this.names.style.height = `${board.layout.height}px`;
    this.#playhead.style.height = `${board.layout.height + SIZES.ruler}px`;
    show(this.#twin, twinView(board));
    this.place();
  }

  /** What is selected and at hand; of hundreds of elements only two change. */
  #mark() {
    const board = this.#board;
    show(this.tools, toolsView(this.#bench, board));
    show(this.names, namesView(board));
    const now = this.elementOf(board.selected);
    for (const old of this.#twin.querySelectorAll('[aria-pressed="true"], [tabindex="0"]')) {
      old.setAttribute("aria-pressed", "false");
      if (now) old.setAttribute("tabindex", "-1");
    }
    now?.setAttribute("aria-pressed", "true");
    now?.setAttribute("tabindex", "0");
    this.#reveal();
  }

  /** Scrolls to the lane at hand, where there are more than fit. */
  #reveal() {
    const { layout, person } = this.#board;
    if (person === this.#revealed) return;
    this.#revealed = person;
    const lane = layout.lanes.find((one) => one.lane.person === person);
    if (!lane) return;
    const { scrollTop, clientHeight } = this.#body;
    const [top, bottom] = [lane.y - SIZES.gap, lane.y + lane.height + SIZES.ruler + SIZES.gap];
    if (top < scrollTop) this.#body.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.#body.scrollTop = bottom - clientHeight;
  }

  /** @param {ReturnType<typeof paletteOf>} palette */
  #drawGround(palette) {
    const board = this.#board;
    const { width, layout, view, frames } = board;
    const ruler = cleared(this.#ruler, width, SIZES.ruler);
    if (ruler) paintRuler(ruler, board, this.#bench.clock, palette);
    const ground = cleared(this.#ground, width, layout.height);
    if (ground) {
      paintGround(ground, board, palette);
      paintCurves(ground, board);
    }
    const isZoomed = view.span < frames;
    this.pan.hidden = !isZoomed;
    this.pan.max = String(Math.max(0, frames - Math.round(view.span)));
    this.pan.value = String(Math.round(view.from));
    this.pan.style.setProperty("--thumb", `${Math.max(6, (view.span / Math.max(1, frames)) * 100)}%`);
    this.pan.setAttribute("aria-valuetext", t("frames {first} to {last}", { first: Math.floor(view.from), last: Math.min(frames, Math.ceil(view.from + view.span)) - 1 }));
    this.area.dataset.from = view.from.toFixed(2);
    this.area.dataset.span = view.span.toFixed(2);
    performance.mark("timeline-drawn");
  }
}

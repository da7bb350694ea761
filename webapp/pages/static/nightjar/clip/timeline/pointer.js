// @ts-check
/** Mouse, pen and touch on the timeline: scrub, drag edges, draw, zoom, pan. */

import { frameAt, panned, toFrame, zoomed } from "nightjar/clip/timeline/axis_model.js";
import { edgesOf } from "nightjar/clip/timeline/places_model.js";
import { hit, SIZES } from "nightjar/clip/timeline/layout_model.js";
import { snap } from "nightjar/clip/timeline/snap_model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/timeline/board.js").Board} Board */
/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/timeline/field.js").Field} Field */
/** @typedef {import("nightjar/clip/timeline/editor.js").Editor} Editor */
/** @typedef {{move: (event: PointerEvent) => void, end: (event: PointerEvent) => void, cancel: () => void}} Gesture */

const REACH = 8;
/** The frame under an edge is shown so often at most, that drawing comes first. */
const SHOW_MS = 90;

/** @param {Bench} bench @param {Board} board @param {Field} field @param {Editor} editor */
export function pointing(bench, board, field, editor) {
  const { area, ruler } = field;
  const { player } = bench;
  /** @type {Gesture | null} */
  let gesture = null;
  /** @type {Map<number, number>} x of each finger */
  const fingers = new Map();
  let pinch = 0;

  const place = (/** @type {{clientX: number, clientY: number}} */ event) => {
    const { left, top } = area.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const frameUnder = (/** @type {{clientX: number, clientY: number}} */ event) => frameAt(board.view, board.width, place(event).x, board.frames);
  const under = (/** @type {PointerEvent} */ event) => {
    const { x, y } = place(event);
    const reach = event.pointerType === "touch" ? SIZES.touch : SIZES.mouse;
    return hit(board.layout, board.view, board.width, x, y, { reach, selected: board.selected });
  };

  /** @param {PointerEvent} event @returns {Gesture} */
  function scrub(event) {
    player.seek(frameUnder(event));
    const found = event.currentTarget === area ? under(event) : null;
    const from = event.clientX;
    let isFar = false;
    return {
      move(moved) {
        isFar ||= Math.abs(moved.clientX - from) > 4;
        player.seek(frameUnder(moved));
      },
      end() {
        if (!isFar && found?.bar) editor.choose(found.bar);
        else if (found && !found.bar && board.person !== found.lane.lane.person) {
          board.person = found.lane.lane.person;
          field.chosen();
        }
      },
      cancel() {},
    };
  }

  /** @param {PointerEvent} event @param {Bar} bar @param {"start" | "end"} edge @returns {Gesture} */
  function dragEdge(event, bar, edge) {
    const grip = place(event).x - ((bar[edge] - board.view.from) / board.view.span) * board.width;
    const [least, most] = editor.limitsOf(bar, edge);
    const edges = edgesOf(board.lanes, undefined).filter((one) => one !== bar[edge]);
    const playhead = player.frame;
    let shown = 0;
    if (bar.key !== board.selected) editor.choose(bar);
    board.drag = { bar, edge, start: bar.start, end: bar.end, to: null, isNew: false };
    return {
      move(moved) {
        const { x } = place(moved);
        panAtBorder(x);
        const reach = (REACH * board.view.span) / Math.max(1, board.width);
        const found = snap(toFrame(board.view, board.width, x - grip), { edges, playhead, reach }, board.snaps && !moved.altKey);
        const frame = Math.max(least, Math.min(most, found.frame));
        const { drag } = board;
        if (!drag || (drag[edge] === frame && drag.to === found.to)) return;
        board.drag = { ...drag, [edge]: frame, to: frame === found.frame ? found.to : "frame" };
        field.touched();
        const now = performance.now();
        if (now - shown < SHOW_MS) return;
        shown = now;
        player.seek(edge === "start" ? frame : frame - 1);
      },
      end() {
        const made = board.drag;
        board.drag = null;
        field.touched();
        if (!made || made[edge] === bar[edge]) return;
        player.seek(edge === "start" ? made.start : made.end - 1);
        editor.moveEdge(bar, edge, made[edge]);
      },
      cancel() {
        board.drag = null;
        field.touched();
        player.seek(playhead);
      },
    };
  }

  /** A new segment from here to where the pointer goes. @param {PointerEvent} event @param {number | null} person @returns {Gesture} */
  function draw(event, person) {
    const first = frameUnder(event);
    board.person = person;
    const bar = /** @type {Bar} */ ({ key: "d:", kind: "drawn", id: -1, target: "", person, start: first, end: first + 1, label: null, judged: true, share: null, origin: null, author: null });
    board.drag = { bar, edge: "end", start: first, end: first + 1, to: null, isNew: true };
    return {
      move(moved) {
        const frame = frameUnder(moved);
        board.drag = { bar, edge: frame < first ? "start" : "end", start: Math.min(first, frame), end: Math.max(first, frame) + 1, to: "frame", isNew: true };
        field.touched();
      },
      end() {
        const made = board.drag;
        board.drag = null;
        field.chosen();
        if (made) editor.add({ start: made.start, end: made.end }, person);
      },
      cancel() {
        board.drag = null;
        field.touched();
      },
    };
  }

  /** @param {number} x */
  function panAtBorder(x) {
    const off = x < 0 ? x : x > board.width ? x - board.width : 0;
    if (!off || board.view.span >= board.frames) return;
    board.look(panned(board.view, (0.25 * off * board.view.span) / Math.max(1, board.width), board.frames));
    field.moved();
  }

  /** @param {PointerEvent} event @returns {Gesture} */
  function begin(event) {
    const found = event.currentTarget === area ? under(event) : null;
    if (found && event.shiftKey && editor.isAllowed) return draw(event, found.lane.lane.person);
    if (found?.bar && found.edge && editor.isAllowed) return dragEdge(event, found.bar, found.edge);
    return scrub(event);
  }

  /** Two fingers zoom and pan. */
  function spread() {
    const [a, b] = [...fingers.values()];
    return { middle: (a + b) / 2, apart: Math.max(20, Math.abs(a - b)) };
  }

  for (const element of [area, ruler]) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !board.frames) return;
      field.place();
      fingers.set(event.pointerId, event.clientX);
      element.setPointerCapture(event.pointerId);
      if (fingers.size === 2) {
        gesture?.cancel();
        gesture = null;
        pinch = spread().apart;
      } else if (fingers.size === 1) gesture = begin(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) return hover(event);
      const before = fingers.size === 2 ? spread() : null;
      fingers.set(event.pointerId, event.clientX);
      if (before) pinched(before);
      else gesture?.move(event);
    });
    const stop = (/** @type {PointerEvent} */ event) => {
      if (!fingers.delete(event.pointerId)) return;
      const done = gesture;
      gesture = null;
      if (event.type === "pointerup") done?.end(event);
      else done?.cancel();
    };
    element.addEventListener("pointerup", stop);
    element.addEventListener("pointercancel", stop);
    element.addEventListener("wheel", (event) => wheel(event), { passive: false });
    element.addEventListener("pointerleave", () => {
      if (board.hovered === null) return;
      board.hovered = null;
      field.touched();
    });
  }

  /** @param {PointerEvent} event */
  function hover(event) {
    const found = event.currentTarget === area ? under(event) : null;
    const key = found?.bar?.key ?? null;
    area.dataset.edge = found?.edge && editor.isAllowed ? found.edge : "";
    if (key === board.hovered) return;
    board.hovered = key;
    field.touched();
  }

  /** @param {{middle: number, apart: number}} before */
  function pinched(before) {
    const { middle, apart } = spread();
    const { left } = area.getBoundingClientRect();
    const frame = toFrame(board.view, board.width, before.middle - left);
    const closer = zoomed(board.view, pinch / apart, frame, board.frames);
    pinch = apart;
    board.look(panned(closer, ((before.middle - middle) * closer.span) / Math.max(1, board.width), board.frames));
    field.moved();
  }

  /** @param {WheelEvent} event */
  function wheel(event) {
    const along = event.shiftKey ? event.deltaY || event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (!event.ctrlKey && !event.metaKey && !along) return;
    event.preventDefault();
    const { x } = place(event);
    if (event.ctrlKey || event.metaKey) {
      board.look(zoomed(board.view, Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.006), toFrame(board.view, board.width, x), board.frames));
    } else board.look(panned(board.view, (along * board.view.span) / Math.max(1, board.width), board.frames));
    field.moved();
  }

  return {
    get isBusy() {
      return gesture !== null;
    },
    cancel() {
      gesture?.cancel();
      gesture = null;
    },
  };
}

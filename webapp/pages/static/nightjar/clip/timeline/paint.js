// @ts-check
/** Draws the timeline on its canvases: the ruler, curves of confidence, and segments. */

import { colour } from "nightjar/core/theme.js";
import { percent } from "nightjar/core/format.js";
import { frameTicks, timeTicks, toX } from "nightjar/clip/timeline/axis_model.js";
import { course } from "nightjar/clip/timeline/curves_model.js";
import { gapsOf } from "nightjar/clip/timeline/places_model.js";
import { strokeTo } from "nightjar/clip/timeline/record_model.js";

/** @typedef {import("nightjar/clip/timeline/board.js").Board} Board */
/** @typedef {import("nightjar/clip/timeline/layout_model.js").PlacedLane} PlacedLane */
/** @typedef {import("nightjar/clip/timeline/layout_model.js").Placed} Placed */
/** @typedef {Record<"accent" | "bad" | "bg" | "high" | "line" | "lineStrong" | "muted" | "ok" | "strong" | "surface" | "text" | "none", string>} Palette */

const TOKENS = { accent: "--accent", bad: "--bad", bg: "--bg", high: "--high", line: "--line", lineStrong: "--line-strong", muted: "--muted", ok: "--ok", strong: "--strong", surface: "--surface", text: "--text", none: "--control" };
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
/** Labels that are never likelier in sight have no curve: it would be a line along the ground. */
const LEAST_SHARE = 0.06;
/** Pixels for each point of a curve. */
const COLUMN = 2;
const LEAST_NAMED = 30;

/** @param {Element} place @returns {Palette} */
export function paletteOf(place) {
  return /** @type {Palette} */ (Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, colour(token, place)])));
}

/**
 * Fits a canvas to its place and clears it.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height CSS pixels
 * @returns {CanvasRenderingContext2D | null}
 */
export function cleared(canvas, width, height) {
  const unit = devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * unit)), Math.max(1, Math.round(height * unit))];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const context = canvas.getContext("2d");
  context?.setTransform(unit, 0, 0, unit, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Board} board
 * @param {import("nightjar/clip/timeline/axis_model.js").Clock | null} clock
 * @param {Palette} palette
 */
export function paintRuler(context, { view, width, frames }, clock, palette) {
  context.font = `10px ${FONT}`;
  context.textBaseline = "middle";
  const row = (/** @type {{frame: number, text: string}[]} */ ticks, /** @type {number} */ y, /** @type {string} */ ink) => {
    context.fillStyle = palette.lineStrong;
    for (const { frame } of ticks) context.fillRect(Math.round(toX(view, width, frame)), y - 6, 1, 12);
    context.fillStyle = ink;
    for (const { frame, text } of ticks) context.fillText(text, Math.round(toX(view, width, frame)) + 4, y);
  };
  row(frameTicks(view, width, frames), 8, palette.text);
  if (clock) row(timeTicks(view, width, clock), 22, palette.muted);
}

/** Lanes, where people are, gaps and curves: all that moves only with the view. @param {CanvasRenderingContext2D} context @param {Board} board @param {Palette} palette */
export function paintGround(context, board, palette) {
  for (const lane of board.layout.lanes) {
    paintPresence(context, board, lane, palette);
    paintGaps(context, board, lane, palette);
  }
}

/** @param {CanvasRenderingContext2D} context @param {Board} board @param {PlacedLane} lane @param {Palette} palette */
function paintPresence(context, { view, width, frames }, { lane, y, height }, palette) {
  const [start, end] = lane.presence ?? [0, frames];
  const [left, right] = [toX(view, width, start), toX(view, width, end)];
  context.fillStyle = palette.bg;
  context.fillRect(0, y, width, height);
  context.globalAlpha = 0.5;
  context.fillStyle = palette.high;
  context.fillRect(left, y, right - left, height);
  context.globalAlpha = 1;
}

/** Gaps are hatched, not only tinted. @param {CanvasRenderingContext2D} context @param {Board} board @param {PlacedLane} lane @param {Palette} palette */
function paintGaps(context, { view, width }, { lane, curvesY, curvesHeight }, palette) {
  context.strokeStyle = palette.none;
  context.lineWidth = 1;
  for (const { start, end } of gapsOf(lane)) {
    const [left, right] = [Math.max(0, toX(view, width, start)), Math.min(width, toX(view, width, end))];
    if (right <= left) continue;
    context.save();
    context.beginPath();
    context.rect(left, curvesY, right - left, curvesHeight);
    context.clip();
    context.beginPath();
    for (let x = Math.floor(left / 7) * 7 - curvesHeight; x < right; x += 7) {
      context.moveTo(x, curvesY + curvesHeight);
      context.lineTo(x + curvesHeight, curvesY);
    }
    context.stroke();
    context.restore();
  }
}

/** @param {CanvasRenderingContext2D} context @param {Board} board */
export function paintCurves(context, { view, width, curves, labels, layout }) {
  const isStep = curves.kind === "segments";
  const perColumn = (COLUMN * view.span) / Math.max(1, width);
  context.lineWidth = 1.4;
  context.lineJoin = "round";
  for (const { lane, curvesY, curvesHeight } of layout.lanes) {
    const windows = lane.person === null ? curves.ofClip() : curves.ofPerson(lane.person);
    curves.labels.forEach((id, place) => {
      const points = course(windows, place, view.from, view.from + view.span, perColumn, isStep);
      if (!points.some(({ y }) => y >= LEAST_SHARE)) return;
      context.strokeStyle = labels.get(id)?.colour ?? "#888888";
      context.beginPath();
      let isOn = false;
      for (const { x, y } of points) {
        if (Number.isNaN(x)) isOn = false;
        else {
          const at = /** @type {[number, number]} */ ([toX(view, width, x), curvesY + 1.5 + (1 - y) * (curvesHeight - 3)]);
          if (isOn) context.lineTo(...at);
          else context.moveTo(...at);
          isOn = true;
        }
      }
      context.stroke();
    });
  }
}

/** @param {CanvasRenderingContext2D} context @param {Board} board @param {Palette} palette @param {number} frame on screen */
export function paintBars(context, board, palette, frame) {
  context.textBaseline = "middle";
  const { drag } = board;
  for (const { placed } of board.layout.lanes) {
    for (const one of placed) if (one.bar.key !== drag?.bar.key || one.bar.kind === "predicted") paintBar(context, board, one, palette);
  }
  if (drag) paintDrag(context, board, palette);
  if (board.stroke) paintStroke(context, board, palette, frame);
}

/** @param {CanvasRenderingContext2D} context @param {Board} board @param {Placed} placed @param {Palette} palette */
function paintBar(context, board, { bar, y, height }, palette) {
  const { view, width, labels } = board;
  const [left, right] = [toX(view, width, bar.start), toX(view, width, bar.end)];
  if (right < 0 || left > width) return;
  const [x, w] = [Math.max(-8, left), Math.max(2, Math.min(width + 8, right) - Math.max(-8, left) - 1)];
  const ink = bar.label === null ? palette.none : labels.get(bar.label)?.colour ?? palette.none;
  const isSelected = bar.key === board.selected;
  context.globalAlpha = bar.kind === "drawn" ? 0.42 : bar.key === board.hovered ? 0.3 : 0.17;
  context.fillStyle = ink;
  context.fillRect(x, y, w, height);
  context.globalAlpha = bar.kind === "drawn" ? 1 : 0.7;
  context.fillRect(x, y, Math.min(w / 4, bar.kind === "drawn" ? 4 : 3), height);
  if (bar.kind === "drawn") context.fillRect(x, y + height - 2, w, 2);
  context.globalAlpha = 1;
  if (board.clashing.has(bar.key)) frameBar(context, x, y, w, height, palette.bad, [4, 3]);
  if (isSelected) frameBar(context, x, y, w, height, palette.strong, []);
  if (isSelected || bar.key === board.hovered) paintGrips(context, left, right, y, height, palette);
  if (w >= LEAST_NAMED) paintName(context, board, bar, x, y, w, height, palette);
}

/** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} w @param {number} h @param {string} ink @param {number[]} dash */
function frameBar(context, x, y, w, h, ink, dash) {
  context.setLineDash(dash);
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.strokeRect(x + 1, y + 1, Math.max(1, w - 2), h - 2);
  context.setLineDash([]);
}

/** @param {CanvasRenderingContext2D} context @param {number} left @param {number} right @param {number} y @param {number} height @param {Palette} palette */
function paintGrips(context, left, right, y, height, palette) {
  context.fillStyle = palette.strong;
  for (const x of [left + 3, right - 6]) context.fillRect(Math.round(x), y + height / 2 - 4, 2, 8);
}

/** @param {CanvasRenderingContext2D} context @param {Board} board @param {import("nightjar/clip/timeline/board.js").Bar} bar @param {number} x @param {number} y @param {number} w @param {number} height @param {Palette} palette */
function paintName(context, board, bar, x, y, w, height, palette) {
  const sure = bar.judged || bar.share === null ? "" : percent(bar.share);
  const name = `${bar.judged ? "✓ " : ""}${board.labelName(bar.label) || "–"}`;
  context.save();
  context.beginPath();
  context.rect(x, y, w - 4, height);
  context.clip();
  context.font = `${bar.kind === "drawn" ? 600 : 500} 11px ${FONT}`;
  // Curves run behind the words: a dark rim keeps them apart.
  context.strokeStyle = palette.surface;
  context.lineWidth = 3;
  const text = sure && w > 90 ? `${name}  ${sure}` : name;
  context.strokeText(text, Math.max(0, x) + 10, y + height / 2 + 0.5);
  context.fillStyle = palette.strong;
  context.fillText(text, Math.max(0, x) + 10, y + height / 2 + 0.5);
  context.restore();
}

/** Where an edge would come to be, and what drew it there. @param {CanvasRenderingContext2D} context @param {Board} board @param {Palette} palette */
function paintDrag(context, board, palette) {
  const { drag, layout, view, width } = board;
  const lane = drag && layout.lanes.find((one) => one.lane.person === drag.bar.person);
  if (!drag || !lane) return;
  const there = lane.placed.find(({ bar }) => bar.key === drag.bar.key && bar.kind === "drawn");
  const y = there?.y ?? lane.y;
  const height = there?.height ?? lane.curvesY - lane.y - 2;
  const bar = { ...drag.bar, kind: /** @type {"drawn"} */ ("drawn"), start: drag.start, end: drag.end, judged: true };
  paintBar(context, board, { bar, y, height }, palette);
  frameBar(context, toX(view, width, bar.start), y, Math.max(2, toX(view, width, bar.end) - toX(view, width, bar.start)), height, palette.strong, []);
  const at = toX(view, width, drag[drag.edge]);
  context.fillStyle = drag.to === "frame" || drag.to === null ? palette.text : palette.accent;
  context.fillRect(Math.round(at) - (drag.to === "frame" ? 0 : 1), 0, drag.to === "frame" ? 1 : 2, layout.height);
  const text = String(drag.edge === "end" ? drag.end - 1 : drag.start);
  context.font = `600 11px ${FONT}`;
  const w = context.measureText(text).width + 10;
  const x = Math.max(0, Math.min(width - w, drag.edge === "end" ? at + 4 : at - w - 4));
  context.fillStyle = palette.surface;
  context.fillRect(x, y, w, height);
  context.fillStyle = palette.strong;
  context.fillText(text, x + 5, y + height / 2 + 0.5);
}

/** @param {CanvasRenderingContext2D} context @param {Board} board @param {Palette} palette @param {number} frame */
function paintStroke(context, board, palette, frame) {
  const { stroke, layout, view, width } = board;
  const lane = layout.lanes.find((one) => one.lane.person === board.person);
  if (!stroke || !lane) return;
  const { start, end } = strokeTo(stroke, frame);
  const [left, right] = [toX(view, width, start), toX(view, width, end)];
  context.globalAlpha = 0.75;
  context.fillStyle = board.labels.get(stroke.label)?.colour ?? palette.accent;
  context.fillRect(left, lane.y, Math.max(2, right - left), lane.curvesY - lane.y - 2);
  context.globalAlpha = 1;
  frameBar(context, left, lane.y, Math.max(2, right - left), lane.curvesY - lane.y - 2, palette.bad, []);
}

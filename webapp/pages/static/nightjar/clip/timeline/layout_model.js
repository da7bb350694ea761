// @ts-check
/** Where lanes and bars are drawn, and which of them lies under a pointer; pure. */

import { toX } from "nightjar/clip/timeline/axis_model.js";

/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/timeline/bars_model.js").Lane} Lane */
/** @typedef {import("nightjar/clip/timeline/axis_model.js").View} View */
/** @typedef {{bar: Bar, y: number, height: number}} Placed */
/** @typedef {{lane: Lane, y: number, height: number, drawnRows: number, curvesY: number, curvesHeight: number, placed: Placed[]}} PlacedLane */
/** @typedef {{lanes: PlacedLane[], height: number}} Layout */
/** @typedef {{lane: PlacedLane, bar: Bar | null, edge: "start" | "end" | null}} Hit */

export const SIZES = { ruler: 30, gap: 6, drawn: 22, predicted: 24, clip: 20, most: 3, touch: 22, mouse: 7 };

/**
 * Rows for drawn segments, so that none hides another: each takes the first row that is free.
 * @param {Bar[]} bars by start
 * @returns {number[]} row of each
 */
export function rowsOf(bars) {
  /** @type {number[]} */
  const ends = [];
  return bars.map(({ start, end }) => {
    const free = ends.findIndex((last) => last <= start);
    const row = free < 0 ? ends.length : free;
    ends[row] = end;
    return row;
  });
}

/** @param {Lane[]} lanes @returns {Layout} */
export function layOut(lanes) {
  let y = SIZES.gap / 2;
  const placed = lanes.map((lane) => {
    const one = placeLane(lane, y);
    y += one.height + SIZES.gap;
    return one;
  });
  return { lanes: placed, height: y };
}

/** @param {Lane} lane @param {number} y @returns {PlacedLane} */
function placeLane(lane, y) {
  const rows = rowsOf(lane.drawn);
  const used = Math.max(1, ...rows.map((row) => row + 1));
  const rowHeight = used > SIZES.most ? (SIZES.most * SIZES.drawn) / used : SIZES.drawn;
  const drawnHeight = Math.min(used, SIZES.most) * SIZES.drawn;
  const curvesHeight = lane.person === null ? SIZES.clip : SIZES.predicted;
  const curvesY = y + drawnHeight + 1;
  return {
    lane, y, drawnRows: used, curvesY, curvesHeight, height: drawnHeight + 1 + curvesHeight,
    placed: [
      ...lane.predicted.map((bar) => ({ bar, y: curvesY, height: curvesHeight })),
      ...lane.drawn.map((bar, i) => ({ bar, y: y + rows[i] * rowHeight, height: rowHeight - 1 })),
    ],
  };
}

/**
 * What is under a pointer. An edge counts from a little outside; of two that touch, the one on
 * whose side the pointer is. What is selected goes before what is not.
 * @param {Layout} layout @param {View} view @param {number} width
 * @param {number} x @param {number} y
 * @param {{reach?: number, selected?: string | null}} [how]
 * @returns {Hit | null}
 */
export function hit(layout, view, width, x, y, { reach = SIZES.mouse, selected = null } = {}) {
  const lane = layout.lanes.find((one) => one.y - SIZES.gap / 2 <= y && y < one.y + one.height + SIZES.gap / 2);
  if (!lane) return null;
  const row = lane.placed.filter((one) => one.y <= y && y < one.y + one.height + 1);
  const near = row.map(({ bar }) => ({ bar, ...nearness(bar, view, width, x, reach) })).filter(({ off }) => off < reach);
  near.sort((a, b) => Number(b.bar.key === selected) - Number(a.bar.key === selected) || Number(b.isInside) - Number(a.isInside) || a.off - b.off);
  if (near.length) return { lane, bar: near[0].bar, edge: near[0].edge };
  const under = row.findLast(({ bar }) => toX(view, width, bar.start) <= x && x < toX(view, width, bar.end));
  return { lane, bar: under?.bar ?? null, edge: null };
}

/** @param {Bar} bar @param {View} view @param {number} width @param {number} x @param {number} reach */
function nearness({ start, end }, view, width, x, reach) {
  const [left, right] = [toX(view, width, start), toX(view, width, end)];
  const edge = /** @type {"start" | "end"} */ (Math.abs(x - left) <= Math.abs(x - right) ? "start" : "end");
  const isInside = left <= x && x < right;
  // The middle of a short bar stays free for selecting it.
  const inner = Math.min(reach, (right - left) / 3);
  const off = Math.abs(x - (edge === "start" ? left : right));
  return { edge, isInside, off: isInside && off > inner ? Infinity : off };
}

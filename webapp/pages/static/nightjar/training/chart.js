// @ts-check
/** Line charts small enough to live beside a progress bar. */

import { h, svg } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";

const WIDTH = 560;
const HEIGHT = 180;
const PAD = { left: 40, right: 14, top: 12, bottom: 24 };

/**
 * Round numbers that enclose the values.
 * @param {number[]} values
 * @param {{from?: number, to?: number}} [limits]
 * @returns {{low: number, high: number, ticks: number[]}}
 */
export function scaleOf(values, limits = {}) {
  const finite = values.filter(Number.isFinite);
  const lowest = limits.from ?? Math.min(...(finite.length ? finite : [0]));
  const highest = limits.to ?? Math.max(...(finite.length ? finite : [1]));
  const span = highest - lowest || 1;
  const rough = span / 3;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = /** @type {number} */ ([1, 2, 2.5, 5, 10].map((n) => n * size).find((n) => n >= rough * 0.999));
  const low = limits.from ?? Math.floor(lowest / step + 1e-9) * step;
  const high = limits.to ?? Math.ceil(highest / step - 1e-9) * step;
  const ticks = [];
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-6; tick += step) {
    ticks.push(Number(tick.toPrecision(6)));
  }
  return { low, high: high === low ? low + 1 : high, ticks };
}

/**
 * @param {[number, number][]} points in data units
 * @param {(x: number) => number} atX @param {(y: number) => number} atY
 */
export function pathOf(points, atX, atY) {
  return points.map(([x, y], i) => `${i ? "L" : "M"}${atX(x).toFixed(1)} ${atY(y).toFixed(1)}`).join("");
}

/**
 * @param {object} chart
 * @param {string} chart.title
 * @param {Record<string, number>[]} chart.curves
 * @param {string} chart.field
 * @param {string} chart.colour
 * @param {(value: number) => string} chart.format
 * @param {{from?: number, to?: number}} [chart.limits]
 * @param {number} [chart.epochs] how many there will be
 * @param {{value: number, text: string} | null} [chart.mark]
 * @param {"epoch" | "step"} [chart.unit] what the rows count
 */
export function lineChart({ title, curves, field, colour, format, limits, epochs, mark, unit = "epoch" }) {
  const points = /** @type {[number, number][]} */ (curves
    .filter((row) => Number.isFinite(row[field]))
    .map((row) => [row.epoch, row[field]]));
  const { low, high, ticks } = scaleOf([...points.map(([, y]) => y), ...(mark ? [mark.value] : [])], limits);
  const last = points.at(-1);
  const end = Math.max(epochs ?? 0, last?.[0] ?? 0, 2);
  const atX = (/** @type {number} */ x) => PAD.left + ((x - 1) / (end - 1)) * (WIDTH - PAD.left - PAD.right);
  const atY = (/** @type {number} */ y) => PAD.top + (1 - (y - low) / (high - low)) * (HEIGHT - PAD.top - PAD.bottom);
  return h(
    "figure",
    { class: "chart", "data-testid": `chart-${field}`, "data-points": points.length },
    h("figcaption", null, h("span", null, title), h("strong", { class: "num" }, last ? format(last[1]) : "–")),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": last ? unit === "step" ? t("{title}: {value} after {count} steps", { title, value: format(last[1]), count: last[0] }) : t("{title}: {value} after {count} epochs", { title, value: format(last[1]), count: last[0] }) : title },
      ticks.map((tick) => [
        svg("line", { class: "grid", x1: PAD.left, x2: WIDTH - PAD.right, y1: atY(tick), y2: atY(tick) }),
        svg("text", { x: PAD.left - 7, y: atY(tick) + 3.5, "text-anchor": "end" }, format(tick)),
      ]),
      svg("text", { x: PAD.left, y: HEIGHT - 5 }, unit === "step" ? t("step 1") : t("epoch 1")),
      svg("text", { x: WIDTH - PAD.right, y: HEIGHT - 5, "text-anchor": "end" }, end),
      mark && [
        svg("line", { class: "mark", x1: PAD.left, x2: WIDTH - PAD.right, y1: atY(mark.value), y2: atY(mark.value) }),
        svg("text", { class: "mark-text", x: WIDTH - PAD.right, y: atY(mark.value) - 5, "text-anchor": "end" }, mark.text),
      ],
      points.length > 1 && svg("path", { class: "line", d: pathOf(points, atX, atY), stroke: colour }),
      last && svg("circle", { cx: atX(last[0]), cy: atY(last[1]), r: 3.5, fill: colour }),
    ),
  );
}

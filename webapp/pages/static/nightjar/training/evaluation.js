// @ts-check
/** Draws what stands behind the figures: confusion with its clips, classes, honesty. */

import { h, svg } from "nightjar/core/dom.js";
import { percent } from "nightjar/core/format.js";
import { t, tn } from "nightjar/core/i18n.js";
import { chosenClips, classRows, clipsBehind, compact, moved, shares, standardError } from "nightjar/training/model.js";

/** @typedef {import("nightjar/training/model.js").Metrics} Metrics */
/** @typedef {import("nightjar/training/model.js").Evaluation} Evaluation */
/** @typedef {import("nightjar/training/model.js").Comparison} Comparison */
/** @typedef {import("nightjar/training/model.js").Reliability} Reliability */

/**
 * @param {string} title @param {Metrics} metrics @param {"candidate" | "baseline"} side
 * @param {Evaluation | null} evaluation @param {string} library
 */
export function confusionTable(title, { confusion }, side, evaluation, library) {
  const { labels, counts } = compact(confusion);
  const clipsOf = clipsBehind(evaluation, side);
  return h(
    "figure",
    { class: "matrix" },
    h("figcaption", null, h("h3", null, title), h("span", { class: "muted" }, t("rows: truth · columns: said"))),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "confusion", "data-testid": `confusion-${side}` },
        h("thead", null, h("tr", null, h("td", null), labels.map((label) => h("th", { scope: "col", title: label }, h("span", null, label))))),
        h("tbody", null, labels.map((label, i) => {
          const row = shares(counts[i]);
          return h("tr", null, h("th", { scope: "row" }, label), counts[i].map((n, j) => {
            const ids = clipsOf(label, labels[j]);
            const text = t("{truth}, said {label}", { truth: label, label: labels[j] });
            return h(
              "td",
              { class: `num${i === j ? " hit" : ""}${n ? "" : " none"}`, style: { "--share": row[j].toFixed(3) }, title: cellTitle(text, n, ids.length), "data-truth": label, "data-said": labels[j], "data-count": n },
              ids.length
                ? h("a", { href: chosenClips(library, ids, `${text} · ${title.toLowerCase()}`), "aria-label": t("{cell}: open", { cell: cellTitle(text, n, ids.length) }), "data-testid": "cell-clips", "data-clips": ids.length }, n)
                : n,
            );
          }));
        })),
      ),
    ),
  );
}

/** @param {string} text @param {number} n @param {number} clips of the project */
function cellTitle(text, n, clips) {
  if (!n) return t("{cell}: never", { cell: text });
  const where = clips ? tn(clips, "in {count} clip of your library", "in {count} clips of your library") : t("all from the base set, whose clips are not in your library");
  return tn(n, "{cell}: {count} held-out segment, {where}", "{cell}: {count} held-out segments, {where}", { cell: text, where });
}

/** @param {Metrics} metrics @param {Partial<Metrics>} before @param {Partial<Comparison>} comparison */
export function classTable(metrics, before, comparison) {
  const heads = [t("Label"), t("Held out"), t("Precision"), t("Recall"), "F1", t("F1 before"), t("Change"), "95 %"];
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      { "data-testid": "per-class" },
      h("thead", null, h("tr", null, heads.map((text, i) => h("th", { scope: "col", class: i ? "right" : null }, text)))),
      h("tbody", null, classRows(metrics, before).map(({ name, now, before: old }) => {
        const { text, tone, range } = moved(now.f1, old?.f1, comparison.f1?.[name], standardError(now.f1, now.support));
        return h("tr", { "data-testid": "class-row", "data-name": name, "data-precision": now.precision, "data-recall": now.recall, "data-f1": now.f1 },
          h("td", null, name),
          h("td", { class: "right num muted" }, now.support),
          [now.precision, now.recall, now.f1].map((value, i) => h("td", { class: "right num" }, i === 1 && !now.support ? "–" : percent(value))),
          h("td", { class: "right num muted" }, old ? percent(old.f1) : "–"),
          h("td", { class: "right num" }, text && h("span", { class: `delta ${tone}` }, text)),
          h("td", { class: "right num muted" }, range));
      })),
    ),
  );
}

const SIZE = 210;
const PAD = 34;

/** @param {string} title @param {Reliability} honesty @param {string} side */
export function reliabilityPlot(title, { ece, bins }, side) {
  const at = (/** @type {number} */ share) => PAD + share * (SIZE - PAD - 16);
  const up = (/** @type {number} */ share) => SIZE - at(share) + 8;
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const used = bins.filter(({ count }) => count);
  return h(
    "figure",
    { class: "reliability", "data-testid": `reliability-${side}`, "data-ece": ece },
    h("figcaption", null, h("span", null, title), h("strong", { class: "num" }, `ECE ${percent(ece, 1)}`)),
    svg(
      "svg",
      { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": `${title}: ${used.map(({ confidence, accuracy, count }) => t("{sure} sure, {right} right of {count}", { sure: percent(confidence), right: percent(accuracy), count })).join("; ")}` },
      [0, 0.5, 1].map((share) => [
        svg("line", { class: "grid", x1: at(0), x2: at(1), y1: up(share), y2: up(share) }),
        svg("text", { x: PAD - 5, y: up(share) + 3, "text-anchor": "end" }, percent(share)),
        svg("text", { x: at(share), y: up(0) + 13, "text-anchor": "middle" }, percent(share)),
      ]),
      used.map(({ low, high, accuracy, count }) =>
        svg("rect", { class: "bin", x: at(low) + 1, width: at(high) - at(low) - 2, y: up(accuracy), height: up(0) - up(accuracy), opacity: (0.35 + 0.65 * count / most).toFixed(2) })
      ),
      svg("line", { class: "mark", x1: at(0), y1: up(0), x2: at(1), y2: up(1) }),
      used.map(({ confidence, accuracy }) => svg("circle", { cx: at(confidence), cy: up(accuracy), r: 2.5 })),
    ),
  );
}

/** @param {Partial<Comparison>} comparison @param {string} now @param {string} before */
export function reliabilityPlots({ reliability }, now, before) {
  if (!reliability) return null;
  return h(
    "div",
    { class: "reliabilities" },
    reliabilityPlot(now, reliability.candidate, "candidate"),
    reliability.baseline && reliabilityPlot(before, reliability.baseline, "baseline"),
    h("p", { class: "muted small-print" }, t("How often answers are right (up) against how sure they are (along). On the dashed line a version is as good as it says; ECE is the mean distance from it. Dark bars stand for many answers.")),
  );
}

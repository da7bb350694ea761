// @ts-check
/** The panel of light: presets, sliders, false colour, and the meter with its numbers. */

import { h, icon, svg } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { barsOf, lightInWords, percentOf } from "nightjar/clip/light/meter_model.js";
import { LIMITS, presetOf, presetsOf } from "nightjar/clip/light/settings.js";

/** @typedef {import("nightjar/clip/light/settings.js").Kept} Kept */
/** @typedef {import("nightjar/clip/light/settings.js").Settings} Settings */
/** @typedef {import("nightjar/clip/light/meter_model.js").Light} Light */
/**
 * @typedef {object} Shown
 * @property {Kept} kept
 * @property {Settings} settings at work
 * @property {{recorded: Light, lit: Light} | null} light
 * @property {boolean} isReduced no WebGL for what is asked
 * @property {boolean} isModel
 * @property {(id: string) => string} keys of an action
 */

const BARS = 64;

const SLIDERS = /** @type {{name: keyof typeof LIMITS, text: string, shown: (value: number) => string}[]} */ ([
  { name: "gain", text: t("Brightness"), shown: (value) => `${value.toFixed(2)}×` },
  { name: "gamma", text: t("Gamma"), shown: (value) => value.toFixed(2) },
  { name: "contrast", text: t("Contrast"), shown: (value) => value.toFixed(2) },
  { name: "local", text: t("Local contrast"), shown: (value) => `${Math.round(100 * value)} %` },
  { name: "denoise", text: t("Denoise over frames"), shown: (value) => `${Math.round(100 * value)} %` },
]);

const PALETTES = /** @type {Record<string, string>} */ ({ none: t("None"), heat: t("Heat"), zones: t("Exposure zones") });

/** @param {Shown} shown */
export function panelView({ kept, settings, light, isReduced, isModel, keys }) {
  const chosen = presetOf(kept);
  const isOwn = kept.own.some(({ id }) => id === chosen.id);
  return h("div", { class: "light-panel", role: "group", "aria-label": t("Light"), "data-testid": "light-panel" },
    h("div", { class: "presets", role: "group", "aria-label": t("Presets") }, presetsOf(kept).map(({ id, name }) =>
      h("button", { type: "button", class: "button small", "data-key": id, "data-click": "preset", "data-preset": id, "aria-pressed": String(id === chosen.id && !isModel) }, name))),
    h("div", { class: "light-grid" },
      h("div", { class: "light-sliders" },
        SLIDERS.map(({ name, text, shown }) =>
          h("label", { class: "slider", "data-key": name },
            h("span", null, text),
            h("span", { class: "num muted" }, shown(settings[name])),
            h("input", { type: "range", name, ...LIMITS[name], value: settings[name], "aria-valuetext": shown(settings[name]), "data-input": "light" }))),
        h("label", { class: "light-palette" }, h("span", null, t("False colour")),
          h("select", { name: "palette", "data-change": "palette" }, Object.entries(PALETTES).map(([id, text]) =>
            h("option", { value: id, selected: id === settings.palette }, text)))),
        h("form", { class: "light-own", "data-submit": "own" },
          h("input", { class: "field small", name: "name", maxlength: 24, placeholder: t("Name of an own preset"), "aria-label": t("Name of an own preset") }),
          h("button", { class: "button small" }, t("Keep")),
          isOwn && h("button", { type: "button", class: "icon-button", "data-click": "forget", "data-preset": chosen.id, title: t("Remove this preset"), "aria-label": t("Remove this preset") }, icon("trash")))),
      meterView(light)),
    isReduced && h("p", { class: "light-note", role: "note", "data-testid": "light-reduced" }, t("WebGL is not available here: local contrast and denoising are left out.")),
    h("p", { class: "muted" }, t("Only what you see changes, never the clip nor what the networks get. {preset}: next preset; {split}: before and after; {model}: what the model saw.", {
      preset: keys("light.preset"), split: keys("light.split"), model: keys("light.model"),
    })));
}

/** @param {Shown["light"]} light */
function meterView(light) {
  if (!light) return h("section", { class: "light-meter", "aria-label": t("Light meter") });
  const { recorded, lit } = light;
  return h("section", { class: "light-meter", "aria-label": t("Light meter"), "data-testid": "light-meter" },
    svg("svg", { class: "histogram", viewBox: `0 0 ${BARS} 40`, preserveAspectRatio: "none", role: "img", "aria-label": t("Histogram of brightness. As recorded: {recorded}. As shown: {shown}.", { recorded: lightInWords(recorded), shown: lightInWords(lit) }) },
      svg("path", { class: "recorded", d: outline(recorded) }),
      svg("path", { class: "lit", d: outline(lit) })),
    h("table", { class: "light-numbers num" },
      h("thead", null, h("tr", null, h("td", null), h("th", { scope: "col" }, h("span", { class: "light-key recorded", "aria-hidden": "true" }), t("As recorded")), h("th", { scope: "col" }, h("span", { class: "light-key lit", "aria-hidden": "true" }), t("As shown")))),
      h("tbody", null,
        row(t("Mean"), recorded.mean, lit.mean, "mean"),
        row(t("Median"), recorded.middle, lit.middle, "middle"),
        row(t("Black, clipped"), recorded.black, lit.black, "black"),
        row(t("White, clipped"), recorded.white, lit.white, "white"))));
}

/** @param {string} name @param {number} recorded @param {number} lit @param {string} id */
function row(name, recorded, lit, id) {
  return h("tr", { "data-key": id, "data-testid": `light-${id}` }, h("th", { scope: "row" }, name), h("td", null, `${percentOf(recorded)} %`), h("td", null, `${percentOf(lit)} %`));
}

/** @param {Light} light */
function outline(light) {
  const points = barsOf(light, BARS).flatMap((height, i) => [`${i} ${(40 - 39 * height).toFixed(1)}`, `${i + 1} ${(40 - 39 * height).toFixed(1)}`]);
  return `M0 40L${points.join("L")}L${BARS} 40Z`;
}

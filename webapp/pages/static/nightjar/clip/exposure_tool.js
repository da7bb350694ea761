// @ts-check
/** Makes a dark clip visible: presets and sliders; only what is seen changes. */

import { delegate, h, icon, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { exposureFor, LIMITS, nextPreset, PRESETS } from "nightjar/clip/exposure.js";

/** @typedef {import("nightjar/clip/state.js").State} State */

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, page, player } = bench;
  let isExposed = false;

  /** Puts the chosen exposure on; the automatic one is found once a clip, so that it never flickers. */
  function expose() {
    const { preset, exposure, id } = page.get();
    const chosen = PRESETS.find((one) => one.id === preset);
    const pixels = chosen && !chosen.exposure ? player.sample() : null;
    const fitting = chosen ? chosen.exposure ?? (pixels && exposureFor(pixels)) : exposure;
    isExposed = Boolean(fitting);
    if (fitting) {
      page.set({ exposure: fitting });
      player.exposure = fitting;
    } else if (player.frame >= 0) {
      // While the player seeks, its picture cannot be read.
      setTimeout(() => isExposed || page.get().id !== id || expose(), 40);
    }
  }

  /** @param {string} preset */
  function choosePreset(preset) {
    isExposed = false;
    bench.prefer({ preset });
    expose();
    bench.prefer({});
  }

  const group = t("Light");
  actions.addAll([
    { id: "light.next-preset", group, name: t("Exposure: next preset"), keys: ["G"], run: () => choosePreset(nextPreset(page.get().preset).id) },
    { id: "light.panel", group, name: t("Exposure"), keys: ["Shift+G"], run: () => page.set({ exposureOpen: !page.get().exposureOpen }) },
    { id: "light.close", group, name: t("Close the panel"), keys: ["Escape"], when: () => page.get().exposureOpen, run: () => page.set({ exposureOpen: false }) },
  ]);
  bench.on("leave", () => isExposed = false);
  bench.on("frame", () => isExposed || expose());
  const place = bench.tools("light", 40);
  bench.on("render", (state) => show(place, exposureView(state)));
  delegate(place, "click", { preset: (element) => choosePreset(element.dataset.preset ?? "auto") });
  delegate(place, "input", {
    exposure: (element) => {
      const { name, value } = /** @type {HTMLInputElement} */ (element);
      const exposure = { ...page.get().exposure, [name]: Number(value) };
      player.exposure = exposure;
      bench.prefer({ preset: "own", exposure });
    },
  });
  addEventListener("pointerdown", (event) => {
    const isInside = event.target instanceof Element && event.target.closest(".exposure");
    if (page.get().exposureOpen && !isInside) page.set({ exposureOpen: false });
  });
  expose();
}

/** @param {string} id */
function presetName(id) {
  return PRESETS.find((preset) => preset.id === id)?.name ?? t("Own");
}

/** @param {State} state */
function exposureView(state) {
  return h("div", { class: "exposure" },
    h("button", { type: "button", class: "button small quiet", "data-action": "light.panel", "aria-expanded": String(state.exposureOpen), title: t("Exposure (G goes through the presets)"), "data-testid": "exposure", "data-preset": state.preset },
      icon("sun"), presetName(state.preset)),
    state.exposureOpen && exposurePanel(state));
}

/** @param {State} state */
function exposurePanel({ preset, exposure }) {
  const slider = (/** @type {"gain" | "gamma" | "contrast"} */ name, /** @type {string} */ text, /** @type {string} */ shown) =>
    h("label", { class: "slider" },
      h("span", null, text),
      h("span", { class: "num muted" }, shown),
      h("input", { type: "range", name, ...LIMITS[name], step: 0.05, value: exposure[name], "data-input": "exposure" }));
  return h("div", { class: "exposure-panel", role: "group", "aria-label": t("Exposure") },
    h("div", { class: "presets" }, PRESETS.map(({ id, name }) =>
      h("button", { type: "button", class: "button small", "data-click": "preset", "data-preset": id, "aria-pressed": String(id === preset) }, name))),
    slider("gain", t("Brightness"), `${exposure.gain.toFixed(2)}×`),
    slider("gamma", t("Gamma"), exposure.gamma.toFixed(2)),
    slider("contrast", t("Contrast"), exposure.contrast.toFixed(2)),
    h("p", { class: "muted" }, t("Only what you see changes, never the clip.")));
}

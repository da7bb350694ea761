// @ts-check
/** Light on the workbench: presets by one key, before and after, what the model saw, the meter. */

import { delegate, h, icon, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { announce } from "nightjar/core/notices.js";
import { preference, remember } from "nightjar/core/preferences.js";
import { createDivider, splitOf } from "nightjar/clip/light/divider.js";
import { Lens } from "nightjar/clip/light/lens.js";
import { measure } from "nightjar/clip/light/meter_model.js";
import { ModelPicture } from "nightjar/clip/light/model_picture.js";
import { exactWords, modelView } from "nightjar/clip/light/model_view.js";
import { keptFrom, OWN, presetBeside, presetOf, settingsFrom, withOwn, withoutOwn } from "nightjar/clip/light/settings.js";

/** @typedef {import("nightjar/clip/light/settings.js").Kept} Kept */

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, page, player } = bench;
  const lens = new Lens(player);
  let kept = keptFrom(preference("light", null));
  let [isOpen, isModel] = [false, false];
  /** @type {import("nightjar/clip/light/panel.js") | null} */
  let panel = null;
  /** @type {import("nightjar/clip/light/panel.js").Shown["light"]} */
  let light = null;

  const badge = h("p", { class: "light-badge", hidden: true, "data-testid": "light-badge" });
  bench.places.stage.append(badge);
  /** @type {import("nightjar/clip/light/model_picture.js").Exactness} */
  let exactness = "none";
  const picture = new ModelPicture(player.screen, (state) => {
    exactness = state;
    sayModel();
  });
  const divider = createDivider(player, (at) => keep({ ...kept, at }));
  const place = bench.tools("light", 40);

  /** @returns {import("nightjar/clip/light/model_view.js").ModelView | null} */
  const seen = () => modelView(/** @type {any} */ (page.get().found?.run?.exposure?.pose));

  /** @param {Kept} next */
  function keep(next) {
    kept = next;
    remember("light", kept);
    apply();
  }

  const split = () => kept.split ? splitOf(player, kept.at) : null;

  function apply() {
    lens.set(presetOf(kept), split(), isModel ? seen() : null);
    picture.split = split();
    divider.show(kept.split, kept.at);
    badge.hidden = !isModel;
    player.dataset.preset = isModel ? "model" : kept.preset;
    sayModel();
    page.draw();
  }

  /** The curve is put on at once; the exact picture takes its place when the frame stands still. */
  function showModel() {
    const run = page.get().found?.run;
    exactness = "none";
    picture.hide();
    if (isModel && run && player.frame >= 0 && !player.isPlaying) picture.show(run.id, player.frame, split());
    sayModel();
  }

  function sayModel() {
    const model = isModel ? seen() : null;
    badge.dataset.exact = String(isModel && exactness === "shown");
    badge.textContent = !isModel ? "" : model ? exactWords(model, exactness) : t("This clip has no run that says what the pose network saw.");
  }

  /** @param {string} id */
  function choose(id) {
    leaveModel();
    keep({ ...kept, preset: id });
    announce(t("Light: {name}", { name: presetOf(kept).name }));
  }

  function leaveModel() {
    isModel = false;
    showModel();
  }

  async function openPanel() {
    isOpen = !isOpen;
    lens.metered = isOpen;
    page.draw();
    if (!isOpen || panel) return;
    panel = await import("nightjar/clip/light/panel.js");
    page.draw();
  }

  const group = t("Light");
  actions.addAll([
    { id: "light.preset", group, name: t("Light: next preset"), keys: ["G"], run: () => choose(presetBeside(kept, 1).id) },
    { id: "light.preset-back", group, name: t("Light: preset before"), keys: ["Shift+G"], run: () => choose(presetBeside(kept, -1).id) },
    { id: "light.split", group, name: t("Before and after, side by side"), keys: ["Shift+B"], run: () => keep({ ...kept, split: !kept.split }) },
    { id: "light.model", group, name: t("What the model saw"), keys: ["Shift+M"], run: () => {
      isModel = !isModel;
      apply();
      showModel();
      announce(isModel ? badge.textContent ?? "" : t("Light: {name}", { name: presetOf(kept).name }));
    } },
    { id: "light.panel", group, name: t("Light and meter"), keys: ["Alt+G"], run: openPanel },
    { id: "light.close", group, name: t("Close the panel"), keys: ["Escape"], when: () => isOpen, run: openPanel },
  ]);

  bench.on("leave", () => {
    lens.forget();
    picture.hide();
    light = null;
  });
  bench.on("clip", () => {
    apply();
    showModel();
  });
  bench.on("frame", () => isModel && showModel());
  player.addEventListener("playing", () => isModel && showModel());
  player.addEventListener("view", () => kept.split && apply());
  lens.addEventListener("means", () => page.draw());
  lens.addEventListener("meter", async (event) => {
    const recorded = measure(/** @type {CustomEvent<Uint8ClampedArray>} */ (event).detail);
    const lit = await lens.shown(/** @type {CustomEvent<Uint8ClampedArray>} */ (event).detail);
    light = { recorded, lit: measure(lit) };
    page.draw();
  });

  bench.on("render", () => {
    show(place, h("div", { class: "light-tool" },
      h("button", { type: "button", class: "button small quiet", "data-action": "light.panel", "aria-expanded": String(isOpen), title: t("Light and meter ({keys})", { keys: actions.keysText("light.panel") }), "data-testid": "exposure", "data-preset": player.dataset.preset },
        icon("sun"), isModel ? t("What the model saw") : presetOf(kept).name),
      bench.button("light.split", "compare", { pressed: kept.split }),
      bench.button("light.model", "eye", { pressed: isModel, "data-testid": "light-model" }),
      isOpen && panel && panel.panelView({ kept, settings: lens.settings, light, isReduced: lens.isReduced, isModel, keys: (id) => actions.keysText(id) })));
  });

  delegate(place, "click", {
    preset: (element) => choose(element.dataset.preset ?? "auto"),
    forget: (element) => keep(withoutOwn(kept, element.dataset.preset ?? "")),
  });
  /** @param {Record<string, unknown>} change */
  const adjust = (change) => {
    leaveModel();
    keep({ ...kept, preset: OWN, settings: settingsFrom({ ...lens.settings, ...change }) });
  };
  delegate(place, "input", {
    light: (element) => adjust({ [/** @type {HTMLInputElement} */ (element).name]: Number(/** @type {HTMLInputElement} */ (element).value) }),
  });
  delegate(place, "change", { palette: (element) => adjust({ palette: /** @type {HTMLSelectElement} */ (element).value }) });
  delegate(place, "submit", {
    own: (element, event) => {
      event.preventDefault();
      const field = /** @type {HTMLInputElement} */ (element.querySelector("input[name=name]"));
      keep(withOwn({ ...kept, settings: settingsFrom(lens.settings) }, field.value));
      field.value = "";
    },
  });
  addEventListener("pointerdown", (event) => {
    const isInside = event.target instanceof Element && event.target.closest(".light-tool, nj-player");
    if (isOpen && !isInside) openPanel();
  });

  player.lens = lens;
  apply();
}

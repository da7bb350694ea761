// @ts-check
/** Buttons to move through a clip, and where it stands. */

import { delegate, h, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */

const RATES = [0.1, 0.25, 0.5, 1, 2];

/** @param {Bench} bench */
export function install(bench) {
  const { actions, page, places, player } = bench;
  const group = t("Play");
  const step = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string[]} */ keys, /** @type {number} */ by) =>
    ({ id, group, name, keys, repeat: true, run: () => player.step(by) });
  actions.addAll([
    { id: "play.toggle", group, name: t("Play or pause"), keys: ["Space", "K"], run: () => player.toggle() },
    step("play.step-back", t("One frame back"), ["ArrowLeft", ","], -1),
    step("play.step-on", t("One frame on"), ["ArrowRight", "."], 1),
    step("play.ten-back", t("Ten frames back"), ["Shift+ArrowLeft"], -10),
    step("play.ten-on", t("Ten frames on"), ["Shift+ArrowRight"], 10),
    { id: "play.first", group, name: t("First frame"), keys: ["Home"], run: () => player.seek(0) },
    { id: "play.last", group, name: t("Last frame"), keys: ["End"], run: () => player.seek(page.get().frames - 1) },
    { id: "play.loop", group, name: t("Loop"), keys: ["Shift+L"], run: () => bench.prefer({ loop: !page.get().loop }) },
  ]);

  delegate(places.transport, "change", {
    rate: (element) => bench.prefer({ rate: Number(/** @type {HTMLSelectElement} */ (element).value) }),
  });

  bench.on("render", (state) => {
    show(places.transport, transportView(state));
    player.loop = state.loop;
    player.rate = state.rate;
    showFrame();
  });
  bench.on("frame", showFrame);

  /** @param {import("nightjar/clip/state.js").State} state */
  function transportView({ playing, rate, loop }) {
    return [
      h("div", { class: "transport-group", role: "group", "aria-label": group },
        bench.button("play.ten-back", "back"),
        bench.button("play.step-back", "prev", { "data-testid": "step-back" }),
        bench.button("play.toggle", playing ? "pause" : "play", { name: playing ? t("Pause") : t("Play"), class: "icon-button play", "data-testid": "play" }),
        bench.button("play.step-on", "next", { "data-testid": "step-on" }),
        bench.button("play.ten-on", "forth")),
      h("p", { class: "frame-now num", "data-own": true },
        h("span", { class: "muted" }, `${t("Frame")} `),
        h("output", { id: "frame-now", "data-testid": "frame" }, "–"),
        h("span", { class: "muted", id: "frame-last" }),
        h("span", { class: "muted", id: "time-now" })),
      h("span", { class: "spacer" }),
      h("label", { class: "rate" },
        h("span", { class: "sr-only" }, t("Speed")),
        h("select", { "data-change": "rate", title: t("Speed") }, RATES.map((value) => h("option", { value, selected: value === rate }, `${value}×`)))),
      bench.button("play.loop", "loop", { pressed: loop }),
    ];
  }

  function showFrame() {
    const { frames } = page.get();
    const { frame } = player;
    const put = (/** @type {string} */ id, /** @type {string} */ text) => {
      const place = document.getElementById(id);
      if (place) place.textContent = text;
    };
    put("frame-now", frame < 0 ? "–" : String(frame));
    put("frame-last", frames ? ` / ${frames - 1}` : "");
    put("time-now", bench.clock && frame >= 0 ? `${(bench.clock.start(frame) - bench.clock.start(0)).toFixed(3)} s` : "");
  }
}

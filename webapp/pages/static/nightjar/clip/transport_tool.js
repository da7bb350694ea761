// @ts-check
/** Moving through a clip, nearer and farther, and where one is: keys, buttons and numbers. */

import { delegate, h, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { SPEEDS, shuttled, speedBeside } from "nightjar/clip/shuttle_model.js";
import { partSelected, speedText, timeText } from "nightjar/clip/transport_model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */

const ZOOM_STEP = 1.5;
const PAN_STEP = 0.125; // of what is seen

/** @param {Bench} bench */
export function install(bench) {
  const { page, places, player } = bench;
  bench.actions.addAll([...playActions(bench), ...viewActions(bench)]);

  delegate(places.transport, "change", {
    rate: (element) => {
      bench.prefer({ rate: Number(/** @type {HTMLSelectElement} */ (element).value) });
      element.blur(); // else it would keep the keys
    },
  });

  // These are made once and written to with every frame.
  const now = {
    frame: h("output", { id: "frame-now", "data-testid": "frame" }, "–"),
    last: h("span", { class: "muted", id: "frame-last" }),
    time: h("span", { class: "muted", id: "time-now" }),
    speed: h("span", { class: "speed-now", id: "speed-now", "data-testid": "speed" }),
  };
  const readout = h("p", { class: "frame-now num" }, h("span", { class: "muted" }, `${t("Frame")} `), now.frame, now.last, now.time, now.speed);
  const [left, right] = [h("div", { class: "transport-part" }), h("div", { class: "transport-part" })];
  places.transport.replaceChildren(left, readout, h("span", { class: "spacer" }), right);

  bench.on("render", (state) => {
    player.loop = state.loop;
    player.rate = state.rate;
    keepToPart(state);
    show(left, playButtons(bench, state));
    show(right, choices(bench, state));
    sayWhere();
    sayZoom();
  });
  bench.on("frame", sayWhere);
  player.addEventListener("speed", saySpeed);
  player.addEventListener("view", sayZoom);

  /** @param {import("nightjar/clip/state.js").State} state */
  function keepToPart(state) {
    const wanted = state.lock ? partSelected(state) : null;
    if (String(wanted) !== String(player.range)) player.range = wanted;
  }

  function sayWhere() {
    const { frames } = page.get();
    const { frame } = player;
    now.frame.textContent = frame < 0 ? "–" : String(frame);
    now.last.textContent = frames ? ` / ${frames - 1}` : "";
    now.time.textContent = bench.clock && frame >= 0 ? timeText(bench.clock.start(frame) - bench.clock.start(0)) : "";
  }

  function saySpeed() {
    const { speed } = player;
    now.speed.textContent = speed === 0 || speed === page.get().rate ? "" : speedText(speed);
  }

  function sayZoom() {
    const place = document.getElementById("zoom-now");
    if (place) place.textContent = `${Math.round(player.view.zoom * 100)} %`;
  }
}

/** @param {Bench} bench */
function playActions(bench) {
  const { page, player } = bench;
  const group = t("Play");
  const step = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string[]} */ keys, /** @type {number} */ by) =>
    ({ id, group, name, keys, repeat: true, run: () => player.step(by) });
  const speed = (/** @type {(rate: number) => number} */ next) => {
    const rate = next(page.get().rate);
    bench.prefer({ rate });
    player.rate = rate;
    if (player.speed > 0) player.shuttle(rate);
  };
  return [
    { id: "play.toggle", group, name: t("Play or pause"), keys: ["Space", "K"], run: () => player.toggle() },
    step("play.step-back", t("One frame back"), ["ArrowLeft", ","], -1),
    step("play.step-on", t("One frame on"), ["ArrowRight", "."], 1),
    step("play.ten-back", t("Ten frames back"), ["Shift+ArrowLeft"], -10),
    step("play.ten-on", t("Ten frames on"), ["Shift+ArrowRight"], 10),
    { id: "play.first", group, name: t("First frame"), keys: ["Home"], run: () => player.seek(0) },
    { id: "play.last", group, name: t("Last frame"), keys: ["End"], run: () => player.seek(page.get().frames - 1) },
    { id: "play.shuttle-back", group, name: t("Play backwards, again: faster"), keys: ["J"], run: () => player.shuttle(shuttled(player.speed, -1)) },
    { id: "play.shuttle-on", group, name: t("Play forwards, again: faster"), keys: ["L"], run: () => player.shuttle(shuttled(player.speed, 1)) },
    { id: "play.slower", group, name: t("Slower"), keys: ["<"], repeat: true, run: () => speed((rate) => speedBeside(rate, -1)) },
    { id: "play.faster", group, name: t("Faster"), keys: [">"], repeat: true, run: () => speed((rate) => speedBeside(rate, 1)) },
    { id: "play.rate-1", group, name: t("Usual speed"), keys: ["Backspace"], run: () => speed(() => 1) },
    { id: "play.loop", group, name: t("Loop"), keys: ["Shift+L"], run: () => bench.prefer({ loop: !page.get().loop }) },
    { id: "play.lock", group, name: t("Play the selected segment only"), keys: ["Shift+Space"], run: () => bench.prefer({ lock: !page.get().lock }) },
  ];
}

/** @param {Bench} bench */
function viewActions({ player }) {
  const group = t("See");
  const pan = (/** @type {string} */ id, /** @type {string} */ name, /** @type {string} */ key, /** @type {number} */ du, /** @type {number} */ dv) =>
    ({ id, group, name, keys: [`Alt+${key}`], repeat: true, when: () => player.view.zoom > 1, run: () => player.pan(du, dv) });
  return [
    { id: "view.zoom-in", group, name: t("Zoom in"), keys: ["Z"], repeat: true, run: () => player.zoom(ZOOM_STEP) },
    { id: "view.zoom-out", group, name: t("Zoom out"), keys: ["Shift+Z"], repeat: true, run: () => player.zoom(1 / ZOOM_STEP) },
    { id: "view.fit", group, name: t("Whole picture"), keys: ["F"], run: () => player.fit() },
    pan("view.pan-left", t("Move the picture: see more on the left"), "ArrowLeft", -PAN_STEP, 0),
    pan("view.pan-right", t("Move the picture: see more on the right"), "ArrowRight", PAN_STEP, 0),
    pan("view.pan-up", t("Move the picture: see more above"), "ArrowUp", 0, -PAN_STEP),
    pan("view.pan-down", t("Move the picture: see more below"), "ArrowDown", 0, PAN_STEP),
  ];
}

/** @param {Bench} bench @param {import("nightjar/clip/state.js").State} state */
function playButtons(bench, { playing }) {
  return h("div", { class: "transport-group", role: "group", "aria-label": t("Play") },
    bench.button("play.ten-back", "back"),
    bench.button("play.step-back", "prev", { "data-testid": "step-back" }),
    bench.button("play.shuttle-back", "backwards"),
    bench.button("play.toggle", playing ? "pause" : "play", { name: playing ? t("Pause") : t("Play"), class: "icon-button play", "data-testid": "play" }),
    bench.button("play.shuttle-on", "forwards"),
    bench.button("play.step-on", "next", { "data-testid": "step-on" }),
    bench.button("play.ten-on", "forth"));
}

/** @param {Bench} bench @param {import("nightjar/clip/state.js").State} state */
function choices(bench, { rate, loop, lock }) {
  return [
    h("label", { class: "rate" },
      h("span", { class: "sr-only" }, t("Speed")),
      h("select", { "data-change": "rate", title: t("Speed"), "data-testid": "rate" },
        SPEEDS.map((value) => h("option", { value, selected: value === rate }, speedText(value))))),
    bench.button("play.loop", "loop", { pressed: loop, "data-testid": "loop" }),
    bench.button("play.lock", "lock", { pressed: lock, "data-testid": "lock" }),
    h("div", { class: "transport-group", role: "group", "aria-label": t("Zoom") },
      bench.button("view.zoom-out", "zoom-out"),
      h("span", { class: "muted num zoom-now", id: "zoom-now", "data-testid": "zoom", "data-own": true }),
      bench.button("view.zoom-in", "zoom-in"),
      bench.button("view.fit", "fit", { "data-testid": "fit" })),
  ];
}

// @ts-check
/** The strip of small pictures under the stage: where in the clip one is, and going elsewhere fast. */

import { getJson } from "nightjar/core/api.js";
import { h } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { cutOf, frameAtShare, slotsAlong, tileNear } from "nightjar/clip/thumbnails_model.js";
import { timeText } from "nightjar/clip/transport_model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/thumbnails_model.js").Sheet} Sheet */

/** @param {Bench} bench */
export function install(bench) {
  const { page, places, player } = bench;
  /** @type {Sheet | null} */
  let sheet = null;
  /** @type {HTMLImageElement | null} */
  let picture = null;
  let sheetOf = 0;

  const canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { class: "strip-pictures" }));
  const part = h("span", { class: "strip-part", hidden: true });
  const slider = h("div",
    { class: "strip-slider", role: "slider", tabindex: 0, "aria-label": t("Place in the clip"), "aria-valuemin": 0, "data-testid": "strip" },
    canvas, part, h("span", { class: "strip-head" }));
  const glimpsed = /** @type {HTMLCanvasElement} */ (h("canvas"));
  const glimpsedAt = h("span", { class: "num" });
  // The picture says which frame it is: mostly a neighbour of the one under the pointer.
  const glimpsedFrame = h("span", { class: "num strip-glimpse-frame" });
  const glimpse = h("div", { class: "strip-glimpse", hidden: true, "aria-hidden": "true", "data-testid": "glimpse" }, glimpsed, glimpsedFrame, glimpsedAt);
  places.strip.replaceChildren(slider, glimpse);
  new ResizeObserver(draw).observe(slider);

  bench.on("clip", ({ id }) => id !== sheetOf && read(id));
  bench.on("leave", () => {
    [sheet, picture, sheetOf] = [null, null, 0];
    draw();
  });
  bench.on("live", ({ kind, id }) => kind === "video" && id === page.get().id && !picture && read(id));
  bench.on("frame", move);
  bench.on("render", () => {
    move();
    showPart();
  });

  /** @param {number} id */
  async function read(id) {
    sheetOf = id;
    // The strip is there to look around; the clip itself goes first.
    const found = /** @type {Sheet | null} */ (await getJson(`videos/${id}/thumbnails/`).catch(() => null));
    if (page.get().id !== id || !found?.url) return;
    const image = new Image();
    image.src = found.url;
    const isThere = await image.decode().then(() => true, () => false);
    if (page.get().id !== id || !isThere) return;
    [sheet, picture] = [found, image];
    draw();
  }

  function draw() {
    const unit = devicePixelRatio || 1;
    const { clientWidth, clientHeight } = slider;
    [canvas.width, canvas.height] = [Math.round(clientWidth * unit), Math.round(clientHeight * unit)];
    slider.dataset.ready = String(picture !== null);
    const context = canvas.getContext("2d");
    if (!context || !sheet || !picture || !canvas.width) return;
    const { size, slots } = slotsAlong(sheet, page.get().frames, canvas.width, canvas.height);
    for (const slot of slots) {
      const { x, y, width, height } = cutOf(slot, size, canvas.height);
      context.drawImage(picture, x, y, width, height, slot.at, 0, size, canvas.height);
    }
  }

  function move() {
    const { frames } = page.get();
    const frame = Math.max(0, player.frame);
    places.strip.style.setProperty("--at", String(frames ? (frame + 0.5) / frames : 0));
    slider.setAttribute("aria-valuemax", String(Math.max(0, frames - 1)));
    slider.setAttribute("aria-valuenow", String(frame));
    slider.setAttribute("aria-valuetext", t("Frame {frame} of {frames}", { frame, frames }));
  }

  /** The frames that playing keeps to. */
  function showPart() {
    const { frames } = page.get();
    part.hidden = !player.range || !frames;
    if (!player.range || !frames) return;
    const [start, end] = player.range;
    part.style.left = `${start / frames * 100}%`;
    part.style.width = `${(end - start) / frames * 100}%`;
  }

  // Scrubbing ------------------------------------------------------------------------------

  let isHeld = false;
  const frameUnder = (/** @type {PointerEvent} */ event) => {
    const { left, width } = slider.getBoundingClientRect();
    return frameAtShare((event.clientX - left) / width, page.get().frames);
  };
  slider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !page.get().frames) return;
    isHeld = true;
    slider.setPointerCapture(event.pointerId);
    player.seek(frameUnder(event));
    peek(event);
  });
  slider.addEventListener("pointermove", (event) => {
    if (!page.get().frames) return;
    if (isHeld) player.seek(frameUnder(event));
    peek(event);
  });
  for (const name of ["pointerup", "pointercancel"]) slider.addEventListener(name, () => isHeld = false);
  slider.addEventListener("pointerleave", () => glimpse.hidden = !isHeld);
  addEventListener("pointerup", () => glimpse.hidden = !slider.matches(":hover"));

  /** A larger picture over the pointer. @param {PointerEvent} event */
  function peek(event) {
    const frame = frameUnder(event);
    glimpse.hidden = false;
    glimpse.style.setProperty("--under", String((event.clientX - slider.getBoundingClientRect().left) / slider.clientWidth));
    const seconds = bench.clock ? timeText(bench.clock.start(frame) - bench.clock.start(0)) : "";
    glimpsedAt.textContent = `${frame} · ${seconds}`;
    glimpsed.hidden = glimpsedFrame.hidden = !picture;
    if (!sheet || !picture) return;
    const tile = tileNear(sheet, frame);
    if (glimpsed.width !== tile.width || glimpsed.height !== tile.height) [glimpsed.width, glimpsed.height] = [tile.width, tile.height];
    glimpsedFrame.textContent = tile.frame === frame ? "" : String(tile.frame);
    glimpsed.getContext("2d")?.drawImage(picture, tile.x, tile.y, tile.width, tile.height, 0, 0, tile.width, tile.height);
  }
}

// @ts-check
/** Shows the player's frames in another light: by WebGL, or by an SVG filter where there is none. */

import { h } from "nightjar/core/dom.js";
import { toneFor } from "nightjar/clip/light/curve.js";
import { Fallback } from "nightjar/clip/light/fallback.js";
import { isPlain, lookOf, lookOfLevels, PLAIN } from "nightjar/clip/light/look.js";
import { curveLevels, gammaLevels } from "nightjar/clip/light/model_view.js";
import { wantedAround } from "nightjar/clip/light/neighbour_model.js";
import { Neighbours } from "nightjar/clip/light/neighbours.js";
import { samplePixels } from "nightjar/clip/light/sample.js";
import { NEUTRAL, PRESETS } from "nightjar/clip/light/settings.js";

/** @typedef {import("nightjar/clip/light/look.js").Look} Look */
/** @typedef {import("nightjar/clip/light/model_view.js").ModelView} ModelView */
/** @typedef {import("nightjar/clip/light/settings.js").Preset} Preset */
/** @typedef {VideoFrame | HTMLVideoElement} Source */
/** @typedef {"webgl" | "svg" | "none"} Means who draws */

const STILL_MS = 160;
const METER_MS = 250;

export class Lens extends EventTarget {
  /** @type {HTMLCanvasElement} */
  canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { class: "light", hidden: true, "aria-hidden": "true", "data-testid": "light-canvas" }));
  #player;
  #fallback;
  /** @type {import("nightjar/clip/light/renderer.js").Renderer | null} */
  #renderer = null;
  /** @type {"waiting" | "loading" | "ready" | "broken"} */
  #webgl = "waiting";
  /** @type {Neighbours | null} */
  #neighbours = null;
  /** @type {Preset} */
  #preset = PRESETS[0];
  /** @type {number | null} */
  #split = null;
  /** @type {ModelView | null} */
  #model = null;
  /** The tone found for this clip. @type {{gain: number, gamma: number, contrast: number} | null} */
  #tone = null;
  /** The last look that was worked out, and what it was worked out from. @type {{from: unknown[], look: Look} | null} */
  #known = null;
  /** @type {Uint8ClampedArray | null} */
  #sample = null;
  #frame = -1;
  #still = 0;
  #isMetered = false;
  #metered = 0;
  /** @type {Means} */
  #means = "none";

  /** @param {import("nightjar/clip/player.js").NjPlayer} player */
  constructor(player) {
    super();
    this.#player = player;
    this.#fallback = new Fallback(/** @type {HTMLElement} */ (player.screen.querySelector(".picture")));
    player.screen.append(this.canvas);
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.#renderer = null;
      this.#webgl = "broken";
      player.reshow();
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.#webgl = "waiting";
      player.reshow();
    });
    player.addEventListener("playing", () => this.#rest());
  }

  /** Who draws what is on screen. */
  get means() {
    return this.#means;
  }

  /** What of the look is not shown, for want of WebGL. @returns {boolean} */
  get isReduced() {
    return this.#means === "svg" && this.#webgl === "broken" && (this.#look().local > 0 || this.#look().denoise > 0);
  }

  /** The settings at work, with the tone that was found. */
  get settings() {
    const { auto, settings } = this.#preset;
    return auto ? { ...settings, ...(this.#tone ?? NEUTRAL), local: settings.local, denoise: settings.denoise, palette: settings.palette } : settings;
  }

  /** @param {Preset} preset @param {number | null} split @param {ModelView | null} model */
  set(preset, split, model) {
    [this.#preset, this.#split, this.#model] = [preset, split, model];
    this.#player.reshow();
  }

  /** Whether `meter` is told of the light. */
  set metered(/** @type {boolean} */ value) {
    this.#isMetered = value;
    this.#metered = 0;
    if (value) this.#player.reshow();
  }

  /** Another clip comes. */
  forget() {
    clearTimeout(this.#still);
    this.#neighbours?.close();
    this.#renderer?.reset();
    [this.#tone, this.#known, this.#sample, this.#frame] = [null, null, null, -1];
    this.canvas.hidden = true;
    this.#fallback.clear();
  }

  /**
   * Called by the player in the task that shows a frame.
   * @param {Source} source @param {number} frame
   * @returns {boolean} false: the player's own picture is what people see
   */
  show(source, frame) {
    this.#frame = frame;
    this.#measure(source);
    const look = this.#look();
    const isDrawn = !isPlain(look) && this.#draw(source, frame, look);
    this.canvas.hidden = !isDrawn;
    if (isDrawn) this.#fallback.clear();
    else this.#fallback.show(look);
    this.#say(isDrawn ? "webgl" : isPlain(look) ? "none" : "svg");
    this.#rest();
    return isDrawn;
  }

  /** @param {Source} source */
  #measure(source) {
    const isDue = this.#isMetered && performance.now() - this.#metered > (this.#player.isPlaying ? METER_MS : 0);
    const isModel = this.#model !== null && !this.#model.levels;
    if (this.#tone && !isDue && !isModel) return;
    const { width, height } = this.#player;
    const rgba = samplePixels(source, width, height);
    if (!rgba) return;
    this.#tone ??= toneFor(rgba);
    if (isModel) this.#sample = rgba;
    if (!isDue) return;
    this.#metered = performance.now();
    this.dispatchEvent(new CustomEvent("meter", { detail: rgba }));
  }

  /** @returns {Look} */
  #look() {
    const from = [this.#preset, this.#split, this.#model, this.#tone, this.#sample];
    const known = this.#known;
    if (known && from.every((value, i) => value === known.from[i])) return known.look;
    const look = this.#model ? this.#modelLook(this.#model) : lookOf(this.settings, this.#split);
    this.#known = { from, look };
    return look;
  }

  /** @param {ModelView} model */
  #modelLook({ levels, estimate }) {
    if (levels) return lookOfLevels(levels, this.#split);
    if (!this.#sample) return PLAIN;
    return lookOfLevels(estimate === "gamma" ? gammaLevels(this.#sample) : curveLevels(this.#sample), this.#split);
  }

  /** The same pixels as people see them; false colours are left out. @param {Uint8ClampedArray} recorded @returns {Promise<Uint8Array | Uint8ClampedArray>} */
  async shown(recorded) {
    const look = { ...this.#look(), palette: /** @type {"none"} */ ("none") };
    const lit = this.canvas.hidden ? null : await this.#renderer?.shown(look);
    return lit ?? recorded.map((value, i) => i % 4 === 3 ? value : look.levels[value]);
  }

  /** @param {Source} source @param {number} frame @param {Look} look */
  #draw(source, frame, look) {
    if (this.#webgl === "waiting") this.#load();
    const renderer = this.#renderer;
    if (!renderer) return false;
    try {
      const { width, height } = this.#player;
      if (!renderer.upload(source, frame, width, height) || !renderer.draw(look)) return false;
    } catch {
      if (!renderer.isLost) this.#webgl = "broken";
      this.#renderer = null;
      return false;
    }
    this.canvas.dataset.frame = String(frame);
    if (look.local > 0 || look.denoise > 0) this.#refine(renderer, look);
    return true;
  }

  /** Local contrast and denoising go by a sample that comes a moment later. @param {import("nightjar/clip/light/renderer.js").Renderer} renderer @param {Look} look */
  async #refine(renderer, look) {
    const sample = await renderer.sample(look.denoise > 0);
    if (!sample || renderer !== this.#renderer) return;
    if (sample.frame === this.#frame && !this.#player.isPlaying) this.#again();
    else if (!this.#player.isPlaying && this.#look().local > 0) this.#refine(renderer, look);
  }

  /** Draws the frame on screen once more, with what has come since. */
  #again() {
    const renderer = this.#renderer;
    if (!renderer || this.canvas.hidden || renderer.frame !== this.#frame || renderer.isLost) return;
    renderer.draw(this.#look());
    this.canvas.dataset.drawn = String(Number(this.canvas.dataset.drawn ?? 0) + 1);
  }

  /** Once a frame stands still, both its sides are fetched to average it with. */
  #rest() {
    clearTimeout(this.#still);
    this.#neighbours?.cancel();
    this.canvas.dataset.neighbours = String(this.#renderer?.frames.length ?? 0);
    if (this.#look().denoise === 0 || !this.#renderer || this.#player.isPlaying || typeof VideoFrame !== "function") return;
    this.#still = Number(setTimeout(() => this.#fetchNeighbours(), STILL_MS));
  }

  async #fetchNeighbours() {
    const { clock, video, width, height } = this.#player;
    const renderer = this.#renderer;
    if (!clock || !renderer || !video.currentSrc) return;
    const held = new Set(renderer.frames);
    const wanted = wantedAround(this.#frame, clock.count).filter((frame) => !held.has(frame));
    if (!wanted.length) return;
    this.#neighbours ??= new Neighbours();
    const hasAll = await this.#neighbours.fetch(video.currentSrc, clock, wanted, (source, frame) => {
      if (renderer === this.#renderer && frame !== renderer.frame) renderer.upload(source, frame, width, height, true);
    });
    if (!hasAll || renderer !== this.#renderer) return;
    this.canvas.dataset.neighbours = String(renderer.frames.length);
    await renderer.sample(true);
    this.#again();
  }

  async #load() {
    this.#webgl = "loading";
    try {
      const { Renderer } = await import("nightjar/clip/light/renderer.js");
      this.#renderer = new Renderer(this.canvas);
      this.#webgl = "ready";
    } catch {
      this.#webgl = "broken";
    }
    this.#player.reshow();
    this.dispatchEvent(new CustomEvent("means"));
  }

  /** @param {Means} means */
  #say(means) {
    this.#player.dataset.light = means;
    if (means === this.#means) return;
    this.#means = means;
    this.dispatchEvent(new CustomEvent("means"));
  }
}

// @ts-check
/** A player that always knows which frame is on screen, and draws over that very frame. */

import { h, svg } from "nightjar/core/dom.js";
import { isNeutral, transferOf } from "nightjar/clip/exposure.js";

/** @typedef {import("nightjar/clip/frames.js").FrameClock} FrameClock */
/** @typedef {import("nightjar/clip/overlay.js").DrawnJoint} DrawnJoint */
/**
 * @typedef {(context: CanvasRenderingContext2D, frame: number, scale: number, unit: number) => DrawnJoint[]} Painter
 */

const SEEK_PATIENCE_MS = 400;

/**
 * `<nj-player>`: fires `frame` when another frame is on screen, `playing` when that changes,
 * `fault` when the proxy cannot be played. `data-frame` is the frame whose pixels are shown.
 */
export class NjPlayer extends HTMLElement {
  /** @type {FrameClock | null} */
  #clock = null;
  #shown = -1;
  /** @type {number | null} */
  #wanted = null;
  #isSeeking = false;
  #patience = 0;
  /** @type {Painter | null} */
  #painter = null;
  #width = 1;
  #video = /** @type {HTMLVideoElement} */ (h("video", { playsinline: true, preload: "auto", "aria-label": "Clip" }));
  #canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { id: "overlay" }));
  #screen = h("div", { class: "screen" }, this.#video, this.#canvas);
  #gamma = ["R", "G", "B"].map((c) => svg(`feFunc${c}`, { type: "gamma" }));
  #colour = svg("feColorMatrix", { type: "saturate" });
  #linear = ["R", "G", "B"].map((c) => svg(`feFunc${c}`, { type: "linear" }));

  connectedCallback() {
    if (this.firstChild) return;
    this.#video.muted = true;
    this.append(this.#filter(), this.#screen);
    new ResizeObserver(() => this.#fit()).observe(this.#screen);
    const tell = () => {
      this.dataset.playing = String(this.isPlaying);
      this.dispatchEvent(new CustomEvent("playing", { detail: this.isPlaying }));
    };
    this.#video.addEventListener("play", tell);
    this.#video.addEventListener("pause", tell);
    this.#video.addEventListener("ended", tell);
    this.#video.addEventListener("seeked", () => this.#afterSeek());
    this.#video.addEventListener("loadeddata", () => this.#shown < 0 && this.seek(this.#wanted ?? 0));
    this.#video.addEventListener("error", () => this.#onFault());
    this.#video.addEventListener("click", () => this.toggle());
    this.#watch();
  }

  /** @param {{src: string, clock: FrameClock, width: number, height: number}} clip */
  load({ src, clock, width, height }) {
    this.#clock = clock;
    this.#shown = -1;
    this.#wanted = 0;
    this.#isSeeking = false;
    this.#width = width;
    this.#video.pause();
    this.#screen.style.setProperty("--ratio", String(width / height));
    for (const name of ["frame", "mediaTime", "ready"]) delete this.dataset[name];
    delete this.#canvas.dataset.joints;
    delete this.#canvas.dataset.frame;
    this.dataset.frames = String(clock.count);
    this.#video.src = src;
    this.#fit();
  }

  unload() {
    this.#clock = null;
    this.#shown = -1;
    this.#video.removeAttribute("src");
    this.#video.load();
    delete this.dataset.ready;
    this.#paint();
  }

  /** @param {Painter} painter */
  paintWith(painter) {
    this.#painter = painter;
    this.#paint();
  }

  get frame() {
    return this.#shown;
  }

  /** Where the player is going, or is. */
  get target() {
    return this.#wanted ?? Math.max(0, this.#shown);
  }

  get isPlaying() {
    return !this.#video.paused && !this.#video.ended;
  }

  get video() {
    return this.#video;
  }

  set loop(/** @type {boolean} */ value) {
    this.#video.loop = value;
  }

  set rate(/** @type {number} */ value) {
    this.#video.defaultPlaybackRate = value;
    this.#video.playbackRate = value;
  }

  /** @param {number} frame */
  seek(frame) {
    if (!this.#clock) return;
    this.#video.pause();
    this.#wanted = this.#clock.clamp(frame);
    if (!this.#isSeeking) this.#go();
  }

  /** @param {number} by frames */
  step(by) {
    this.seek(this.target + by);
  }

  toggle() {
    return this.isPlaying ? this.#video.pause() : this.play();
  }

  async play() {
    if (!this.#clock) return;
    this.#wanted = null;
    if (this.#shown === this.#clock.count - 1) this.#video.currentTime = 0;
    // A pause or a new clip that comes before playing begins is no fault.
    await this.#video.play().catch(() => undefined);
  }

  /** @param {import("nightjar/clip/exposure.js").Exposure} exposure */
  set exposure(exposure) {
    const { amplitude, exponent, slope, intercept, saturation } = transferOf(exposure);
    for (const f of this.#gamma) set(f, { amplitude, exponent, offset: 0 });
    for (const f of this.#linear) set(f, { slope, intercept });
    set(this.#colour, { values: saturation });
    this.#video.style.filter = isNeutral(exposure) ? "" : "url(#nj-exposure)";
    this.dataset.gain = exposure.gain.toFixed(2);
    this.dataset.gamma = exposure.gamma.toFixed(2);
    this.dataset.contrast = exposure.contrast.toFixed(2);
  }

  /** A small picture of the frame as it is stored, without exposure. @returns {Uint8ClampedArray | null} */
  sample() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [64, 48];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    context.drawImage(this.#video, 0, 0, 64, 48);
    return context.getImageData(0, 0, 64, 48).data;
  }

  /** Draws again, for when people, labels or choices have changed. */
  redraw() {
    this.#paint();
  }

  #filter() {
    return svg(
      "svg",
      { class: "sprite", width: 0, height: 0, "aria-hidden": "true" },
      svg(
        "filter",
        { id: "nj-exposure", "color-interpolation-filters": "sRGB", x: 0, y: 0, width: 1, height: 1 },
        svg("feComponentTransfer", null, this.#gamma),
        this.#colour,
        svg("feComponentTransfer", null, this.#linear),
      ),
    );
  }

  #watch() {
    // Without this callback (old browsers) the clock of the element is the best there is.
    if (!("requestVideoFrameCallback" in this.#video)) {
      const poll = () => {
        if (this.#clock && this.#video.readyState >= 2) this.#present(this.#clock.at(this.#video.currentTime));
        requestAnimationFrame(poll);
      };
      return void requestAnimationFrame(poll);
    }
    this.#video.requestVideoFrameCallback((_now, { mediaTime }) => {
      if (this.#clock) {
        this.dataset.mediaTime = mediaTime.toFixed(6);
        this.#present(this.#clock.presented(mediaTime));
      }
      this.#watch();
    });
  }

  /** @param {number} frame */
  #present(frame) {
    const isNew = frame !== this.#shown;
    this.#shown = frame;
    if (isNew || this.dataset.ready === undefined) {
      this.#paint();
      this.dataset.frame = String(frame);
      this.dataset.ready = "true";
      this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    }
    if (this.#wanted === frame) this.#arrive();
  }

  #arrive() {
    clearTimeout(this.#patience);
    this.#wanted = null;
    this.dataset.seeking = "false";
  }

  #go() {
    if (this.#wanted === null || !this.#clock) return;
    if (this.#wanted === this.#shown) return this.#arrive();
    this.#isSeeking = true;
    this.dataset.seeking = "true";
    this.#video.currentTime = this.#clock.middle(this.#wanted);
  }

  #afterSeek() {
    this.#isSeeking = false;
    clearTimeout(this.#patience);
    if (this.#wanted === null || !this.#clock) return;
    const reached = this.#clock.at(this.#video.currentTime);
    if (reached !== this.#wanted) return this.#go();
    // The frame's own callback tells when its pixels are there; a hidden page gets none.
    this.#patience = Number(setTimeout(() => {
      if (this.#wanted === reached) this.#present(reached);
    }, SEEK_PATIENCE_MS));
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#screen;
    const unit = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * unit), Math.round(clientHeight * unit)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      [this.#canvas.width, this.#canvas.height] = [width, height];
    }
    this.#paint();
  }

  #paint() {
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#painter || this.#shown < 0 || !this.#clock) return;
    const scale = this.#canvas.width / this.#width;
    const joints = this.#painter(context, this.#shown, scale, devicePixelRatio || 1);
    this.#canvas.dataset.frame = String(this.#shown);
    this.#canvas.dataset.scale = String(scale);
    this.#canvas.dataset.joints = JSON.stringify(
      joints.map(({ person, joint, x, y, score }) => [person, joint, rounded(x, 1), rounded(y, 1), rounded(score, 2)]),
    );
  }

  #onFault() {
    if (!this.#video.getAttribute("src")) return;
    const reason = this.#video.error?.message || "the file could not be read";
    this.dispatchEvent(new CustomEvent("fault", { detail: reason }));
  }
}

/** @param {number} value @param {number} digits */
const rounded = (value, digits) => Number(value.toFixed(digits));

/** @param {Element} element @param {Record<string, number>} values */
function set(element, values) {
  for (const [name, value] of Object.entries(values)) element.setAttribute(name, String(value));
}

customElements.define("nj-player", NjPlayer);

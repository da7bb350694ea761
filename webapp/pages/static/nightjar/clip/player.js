// @ts-check
/** A player whose picture, frame number and overlay always belong to the same frame. */

import { h } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { Film, release } from "nightjar/clip/film.js";
import { pixelsOf, PlainPicture } from "nightjar/clip/picture.js";
import { beginning, frameBack, rangeWithin, verdictOn } from "nightjar/clip/shuttle_model.js";
import { bindZoom } from "nightjar/clip/zoom.js";
import { FIT, isSameView, panned, pictureAt, windowAt, zoomedAt } from "nightjar/clip/zoom_model.js";

/** @typedef {import("nightjar/clip/frames.js").FrameClock} FrameClock */
/** @typedef {import("nightjar/clip/film.js").Picture} Picture */
/** @typedef {import("nightjar/clip/overlay.js").DrawnJoint} DrawnJoint */
/** @typedef {import("nightjar/clip/shuttle_model.js").Range} Range */
/** @typedef {import("nightjar/clip/zoom_model.js").View} View */
/**
 * @typedef {(context: CanvasRenderingContext2D, frame: number, scale: number, unit: number) => DrawnJoint[] | void} Painter
 */
/** @typedef {{src: string, clock: FrameClock, width: number, height: number, frame?: number}} Reel frame: the one to begin with */
/**
 * @typedef {object} Lens shows the picture in another light
 * @property {(source: VideoFrame | HTMLVideoElement, frame: number) => boolean} show false: it leaves that to the player
 * @property {HTMLCanvasElement} [canvas] where it does
 */

/** Pixels of the clip are shown as squares from here on, so that a joint can be placed on one. */
const SQUARES_FROM = 6;

/**
 * `<nj-player>`: fires `frame` when another frame is on screen, `playing` and `speed` when these change,
 * `view` when another part of the picture is seen, `fault` when the proxy cannot be played.
 * `data-frame` is the frame whose pixels are shown.
 */
export class NjPlayer extends HTMLElement {
  #film = new Film();
  /** The next clip, decoded up to its first frame. */
  #spare = new Film();
  /** @type {Picture | null} */
  #picture = null;
  /** @type {Painter | null} */
  #painter = null;
  #plain = new PlainPicture();
  /** @type {Lens | null} */
  #lens = null;
  #isPlain = true;
  #width = 1;
  #height = 1;
  /** @type {View} */
  #view = FIT;
  #rate = 1;
  /** @type {Range | null} */
  #range = null;
  #isLooped = false;
  /** Where playing has been sent meanwhile: what comes before it is there is not shown. @type {number | null} */
  #jumping = null;
  /** @type {{speed: number, from: number, since: number} | null} */
  #back = null;
  #wasPlaying = false;
  #overlay = /** @type {HTMLCanvasElement} */ (h("canvas", { id: "overlay" }));
  #inner = h("div", { class: "view" });
  #screen = h("div", { class: "screen" }, this.#inner, this.#overlay);

  connectedCallback() {
    if (this.firstChild) return;
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", t("Clip"));
    this.#inner.append(this.#film.video, this.#spare.video, this.#plain.canvas);
    this.append(this.#screen);
    new ResizeObserver(() => this.#fit()).observe(this.#screen);
    this.#watch(this.#film);
    bindZoom(this.#screen, {
      view: () => this.#view,
      change: (view) => this.#setView(view),
      click: () => this.toggle(),
    });
  }

  // Clips ----------------------------------------------------------------------------------

  /** A clip that was prefetched is on screen when this returns. @param {Reel} reel */
  load({ src, clock, width, height, frame = 0 }) {
    this.#forget();
    [this.#width, this.#height] = [width, height];
    this.#screen.style.setProperty("--ratio", String(width / height));
    this.dataset.frames = String(clock.count);
    if (this.#spare.src === src) this.#swap(frame);
    else this.#film.open({ src, clock, frame });
    this.#applyRate();
    this.#applyLoop();
    this.#setView(FIT);
    this.#fit();
    const ready = this.#film.take();
    if (ready) this.#present(ready);
  }

  /** Gets a clip ready behind the one that is shown. @param {Reel} reel */
  prefetch({ src, clock, frame = 0 }) {
    if (this.#spare.src !== src && this.#film.src !== src) this.#spare.open({ src, clock, frame });
  }

  unload() {
    this.#forget();
    this.#film.close();
    this.#paint();
  }

  /** @param {number} frame */
  #swap(frame) {
    [this.#film, this.#spare] = [this.#spare, this.#film];
    this.#spare.watcher = null;
    this.#spare.close();
    this.#watch(this.#film);
    if (frame !== this.#film.target) this.#film.seek(frame);
  }

  #forget() {
    this.#stopBack();
    this.#film.pause();
    [this.#range, this.#jumping] = [null, null];
    if (this.#picture) release(this.#picture);
    this.#picture = null;
    for (const name of ["frame", "ready", "seeking"]) delete this.dataset[name];
    delete this.#overlay.dataset.joints;
    delete this.#overlay.dataset.frame;
    this.#tellPlaying();
  }

  // What is on screen ----------------------------------------------------------------------

  get frame() {
    return this.#picture?.frame ?? -1;
  }

  /** Where the player is going, or is. */
  get target() {
    return this.#film.isSeeking ? this.#film.target : Math.max(0, this.frame);
  }

  /** The canvas on which people see the picture. */
  get canvas() {
    return (!this.#isPlain && this.#lens?.canvas) || this.#plain.canvas;
  }

  /** Holds all that shows the picture; it is what zooming enlarges. */
  get screen() {
    return this.#inner;
  }

  /** Pixels of the clip; a source may be padded by one column or row. */
  get width() {
    return this.#width;
  }

  get height() {
    return this.#height;
  }

  get video() {
    return this.#film.video;
  }

  get clock() {
    return this.#film.clock;
  }

  /** @param {Painter} painter */
  paintWith(painter) {
    this.#painter = painter;
    this.#paint();
  }

  /** Draws over the picture again, for when people, labels or choices have changed. */
  redraw() {
    this.#paint();
  }

  /** Shows the picture in another light, null: as it is. @param {Lens | null} lens */
  set lens(lens) {
    this.#lens = lens;
    this.reshow();
  }

  get lens() {
    return this.#lens;
  }

  /** Draws the frame on screen again, for when a filter has changed. */
  reshow() {
    if (this.#picture) this.#draw(this.#picture);
  }

  /** The frame on screen as it is stored. @returns {ImageData | null} */
  read() {
    return this.#picture && pixelsOf(this.#picture.source, this.#width, this.#height);
  }

  // Moving in time -------------------------------------------------------------------------

  /** @param {number} frame */
  seek(frame) {
    this.#stopBack();
    this.#jumping = null;
    this.#film.seek(frame);
    this.#tellSeeking();
    this.#tellPlaying();
  }

  /** @param {number} by frames */
  step(by) {
    this.seek(this.target + by);
  }

  get isPlaying() {
    return this.#back !== null || this.#film.isPlaying;
  }

  /** Below 0 while it runs back, 0 while it stands still. */
  get speed() {
    return this.#back ? -this.#back.speed : this.#film.isPlaying ? this.#film.video.playbackRate : 0;
  }

  toggle() {
    return this.isPlaying ? this.pause() : this.play();
  }

  pause() {
    this.#stopBack();
    this.#film.pause();
    this.#jumping = null;
    // What the video shows when it stops may be a frame further than the last that was told.
    const picture = this.#film.take();
    if (picture && !this.#film.isSeeking) this.#offer(picture);
    else if (picture) release(picture);
    this.#tellPlaying();
  }

  async play() {
    const { clock } = this.#film;
    if (!clock) return;
    this.#stopBack();
    this.#film.video.playbackRate = this.#rate;
    const from = beginning(this.target, this.#part());
    if (from !== this.frame) this.#jump(from);
    await this.#film.play();
  }

  /** Plays at another speed for now; below 0 backwards, 0 stops. @param {number} speed */
  async shuttle(speed) {
    if (!this.#film.clock || speed === 0) return this.pause();
    if (speed < 0) return this.#runBack(-speed);
    if (!this.#film.isPlaying) await this.play();
    this.#film.video.playbackRate = speed;
    this.#tellPlaying();
  }

  set rate(/** @type {number} */ value) {
    if (value === this.#rate) return;
    this.#rate = value;
    this.#applyRate();
  }

  set loop(/** @type {boolean} */ value) {
    this.#isLooped = value;
    this.#applyLoop();
  }

  get range() {
    return this.#range;
  }

  /** Playing keeps to these frames, null: to the clip. */
  set range(/** @type {Range | null} */ value) {
    this.#range = value;
    this.#applyLoop();
    const [start, end] = this.#part();
    if (this.#film.isPlaying && (this.frame < start || this.frame >= end)) this.#jump(start);
  }

  /** @returns {Range} */
  #part() {
    return rangeWithin(this.#range, this.#film.clock?.count ?? 1);
  }

  #applyRate() {
    this.#film.video.defaultPlaybackRate = this.#rate;
    this.#film.video.playbackRate = this.#rate;
    this.#tellPlaying();
  }

  #applyLoop() {
    // A single frame that loops would only keep the decoder busy.
    const count = this.#film.clock?.count ?? 1;
    this.#film.video.loop = this.#isLooped && count > 1 && !this.#range;
  }

  /** @param {number} frame */
  #jump(frame) {
    this.#jumping = frame;
    this.#film.jump(frame);
  }

  /** @param {number} speed above 0 */
  #runBack(speed) {
    const { clock } = this.#film;
    if (!clock) return;
    const isFirst = this.#back === null;
    this.#film.pause();
    this.#jumping = null;
    const [start, end] = this.#part();
    const here = isFirst && (this.target <= start || this.target >= end) ? end - 1 : this.target;
    this.#back = { speed, from: here, since: performance.now() };
    if (isFirst) this.#goBack();
    this.#tellPlaying();
  }

  #goBack() {
    const { clock } = this.#film;
    if (!this.#back || !clock) return;
    const gone = (performance.now() - this.#back.since) / 1000 * this.#back.speed;
    const { frame, isOver } = frameBack(clock, this.#back.from, gone, this.#part(), this.#isLooped);
    if (frame !== this.target) this.#film.seek(frame);
    if (isOver) return this.#stopBack();
    requestAnimationFrame(() => this.#goBack());
  }

  #stopBack() {
    this.#back = null;
    this.#tellPlaying();
  }

  // Moving in space ------------------------------------------------------------------------

  get view() {
    return this.#view;
  }

  /** @param {number} factor above 1: nearer */
  zoom(factor) {
    this.#setView(zoomedAt(this.#view, factor));
  }

  /** @param {number} du to the right @param {number} dv down, as shares of what is seen */
  pan(du, dv) {
    this.#setView(panned(this.#view, -du, -dv));
  }

  fit() {
    this.#setView(FIT);
  }

  /** Pixels of the clip under a point of the page. @param {number} clientX @param {number} clientY @returns {[number, number]} */
  toVideo(clientX, clientY) {
    const { left, top, width, height } = this.#screen.getBoundingClientRect();
    const [p, q] = pictureAt(this.#view, (clientX - left) / width, (clientY - top) / height);
    // Coordinates count from the middle of the first pixel.
    return [p * this.#width - 0.5, q * this.#height - 0.5];
  }

  /** The other way round. @param {number} x @param {number} y @returns {[number, number]} */
  toScreen(x, y) {
    const { left, top, width, height } = this.#screen.getBoundingClientRect();
    const [u, v] = windowAt(this.#view, (x + 0.5) / this.#width, (y + 0.5) / this.#height);
    return [left + u * width, top + v * height];
  }

  /** @param {View} view */
  #setView(view) {
    if (isSameView(view, this.#view)) return;
    this.#view = view;
    this.#place();
    this.#paint();
    this.dispatchEvent(new CustomEvent("view", { detail: view }));
  }

  #place() {
    const { zoom, x, y } = this.#view;
    this.dataset.zoom = zoom.toFixed(2);
    this.#inner.style.transform = zoom === 1 ? "" : `translate(${x * 100}%, ${y * 100}%) scale(${zoom})`;
    this.#inner.classList.toggle("squares", zoom >= SQUARES_FROM);
  }

  // Pictures -------------------------------------------------------------------------------

  /** @param {Film} film */
  #watch(film) {
    film.watcher = {
      picture: (picture) => this.#offer(picture),
      state: () => {
        this.#tellSeeking();
        this.#tellPlaying();
        if (film.video.ended) this.#onEnd();
      },
      fault: (reason) => this.dispatchEvent(new CustomEvent("fault", { detail: reason })),
    };
  }

  /** Shows a picture, unless it lies outside of what is played. @param {Picture} picture */
  #offer(picture) {
    if (this.#jumping !== null && picture.frame === this.#jumping) this.#jumping = null;
    const isStray = this.#jumping !== null && this.#film.video.seeking;
    if (!isStray) this.#jumping = null;
    const { show, jump, stop } = this.#range && this.#film.isPlaying
      ? verdictOn(picture.frame, this.#part(), this.#isLooped)
      : { show: true, jump: null, stop: null };
    if (show && !isStray) return this.#present(picture);
    release(picture);
    if (isStray) return;
    if (stop !== null) this.seek(stop);
    else if (jump !== null) this.#jump(jump);
  }

  /** Playing has reached the end of the clip. */
  #onEnd() {
    if (!this.#isLooped || !this.#range) return;
    this.#jump(this.#part()[0]);
    this.#film.play();
  }

  /** @param {Picture} picture */
  #present(picture) {
    const old = this.#picture;
    const isNew = picture.frame !== old?.frame;
    if (old && old.source !== picture.source) release(old);
    this.#picture = picture;
    if (isNew) {
      // One task draws it all: no frame of the page can hold one without the others.
      this.#draw(picture);
      this.#paint();
      this.dataset.frame = String(picture.frame);
      this.dataset.ready = "true";
      this.dispatchEvent(new CustomEvent("frame", { detail: picture.frame }));
    }
    this.#tellSeeking();
  }

  /** @param {Picture} picture */
  #draw({ source, frame }) {
    this.#isPlain = !this.#lens?.show(source, frame);
    if (this.#isPlain) this.#plain.show(source, this.#width, this.#height);
  }

  #paint() {
    const context = this.#overlay.getContext("2d");
    if (!context) return;
    const { width, height } = this.#overlay;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!this.#painter || !this.#picture) return;
    const { frame } = this.#picture;
    const { zoom, x, y } = this.#view;
    const scale = width / this.#width * zoom;
    context.setTransform(1, 0, 0, 1, x * width, y * height);
    const joints = this.#painter(context, frame, scale, devicePixelRatio || 1) ?? [];
    this.#overlay.dataset.frame = String(frame);
    this.#overlay.dataset.scale = String(scale);
    this.#overlay.dataset.joints = JSON.stringify(
      joints.map(({ person, joint, x, y, score }) => [person, joint, rounded(x, 1), rounded(y, 1), rounded(score, 2)]),
    );
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#screen;
    const unit = devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * unit), Math.round(clientHeight * unit)];
    if (this.#overlay.width !== width || this.#overlay.height !== height) {
      [this.#overlay.width, this.#overlay.height] = [width, height];
    }
    this.#paint();
  }

  #tellSeeking() {
    if (this.#film.clock) this.dataset.seeking = String(this.#film.isSeeking);
  }

  #tellPlaying() {
    const { isPlaying } = this;
    if (this.dataset.speed !== String(this.speed)) {
      this.dataset.speed = String(this.speed);
      this.dispatchEvent(new CustomEvent("speed", { detail: this.speed }));
    }
    if (isPlaying === this.#wasPlaying) return;
    this.#wasPlaying = isPlaying;
    this.dataset.playing = String(isPlaying);
    this.dispatchEvent(new CustomEvent("playing", { detail: isPlaying }));
  }
}

/** @param {number} value @param {number} digits */
const rounded = (value, digits) => Number(value.toFixed(digits));

customElements.define("nj-player", NjPlayer);

// @ts-check
/** One hidden video that hands over whole pictures, each with the number of its own frame. */

import { h } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/clip/frames.js").FrameClock} FrameClock */
/** @typedef {{frame: number, source: VideoFrame | HTMLVideoElement}} Picture whoever gets it closes it */
/**
 * @typedef {object} Watcher
 * @property {(picture: Picture) => void} picture another picture has come
 * @property {() => void} state it plays now, or no longer
 * @property {(reason: string) => void} fault the file cannot be played
 */

const SEEK_PATIENCE_MS = 400;

/** Pixels and time stamp in one object: what a frame callback says may be one picture behind. */
const HAS_PICTURES = typeof VideoFrame === "function";

/** @param {Picture} picture */
export function release({ source }) {
  if (HAS_PICTURES && source instanceof VideoFrame) source.close();
}

export class Film {
  /** @type {FrameClock | null} */
  #clock = null;
  /** @type {number | null} */
  #wanted = null;
  #shown = -1;
  #isSeeking = false;
  #patience = 0;
  #src = "";
  /** @type {Watcher | null} */
  #watcher = null;

  video = /** @type {HTMLVideoElement} */ (
    h("video", { class: "film", playsinline: true, preload: "auto", tabindex: -1, "aria-hidden": "true" })
  );

  constructor() {
    this.video.muted = true;
    for (const name of ["play", "pause"]) this.video.addEventListener(name, () => this.#watcher?.state());
    this.video.addEventListener("ended", () => this.#afterEnd());
    this.video.addEventListener("seeked", () => this.#afterSeek());
    this.video.addEventListener("loadeddata", () => this.#begin());
    this.video.addEventListener("error", () => this.#onFault());
    this.#follow();
  }

  /** @param {Watcher | null} watcher null: pictures stay where they are, to be taken later */
  set watcher(watcher) {
    this.#watcher = watcher;
  }

  get src() {
    return this.#src;
  }

  get clock() {
    return this.#clock;
  }

  get isPlaying() {
    return !this.video.paused && !this.video.ended;
  }

  /** Where it is going to, or is. */
  get target() {
    return this.#wanted ?? Math.max(0, this.#shown);
  }

  get isSeeking() {
    return this.#wanted !== null;
  }

  /** @param {{src: string, clock: FrameClock, frame?: number}} clip */
  open({ src, clock, frame = 0 }) {
    this.close();
    [this.#clock, this.#src, this.#wanted] = [clock, src, clock.clamp(frame)];
    this.video.src = src;
  }

  close() {
    clearTimeout(this.#patience);
    [this.#clock, this.#src, this.#wanted, this.#shown, this.#isSeeking] = [null, "", null, -1, false];
    if (!this.video.hasAttribute("src")) return;
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** @param {number} frame */
  seek(frame) {
    if (!this.#clock) return;
    // A picture that is under way while it stops would pass for the wanted one.
    if (this.isPlaying) this.#shown = -1;
    this.video.pause();
    this.#wanted = this.#clock.clamp(frame);
    if (!this.#isSeeking && this.video.readyState >= HTMLMediaElement.HAVE_METADATA) this.#go();
  }

  /** Goes on playing from there. @param {number} frame */
  jump(frame) {
    if (!this.#clock) return;
    this.#wanted = null;
    this.video.currentTime = this.#clock.middle(frame);
  }

  async play() {
    this.#wanted = null;
    clearTimeout(this.#patience);
    // A pause or a new clip that comes before playing begins is no fault.
    await this.video.play().catch(() => undefined);
  }

  pause() {
    this.video.pause();
  }

  /**
   * The picture that the video holds now, if it holds one.
   * @param {number} [time] what the frame callback says, for browsers without whole pictures
   * @returns {Picture | null}
   */
  take(time) {
    if (!this.#clock || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    if (!HAS_PICTURES) {
      const frame = time === undefined ? this.#clock.at(this.video.currentTime) : this.#clock.presented(time);
      return { frame, source: this.video };
    }
    try {
      const source = new VideoFrame(this.video);
      return { frame: this.#clock.presented(source.timestamp / 1e6), source };
    } catch {
      return null; // it has just lost its data to a seek; `seeked` follows
    }
  }

  #follow() {
    if (!("requestVideoFrameCallback" in this.video)) {
      const poll = () => {
        if (this.#watcher && !this.video.seeking) this.#offer(this.take());
        requestAnimationFrame(poll);
      };
      return void requestAnimationFrame(poll);
    }
    this.video.requestVideoFrameCallback((_now, { mediaTime }) => {
      if (this.#watcher) this.#offer(this.take(mediaTime));
      this.#follow();
    });
  }

  /** The first frame is there without being sought. */
  #begin() {
    if (this.#shown < 0) this.#offer(this.take());
    if (this.#wanted !== null && !this.#isSeeking) this.#go();
  }

  /** @param {Picture | null} picture */
  #offer(picture) {
    if (!picture) return;
    this.#shown = picture.frame;
    if (this.#wanted === picture.frame && !this.#isSeeking) this.#arrive();
    if (this.#watcher) this.#watcher.picture(picture);
    else release(picture);
  }

  #arrive() {
    clearTimeout(this.#patience);
    this.#wanted = null;
  }

  #go() {
    if (this.#wanted === null || !this.#clock) return;
    if (this.#wanted === this.#shown) {
      this.#arrive();
      return this.#watcher?.state();
    }
    this.#isSeeking = true;
    this.video.currentTime = this.#clock.middle(this.#wanted);
  }

  #afterSeek() {
    this.#isSeeking = false;
    clearTimeout(this.#patience);
    if (!this.#clock) return;
    const isThere = this.#wanted === null || this.#clock.at(this.video.currentTime) === this.#wanted;
    this.#offer(this.take());
    if (!isThere) return this.#go();
    if (this.#wanted === null) return;
    // The frame's own callback tells when its pixels are there; what comes too late is not waited for.
    this.#patience = Number(setTimeout(() => {
      this.#arrive();
      this.#offer(this.take());
      this.#watcher?.state();
    }, SEEK_PATIENCE_MS));
  }

  /** The last frame may have passed without being told. */
  #afterEnd() {
    this.#watcher?.state();
    if (!this.#clock || !this.video.ended) return;
    this.#offer(this.take());
    if (this.#shown !== this.#clock.count - 1) this.seek(this.#clock.count - 1);
  }

  #onFault() {
    if (!this.video.getAttribute("src")) return;
    this.#watcher?.fault(this.video.error?.message || t("the file could not be read"));
  }
}

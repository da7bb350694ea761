// @ts-check
/** Fetches the frames beside one that stands still, by a video of its own. */

import { h } from "nightjar/core/dom.js";

/** @typedef {import("nightjar/clip/frames.js").FrameClock} FrameClock */

const PATIENCE_MS = 1500;

export class Neighbours {
  #video = /** @type {HTMLVideoElement} */ (h("video", { preload: "auto", playsinline: true }));
  #src = "";
  #turn = 0;

  constructor() {
    this.#video.muted = true;
  }

  /** What is on its way is no longer wanted. */
  cancel() {
    this.#turn++;
  }

  close() {
    this.cancel();
    if (!this.#src) return;
    this.#src = "";
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  /**
   * @param {string} src @param {FrameClock} clock @param {number[]} frames
   * @param {(source: VideoFrame, frame: number) => void} take closes nothing
   * @returns {Promise<boolean>} whether all came
   */
  async fetch(src, clock, frames, take) {
    const turn = ++this.#turn;
    if (src !== this.#src) this.#video.src = this.#src = src;
    for (const wanted of frames) {
      if (!await this.#seek(clock.middle(wanted)) || turn !== this.#turn) return false;
      let source;
      try {
        source = new VideoFrame(this.#video);
      } catch {
        return false; // it has lost its data to a seek
      }
      // The picture's own stamp says which frame it is.
      const frame = clock.presented((source.timestamp ?? 0) / 1e6);
      if (turn === this.#turn) take(source, frame);
      source.close();
    }
    return turn === this.#turn;
  }

  /** @param {number} time @returns {Promise<boolean>} */
  #seek(time) {
    return new Promise((resolve) => {
      const video = this.#video;
      const end = (/** @type {boolean} */ isThere) => {
        clearTimeout(timer);
        video.removeEventListener("seeked", onSeeked);
        video.removeEventListener("error", onError);
        resolve(isThere);
      };
      const onSeeked = () => end(true);
      const onError = () => end(false);
      const timer = setTimeout(end, PATIENCE_MS, false);
      video.addEventListener("seeked", onSeeked);
      video.addEventListener("error", onError);
      video.currentTime = time;
    });
  }
}

// @ts-check
/** Which frame is on screen at which time; pure. */

export class FrameClock {
  #starts;

  /**
   * @param {number[]} times_s start of each frame and, last, the end of the clip; seconds of the
   *   proxy's media time
   */
  constructor(times_s) {
    if (times_s.length < 2) throw new RangeError("Expected the times of at least one frame and its end.");
    this.#starts = times_s;
  }

  get count() {
    return this.#starts.length - 1;
  }

  get end() {
    return this.#starts[this.count];
  }

  /** @param {number} frame */
  start(frame) {
    return this.#starts[this.clamp(frame)];
  }

  /** Where to seek: as far from both neighbours as can be. @param {number} frame */
  middle(frame) {
    const n = this.clamp(frame);
    return (this.#starts[n] + this.#starts[n + 1]) / 2;
  }

  /** @param {number} frame */
  clamp(frame) {
    return Math.max(0, Math.min(this.count - 1, Math.trunc(frame)));
  }

  /** The frame whose interval holds a moment. @param {number} time */
  at(time) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * The frame that a browser names by its own presentation stamp: that stamp is rounded, so the
   * nearest start counts and not the interval.
   * @param {number} mediaTime
   */
  presented(mediaTime) {
    const n = this.at(mediaTime);
    const isNextNearer = n + 1 < this.count &&
      this.#starts[n + 1] - mediaTime < mediaTime - this.#starts[n];
    return isNextNearer ? n + 1 : n;
  }
}

// @ts-check
/** Fetches the skeletons around the frame on screen, page by page, and forgets those far away. */

import { request } from "nightjar/core/api.js";
import { PosePages, wantedRange } from "nightjar/clip/skeleton/pages.js";

/** More than an hour of five people; beyond it the pages farthest away go. */
export const MOST_BYTES = 64 * 1024 ** 2;
const PATIENCE_MS = 2000;
const BINARY = { headers: { Accept: "*/*" } };

/** @typedef {{id: number, people: number, frames: number, skeleton: {joints: string[]}}} Run */

/** @param {number} run @param {[number, number]} range @returns {Promise<ArrayBuffer>} */
export async function readPages(run, [from, to]) {
  const response = await request(`runs/${run}/poses/pages/`, { ...BINARY, query: { from, to } });
  return response.arrayBuffer();
}

/** @param {number} estimate @returns {Promise<PosePages>} */
export async function readEstimate(estimate) {
  const response = await request(`pose-estimates/${estimate}/poses/`, BINARY);
  const pages = new PosePages();
  pages.take(await response.arrayBuffer());
  return pages;
}

export class PoseStore {
  #isReading = false;
  #isClosed = false;
  #frame = 0;

  /**
   * @param {Run} run
   * @param {() => void} onPages
   * @param {typeof readPages} [read]
   * @param {number} [patience] ms before a lost connection is tried again
   */
  constructor(run, onPages, read = readPages, patience = PATIENCE_MS) {
    this.run = run;
    this.pages = new PosePages(run.frames, run.skeleton.joints.length);
    this.pages.people = run.people;
    this.onPages = onPages;
    this.read = read;
    this.patience = patience;
  }

  /** What another has read already. @param {ArrayBuffer} buffer */
  take(buffer) {
    this.pages.take(buffer);
  }

  /** Sees to it that the skeletons around a frame come. @param {number} frame */
  ensure(frame) {
    this.#frame = Math.max(0, frame);
    if (!this.#isReading && !this.#isClosed) this.#next();
  }

  close() {
    this.#isClosed = true;
  }

  async #next() {
    const { frames, pageFrames } = this.pages;
    const wanted = frames > 0 ? wantedRange(this.#frame, frames, pageFrames, (frame) => this.pages.has(frame)) : null;
    if (!wanted) return;
    this.#isReading = true;
    try {
      // The page that is looked at comes alone when it is missing: the fewer bytes, the sooner.
      const isHere = this.pages.has(this.#frame);
      const buffer = await this.read(this.run.id, isHere ? wanted : [wanted[0], Math.min(wanted[0] + pageFrames, wanted[1])]);
      if (this.#isClosed) return;
      this.pages.take(buffer);
      while (this.pages.bytes > MOST_BYTES && this.pages.count > 6) this.pages.forgetFarthest(this.#frame);
      this.onPages();
    } catch {
      // Without a connection there is nothing to show; it is tried again.
      await new Promise((resolve) => setTimeout(resolve, this.patience));
    } finally {
      this.#isReading = false;
    }
    if (!this.#isClosed) this.#next();
  }
}

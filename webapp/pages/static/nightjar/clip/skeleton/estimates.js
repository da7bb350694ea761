// @ts-check
/** Asks workers for poses in drawn boxes and brings what they found; the row is the truth. */

import { ApiError, getJson, messageOf, postJson } from "nightjar/core/api.js";
import { readEstimate } from "nightjar/clip/skeleton/store.js";

/** @typedef {{id: number, state: string, start_frame: number, end_frame: number, found: number, job: {id: number, progress: number, error_message: string} | null}} Estimate */
/** @typedef {import("nightjar/clip/skeleton/pages.js").PosePages} PosePages */

const OVER = ["done", "failed", "cancelled"];
const LOOK_AGAIN_MS = 2500;

export class Estimates {
  /** @type {Map<number, Estimate>} */
  #known = new Map();
  /** @type {Set<number>} */
  #looking = new Set();

  /** @param {{found: (id: number, poses: PosePages) => void, changed: (estimate: Estimate) => void}} tell */
  constructor(tell) {
    this.tell = tell;
  }

  /** Estimates that are not over. */
  get waiting() {
    return [...this.#known.values()].filter(({ state }) => !OVER.includes(state));
  }

  /** @param {number} id */
  get(id) {
    return this.#known.get(id) ?? null;
  }

  /**
   * @param {number} video @param {number} frame @param {number} end_frame @param {readonly number[]} box_xyxy
   * @returns {Promise<Estimate>}
   */
  async ask(video, frame, end_frame, box_xyxy) {
    const estimate = await postJson(`videos/${video}/pose-estimates/`, { frame, end_frame, box_xyxy });
    this.#note(estimate);
    this.watch(estimate.id);
    return estimate;
  }

  /** Looks until it is over, then brings the poses. @param {number} id */
  async watch(id) {
    if (this.#looking.has(id)) return;
    this.#looking.add(id);
    try {
      for (;;) {
        const estimate = await this.#look(id);
        if (!estimate) return;
        if (OVER.includes(estimate.state)) {
          if (estimate.state === "done") this.tell.found(id, await readEstimate(id));
          return;
        }
        await new Promise((resolve) => this.#wakers.set(id, resolve) && setTimeout(resolve, LOOK_AGAIN_MS));
      }
    } catch (error) {
      console.info(`Estimate ${id}: ${messageOf(error)}`);
    } finally {
      this.#looking.delete(id);
    }
  }

  /** @type {Map<number, (value?: unknown) => void>} */
  #wakers = new Map();

  /** A hint from the server that something happened. @param {{kind: string, id?: number, job_kind?: string, subject_id?: number, state?: string, progress?: number}} event */
  hint({ kind, id, job_kind, subject_id, state, progress }) {
    if (kind === "estimate" && id !== undefined) this.#wakers.get(id)?.();
    const known = kind === "job" && job_kind === "estimate" ? this.#known.get(Number(subject_id)) : null;
    if (!known?.job) return;
    if (state && OVER.includes(state)) this.#wakers.get(known.id)?.();
    else this.#note({ ...known, state: state ?? known.state, job: { ...known.job, progress: progress ?? 0 } });
  }

  /** @param {number} id @returns {Promise<Estimate | null>} null: there is none any more */
  async #look(id) {
    for (;;) {
      try {
        const estimate = await getJson(`pose-estimates/${id}/`);
        this.#note(estimate);
        return estimate;
      } catch (error) {
        if (error instanceof ApiError && !error.isPassing) return null;
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  /** @param {Estimate} estimate */
  #note(estimate) {
    this.#known.set(estimate.id, estimate);
    this.tell.changed(estimate);
  }
}

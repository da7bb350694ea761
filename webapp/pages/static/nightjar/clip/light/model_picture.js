// @ts-check
/** Shows a still exactly as the pose network was given it, drawn by a worker from the original. */

import { getJson, postJson, request } from "nightjar/core/api.js";
import { h } from "nightjar/core/dom.js";

const ASK_AGAIN_MS = 700;
const STILL_MS = 250;
const PATIENCE_MS = 120_000;

/** @typedef {"none" | "waiting" | "shown" | "outdated" | "failed"} Exactness */

export class ModelPicture {
  #canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { class: "seen", hidden: true, "aria-hidden": "true", "data-testid": "seen-canvas" }));
  #told;
  #turn = 0;
  #timer = 0;

  /** @param {HTMLElement} screen @param {(state: Exactness) => void} told */
  constructor(screen, told) {
    this.#told = told;
    screen.append(this.#canvas);
  }

  /** Another frame is on screen, or nobody wants to see it any more. */
  hide() {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#canvas.hidden = true;
  }

  /**
   * Once the frame stands still.
   * @param {number} run @param {number} frame @param {number | null} split share of the width that stays free
   */
  show(run, frame, split) {
    this.hide();
    const turn = this.#turn;
    this.#told("waiting");
    this.#timer = Number(setTimeout(() => this.#fetch(run, frame, split, turn), STILL_MS));
  }

  /** @param {number | null} split */
  set split(split) {
    this.#canvas.style.clipPath = split === null ? "" : `inset(0 0 0 ${split * 100}%)`;
  }

  /** @param {number} run @param {number} frame @param {number | null} split @param {number} turn */
  async #fetch(run, frame, split, turn) {
    const isWanted = () => turn === this.#turn;
    try {
      const address = `runs/${run}/model-pictures/${frame}/`;
      let found = await getJson(address);
      if (isWanted() && found.state === "waiting") await postJson(address, {});
      const until = performance.now() + PATIENCE_MS;
      while (isWanted() && found.state === "waiting") {
        if (performance.now() > until) return this.#told("failed");
        await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
        found = await getJson(address);
      }
      if (!isWanted()) return;
      if (found.state === "outdated") return this.#told("outdated");
      const answer = await request(found.url.replace(/^\/api\//, ""), { headers: { Accept: "*/*" } });
      const picture = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
      if (!isWanted()) return picture.close();
      [this.#canvas.width, this.#canvas.height] = [picture.width, picture.height];
      this.#canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
      picture.close();
      this.split = split;
      this.#canvas.dataset.frame = String(frame);
      this.#canvas.hidden = false;
      this.#told("shown");
    } catch {
      if (isWanted()) this.#told("failed");
    }
  }
}

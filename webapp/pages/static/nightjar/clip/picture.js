// @ts-check
/** A frame as it is stored, on a canvas or as numbers. */

import { h } from "nightjar/core/dom.js";

/** @typedef {VideoFrame | HTMLVideoElement} Source may be padded by one column or row */

export class PlainPicture {
  canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { class: "picture" }));
  #context = this.canvas.getContext("2d", { alpha: false });

  /** @param {Source} source @param {number} width of the clip, px @param {number} height */
  show(source, width, height) {
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.#context?.drawImage(source, 0, 0, width, height, 0, 0, width, height);
  }
}

/**
 * @param {Source} source
 * @param {number} width of the clip, px
 * @param {number} height
 * @param {number} [toWidth] of the answer
 * @param {number} [toHeight]
 * @returns {ImageData | null}
 */
export function pixelsOf(source, width, height, toWidth = width, toHeight = height) {
  const context = new OffscreenCanvas(toWidth, toHeight).getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(source, 0, 0, width, height, 0, 0, toWidth, toHeight);
  return context.getImageData(0, 0, toWidth, toHeight);
}

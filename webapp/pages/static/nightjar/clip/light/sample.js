// @ts-check
/** A few pixels of a frame as it is recorded, as numbers. */

export const SAMPLE = { width: 256, height: 144 };

/** @type {OffscreenCanvasRenderingContext2D | null} */
let context = null;

/**
 * Pixels picked evenly, not averaged: noise and both ends of the scale stay in.
 * @param {VideoFrame | HTMLVideoElement} source may be padded
 * @param {number} width of the clip, px
 * @param {number} height
 * @returns {Uint8ClampedArray | null}
 */
export function samplePixels(source, width, height) {
  context ??= new OffscreenCanvas(SAMPLE.width, SAMPLE.height).getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0, width, height, 0, 0, SAMPLE.width, SAMPLE.height);
  return context.getImageData(0, 0, SAMPLE.width, SAMPLE.height).data;
}

// @ts-check
/** Which part of a clip playing keeps to, and how speeds and times read; pure. */

import { segmentById } from "nightjar/clip/model.js";

/** @typedef {import("nightjar/clip/shuttle_model.js").Range} Range */
/** @typedef {{start_frame: number, end_frame: number}} Part */

/**
 * Frames of what is selected: a person's own segment before a predicted one.
 * @param {{found: import("nightjar/clip/model.js").Found | null, selected: number | null, annotated: string | null, annotations?: {segments?: (Part & {target: string, deleted?: boolean})[]} | null}} state
 * @returns {Range | null}
 */
export function partSelected({ found, selected, annotated, annotations }) {
  const own = annotated === null ? null : annotations?.segments?.find(({ target, deleted }) => target === annotated && !deleted);
  const part = own ?? segmentById(found, selected);
  return part ? [part.start_frame, part.end_frame] : null;
}

/** A speed as people read it; backwards with a true minus. @param {number} speed */
export function speedText(speed) {
  return `${speed < 0 ? "−" : ""}${Number(Math.abs(speed).toFixed(2))}×`;
}

/** @param {number} seconds from the beginning of the clip */
export function timeText(seconds) {
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes ? `${minutes}:${rest.toFixed(3).padStart(6, "0")}` : `${rest.toFixed(3)} s`;
}

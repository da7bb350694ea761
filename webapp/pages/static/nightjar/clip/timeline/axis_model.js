// @ts-check
/** Which frames the time axis shows, and where each stands: zoom, pan and the ruler's ticks; pure. */

/** @typedef {{from: number, span: number}} View first frame shown (may be a part of one) and how many */
/** @typedef {{start: (frame: number) => number, at: (time: number) => number, end: number, count: number}} Clock */
/** @typedef {{frame: number, text: string, isMajor: boolean}} Tick */

/** Closer than this no axis goes: twelve frames fill it. */
export const LEAST_SPAN = 12;

/** The whole clip. @param {number} frames @returns {View} */
export function whole(frames) {
  return { from: 0, span: Math.max(1, frames) };
}

/** Keeps a view inside the clip. @param {View} view @param {number} frames @returns {View} */
export function within({ from, span }, frames) {
  const least = Math.min(LEAST_SPAN, Math.max(1, frames));
  const kept = Math.max(least, Math.min(Math.max(1, frames), span));
  return { span: kept, from: Math.max(0, Math.min(frames - kept, from)) };
}

/** @param {View} view @param {number} width @param {number} frame */
export const toX = ({ from, span }, width, frame) => ((frame - from) / span) * width;

/** Where between frames a place is; see `frameAt` for whole ones. @param {View} view @param {number} width @param {number} x */
export const toFrame = ({ from, span }, width, x) => from + (x / Math.max(1, width)) * span;

/** @param {View} view @param {number} width @param {number} x @param {number} frames */
export function frameAt(view, width, x, frames) {
  return Math.max(0, Math.min(frames - 1, Math.floor(toFrame(view, width, x))));
}

/**
 * Zooms so that what is at one frame stays where it is.
 * @param {View} view @param {number} factor below 1: closer @param {number} frame @param {number} frames
 */
export function zoomed(view, factor, frame, frames) {
  const { span } = within({ from: view.from, span: view.span * factor }, frames);
  const share = (frame - view.from) / view.span;
  return within({ from: frame - share * span, span }, frames);
}

/** @param {View} view @param {number} by frames @param {number} frames */
export function panned(view, by, frames) {
  return within({ from: view.from + by, span: view.span }, frames);
}

/**
 * The view that shows a frame: as it is where it does so already, else turned over like a page.
 * @param {View} view @param {number} frame @param {number} frames
 */
export function following(view, frame, frames) {
  if (frame >= view.from && frame + 1 <= view.from + view.span) return view;
  const isOn = frame >= view.from + view.span && frame < view.from + 2 * view.span;
  return within({ from: isOn ? frame - 0.1 * view.span : frame - view.span / 2, span: view.span }, frames);
}

/** The view that shows a range with some room around it. @param {number} start @param {number} end @param {number} frames */
export function around(start, end, frames) {
  const span = Math.max(LEAST_SPAN, 1.4 * (end - start));
  return within({ from: (start + end - span) / 2, span }, frames);
}

const STEPS = [1, 2, 5];
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** The smallest round number that is no smaller. @param {number} least */
export function roundStep(least) {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [...STEPS.map((step) => step * size), 10 * size].find((step) => step >= least) ?? 10 * size;
}

/**
 * Ticks at round frame numbers, about so many pixels apart.
 * @param {View} view @param {number} width @param {number} frames @param {number} [apart]
 * @returns {Tick[]}
 */
export function frameTicks(view, width, frames, apart = 76) {
  const step = roundStep((apart / Math.max(1, width)) * view.span);
  const first = Math.ceil(view.from / step) * step;
  const last = Math.min(frames - 1, view.from + view.span);
  const ticks = [];
  for (let frame = first; frame <= last; frame += step) ticks.push({ frame, text: String(frame), isMajor: true });
  return ticks;
}

/** @param {number} least seconds */
function timeStep(least) {
  if (least < 1) {
    const size = 10 ** Math.floor(Math.log10(Math.max(least, 1e-3)));
    return [...STEPS.map((step) => step * size), 10 * size].find((step) => step >= least - 1e-9) ?? 1;
  }
  return SECONDS.find((step) => step >= least) ?? Math.ceil(least / 3600) * 3600;
}

/**
 * Ticks at round times; of a clip whose frames are not evenly long they are not evenly apart.
 * @param {View} view @param {number} width @param {Clock} clock @param {number} [apart]
 * @returns {Tick[]}
 */
export function timeTicks(view, width, clock, apart = 84) {
  const zero = clock.start(0);
  const at = (/** @type {number} */ frame) => (frame >= clock.count ? clock.end : clock.start(frame)) - zero;
  const [first, last] = [at(Math.floor(view.from)), at(Math.ceil(view.from + view.span))];
  const step = timeStep(((last - first) * apart) / Math.max(1, width));
  const ticks = [];
  for (let n = Math.ceil(first / step - 1e-6); n * step <= last + 1e-6; n += 1) {
    const time = n * step;
    const frame = clock.at(time + zero + 1e-6);
    const length = at(frame + 1) - at(frame);
    const part = length > 0 ? (time - at(frame)) / length : 0;
    ticks.push({ frame: frame + Math.max(0, Math.min(1, part)), text: timeText(time, step), isMajor: true });
  }
  return ticks;
}

/** Minutes and seconds, with as many digits as the step needs. @param {number} time @param {number} [step] */
export function timeText(time, step = 0.001) {
  const digits = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  const total = Math.round(Math.max(0, time) * 10 ** digits) / 10 ** digits;
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  const seconds = (total % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

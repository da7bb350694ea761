// @ts-check
/** How fast, which way and between which frames a clip plays; pure. */

/** @typedef {import("nightjar/clip/frames.js").FrameClock} FrameClock */
/** @typedef {[number, number]} Range half-open, frames */

export const SPEEDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4];
const SHUTTLE = [1, 2, 4];

/** The next speed of the list. @param {number} rate @param {number} by 1 faster, -1 slower */
export function speedBeside(rate, by) {
  const beyond = by > 0 ? SPEEDS.find((speed) => speed > rate + 1e-9) : SPEEDS.findLast((speed) => speed < rate - 1e-9);
  return beyond ?? (by > 0 ? SPEEDS[SPEEDS.length - 1] : SPEEDS[0]);
}

/**
 * Each further press of the same way goes faster; the other way begins at 1 again.
 * @param {number} speed now; 0 stands still, below 0 runs back
 * @param {1 | -1} way
 */
export function shuttled(speed, way) {
  if (speed * way <= 0) return way;
  const faster = SHUTTLE.find((one) => one > Math.abs(speed) + 1e-9);
  return way * (faster ?? SHUTTLE[SHUTTLE.length - 1]);
}

/** @param {Range | null} range @param {number} count @returns {Range} never empty, inside the clip */
export function rangeWithin(range, count) {
  if (!range) return [0, count];
  const start = Math.max(0, Math.min(count - 1, Math.trunc(range[0])));
  return [start, Math.max(start + 1, Math.min(count, Math.trunc(range[1])))];
}

/** Where playing begins: from the start again where it is over, or outside. @param {number} frame @param {Range} range */
export function beginning(frame, [start, end]) {
  return frame < start || frame >= end - 1 ? start : frame;
}

/**
 * What to do with a frame that comes while a part plays.
 * @param {number} frame @param {Range} range @param {boolean} loop
 * @returns {{show: boolean, jump: number | null, stop: number | null}}
 */
export function verdictOn(frame, [start, end], loop) {
  if (frame >= start && frame < end) return { show: true, jump: null, stop: null };
  if (frame < start || loop) return { show: false, jump: start, stop: null };
  return { show: false, jump: null, stop: end - 1 };
}

/**
 * The frame at which a clip that runs back has arrived.
 * @param {FrameClock} clock
 * @param {number} from frame at which it began
 * @param {number} gone_s clip time that has run
 * @param {Range} range
 * @param {boolean} loop
 */
export function frameBack(clock, from, gone_s, [start, end], loop) {
  const first = clock.start(start);
  const last = end >= clock.count ? clock.end : clock.start(end);
  let time = clock.middle(Math.min(from, end - 1)) - gone_s;
  if (time < first && !loop) return { frame: start, isOver: true };
  if (time < first) time = last - ((first - time) % (last - first)) - 1e-9;
  return { frame: Math.max(start, Math.min(end - 1, clock.at(time))), isOver: false };
}

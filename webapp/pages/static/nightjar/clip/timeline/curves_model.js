// @ts-check
/** How sure the classifier is of each label over time, from stored window scores; pure. */

/** @typedef {import("nightjar/clip/model.js").Found} Found */
/**
 * @typedef {object} Window
 * @property {number} start
 * @property {number} end
 * @property {number} middle
 * @property {number} top share of the likeliest label
 * @property {ArrayLike<number>} shares 0 to 1 in the order of the labels
 */

export class Curves {
  /** @type {Map<number | null, Window[]>} */
  #byPerson = new Map();
  /** @type {Window[] | null} */
  #clip = null;

  /**
   * @param {number[]} labels ids
   * @param {{person: number, start: number, end: number, shares: ArrayLike<number>}[]} windows
   * @param {"windows" | "segments"} kind what the curves are of: windows, or one step a segment
   */
  constructor(labels, windows, kind) {
    this.labels = labels;
    this.kind = kind;
    for (const { person, start, end, shares } of windows) {
      const list = this.#byPerson.get(person) ?? [];
      if (!list.length) this.#byPerson.set(person, list);
      list.push({ start, end, shares, middle: (start + end - 1) >> 1, top: Math.max(...Array.from(shares)) });
    }
    for (const list of this.#byPerson.values()) list.sort((a, b) => a.middle - b.middle);
  }

  /** Windows of a person in the order of time. @param {number | null} person */
  ofPerson(person) {
    return this.#byPerson.get(person) ?? [];
  }

  /** The mean over everybody, about once a window. @returns {Window[]} */
  ofClip() {
    if (this.#clip) return this.#clip;
    /** @type {Map<number, Window[]>} */
    const cells = new Map();
    const all = [...this.#byPerson.values()].flat();
    const size = Math.max(1, ...[...this.#byPerson.values()].map((list) => list.length > 1 ? list[1].middle - list[0].middle : 1));
    for (const window of all) {
      const cell = Math.floor(window.middle / size);
      cells.set(cell, [...cells.get(cell) ?? [], window]);
    }
    this.#clip = [...cells.values()].map(meanOf).sort((a, b) => a.middle - b.middle);
    return this.#clip;
  }

  /** The label that is likeliest over a range, where anything is known. @param {number | null} person @param {number} start @param {number} end @returns {number | null} */
  likeliest(person, start, end) {
    const sums = this.labels.map(() => 0);
    for (const window of this.ofPerson(person)) {
      const shared = Math.min(end, window.end) - Math.max(start, window.start);
      if (shared > 0) sums.forEach((_, i) => (sums[i] += shared * window.shares[i]));
    }
    const best = sums.indexOf(Math.max(...sums));
    return best >= 0 && sums[best] > 0 ? this.labels[best] : null;
  }
}

/** @param {Window[]} windows at least one @returns {Window} */
function meanOf(windows) {
  const shares = Float32Array.from(windows[0].shares, (_, i) => windows.reduce((sum, one) => sum + one.shares[i], 0) / windows.length);
  const [start, end] = [Math.min(...windows.map((one) => one.start)), Math.max(...windows.map((one) => one.end))];
  return { start, end, middle: windows[0].middle, shares, top: Math.max(...shares) };
}

/** Person, start, end of each window before its shares. */
const HEAD_BYTES = 12;

/**
 * Little-endian: for each of N windows int32 person, start frame, end frame; then uint8 [N, L]
 * shares of 255.
 * @param {ArrayBuffer} buffer @param {number} count @param {number[]} labels
 */
export function readCurves(buffer, count, labels) {
  const wanted = count * (HEAD_BYTES + labels.length);
  if (buffer.byteLength !== wanted) throw new RangeError(`Expected ${wanted} bytes of curves, got ${buffer.byteLength}.`);
  const heads = new DataView(buffer, 0, count * HEAD_BYTES);
  const bytes = new Uint8Array(buffer, count * HEAD_BYTES);
  const windows = Array.from({ length: count }, (_, n) => ({
    person: heads.getInt32(n * HEAD_BYTES, true),
    start: heads.getInt32(n * HEAD_BYTES + 4, true),
    end: heads.getInt32(n * HEAD_BYTES + 8, true),
    shares: Float32Array.from(bytes.subarray(n * labels.length, (n + 1) * labels.length), (byte) => byte / 255),
  }));
  return new Curves(labels, windows, "windows");
}

/** One step a segment, where no windows are stored. @param {Found | null} found */
export function stepsOf(found) {
  const segments = (found?.tracks ?? []).flatMap(({ index, segments }) => segments.map((segment) => ({ person: index, ...segment })));
  const known = segments.flatMap(({ predicted }) => predicted?.probabilities ?? []);
  const labels = [...new Set(known.map(({ label }) => label.id))].sort((a, b) => a - b);
  const windows = segments.flatMap(({ person, start_frame, end_frame, predicted }) => {
    if (!predicted) return [];
    const shares = new Map(predicted.probabilities.map(({ label, probability }) => [label.id, probability]));
    return [{ person, start: start_frame, end: end_frame, shares: labels.map((label) => shares.get(label) ?? 0) }];
  });
  return new Curves(labels, windows, "segments");
}

/** @typedef {{x: number, y: number}} Point y: share 0 to 1; x in frames */

/**
 * One label's curve as few points: no more than one for each column of `perColumn` frames, which
 * keeps the highest, so that no short peak is lost. NaN parts stretches without windows.
 * @param {Window[]} windows by middle @param {number} label its place in the order
 * @param {number} from @param {number} to frames in sight @param {number} perColumn frames
 * @param {boolean} isStep
 * @returns {Point[]}
 */
export function course(windows, label, from, to, perColumn, isStep) {
  /** @type {Point[]} */
  const points = [];
  let last = -Infinity;
  let column = -Infinity;
  for (let n = firstIn(windows, from); n < windows.length; n += 1) {
    const { start, end, middle, shares } = windows[n];
    if (n > 0 && windows[n - 1].start > to) break;
    const share = shares[label];
    if (start > last && points.length) points.push({ x: NaN, y: NaN });
    if (isStep) points.push({ x: start, y: share }, { x: end, y: share });
    else if (start > last) points.push({ x: start, y: share }, { x: middle + 0.5, y: share });
    else if (Math.floor(middle / perColumn) === column) {
      const point = points[points.length - 1];
      if (share > point.y) point.y = share;
    } else points.push({ x: middle + 0.5, y: share });
    column = Math.floor(middle / perColumn);
    last = Math.max(last, end);
    const next = windows[n + 1];
    if (!isStep && (!next || next.start > last)) points.push({ x: end, y: share });
  }
  return points;
}

/** The window before the first that reaches into sight. @param {Window[]} windows @param {number} from */
function firstIn(windows, from) {
  let [low, high] = [0, windows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (windows[middle].end < from) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

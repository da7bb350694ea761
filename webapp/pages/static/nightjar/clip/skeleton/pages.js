// @ts-check
/** Reads packed skeletons where they lie: pages of numbers, none of them unpacked before it is drawn. Pure. */

const MAGIC = 0x53504a4e; // "NJPS", read as little-endian
const VERSION = 1;
const PAGE_HEAD = 12;
const ABSENT = -32768;

/**
 * @typedef {object} Page
 * @property {number} start first frame
 * @property {number} end one past the last
 * @property {Map<number, number>} rows place of each person who is there
 * @property {Int16Array} numbers boxes and joints, in steps of 1 / units px
 * @property {Uint8Array} scores the same bytes, of which the last of each record are scores
 */

/** @typedef {{units: number, joints: number, people: number, frames: number, pageFrames: number, first: number, pages: Page[]}} Message */

/**
 * @param {ArrayBuffer} buffer one answer of the server
 * @returns {Message}
 */
export function readMessage(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 32 || view.getUint32(0, true) !== MAGIC) throw new RangeError("Expected packed skeletons.");
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw new RangeError(`Expected packed skeletons of version ${VERSION}, got ${version}.`);
  const [units, joints, pageFrames, header, record] = [6, 8, 10, 12, 14].map((at) => view.getUint16(at, true));
  const [people, frames, count, first] = [16, 20, 24, 28].map((at) => view.getUint32(at, true));
  const pages = Array.from({ length: count }, (_, n) => readPage(buffer, view, view.getUint32(header + 4 * n, true), record));
  return { units, joints, people, frames, pageFrames, first, pages };
}

/** @param {ArrayBuffer} buffer @param {DataView} view @param {number} at @param {number} record @returns {Page} */
function readPage(buffer, view, at, record) {
  const start = view.getUint32(at, true);
  const [length, there] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
  const rows = new Map(Array.from({ length: there }, (_, row) => [view.getUint16(at + PAGE_HEAD + 2 * row, true), row]));
  const body = at + PAGE_HEAD + 4 * Math.ceil(there / 2);
  const bytes = there * length * record;
  if (body + bytes > buffer.byteLength) throw new RangeError("The packed skeletons are cut off.");
  return {
    start,
    end: start + length,
    rows,
    numbers: new Int16Array(buffer, body, bytes >> 1),
    scores: new Uint8Array(buffer, body, bytes),
  };
}

/** Skeletons of a clip of which some pages are here. */
export class PosePages {
  /** @type {Map<number, Page>} */
  #pages = new Map();
  #units = 16;

  /** @param {number} frames @param {number} joints */
  constructor(frames = 0, joints = 17) {
    this.frames = frames;
    this.joints = joints;
    this.people = 0;
    this.pageFrames = 256;
    this.bytes = 0;
  }

  /** Bytes of a record before its scores. */
  get #scoresAt() {
    return 2 * (4 + 2 * this.joints);
  }

  /** Numbers (of two bytes) of a record. */
  get #record() {
    return (this.#scoresAt + this.joints + 1) >> 1;
  }

  /** @param {ArrayBuffer} buffer */
  take(buffer) {
    const message = readMessage(buffer);
    [this.frames, this.joints, this.people] = [message.frames, message.joints, message.people];
    [this.pageFrames, this.#units] = [message.pageFrames, message.units];
    for (const page of message.pages) this.#put(page);
    return message;
  }

  /** @param {Page} page */
  #put(page) {
    const number = Math.floor(page.start / this.pageFrames);
    this.bytes += page.scores.byteLength - (this.#pages.get(number)?.scores.byteLength ?? 0);
    this.#pages.set(number, page);
  }

  /** @param {number} frame */
  has(frame) {
    return this.#pages.has(Math.floor(frame / this.pageFrames));
  }

  /** Forgets the page that is farthest from a frame. @param {number} frame */
  forgetFarthest(frame) {
    const here = Math.floor(frame / this.pageFrames);
    const far = [...this.#pages.keys()].reduce((a, b) => (Math.abs(a - here) >= Math.abs(b - here) ? a : b), here);
    this.bytes -= this.#pages.get(far)?.scores.byteLength ?? 0;
    this.#pages.delete(far);
  }

  /** Pages that are here. */
  get count() {
    return this.#pages.size;
  }

  /** @param {number} person @param {number} frame */
  isThere(person, frame) {
    const page = this.#page(frame);
    const at = page ? this.#at(page, person, frame) : -1;
    return at >= 0 && page !== undefined && page.numbers[at] !== ABSENT;
  }

  /** @param {number} person @param {number} frame @returns {[number, number, number, number] | null} */
  box(person, frame) {
    const page = this.#page(frame);
    const at = page ? this.#at(page, person, frame) : -1;
    if (!page || at < 0 || page.numbers[at] === ABSENT) return null;
    const { numbers } = page;
    const u = this.#units;
    return [numbers[at] / u, numbers[at + 1] / u, numbers[at + 2] / u, numbers[at + 3] / u];
  }

  /** @param {number} person @param {number} frame @param {number} joint @returns {[number, number, number] | null} */
  joint(person, frame, joint) {
    const page = this.#page(frame);
    const at = page ? this.#at(page, person, frame) : -1;
    if (!page || at < 0 || page.numbers[at] === ABSENT) return null;
    const place = at + 4 + 2 * joint;
    if (page.numbers[place] === ABSENT || page.numbers[place + 1] === ABSENT) return null;
    const score = page.scores[2 * at + this.#scoresAt + joint] / 255;
    return [page.numbers[place] / this.#units, page.numbers[place + 1] / this.#units, score];
  }

  /** @param {number} frame */
  #page(frame) {
    return frame < 0 ? undefined : this.#pages.get(Math.floor(frame / this.pageFrames));
  }

  /** Where a person's numbers begin, -1 where the person is not in the page. @param {Page} page @param {number} person @param {number} frame */
  #at(page, person, frame) {
    const row = page.rows.get(person);
    if (row === undefined || frame < page.start || frame >= page.end) return -1;
    return (row * (page.end - page.start) + frame - page.start) * this.#record;
  }
}

/**
 * Which frames to ask for next: the page of the frame on screen, then those around it.
 * @param {number} frame @param {number} frames @param {number} pageFrames
 * @param {(frame: number) => boolean} has
 * @param {{ahead?: number, behind?: number}} [reach] pages
 * @returns {[number, number] | null} a half-open range, or null where all are here
 */
export function wantedRange(frame, frames, pageFrames, has, { ahead = 3, behind = 1 } = {}) {
  const last = Math.ceil(frames / pageFrames) - 1;
  const here = Math.min(Math.floor(Math.max(0, frame) / pageFrames), last);
  const order = [here];
  for (let n = 1; n <= Math.max(ahead, behind); n++) {
    if (n <= ahead) order.push(here + n);
    if (n <= behind) order.push(here - n);
  }
  const missing = order.filter((n) => n >= 0 && n <= last && !has(n * pageFrames));
  if (!missing.length) return null;
  const first = missing[0];
  let end = first + 1;
  while (missing.includes(end)) end++;
  return [first * pageFrames, Math.min(end * pageFrames, frames)];
}

// @ts-check
/** Turns what people do on the timeline into edits of the log; pure. */

import { overlaps, rivals } from "nightjar/clip/timeline/overlap_model.js";

/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/timeline/overlap_model.js").Rule} Rule */
/** @typedef {{kind: "segment.create" | "segment.change" | "segment.delete", target: string, data: Record<string, unknown>}} Edit */
/** @typedef {{edits: Edit[], select: string | null}} Plan `select`: uuid to look at afterwards */
/** @typedef {() => string} NewId */

const NOTHING = /** @type {Plan} */ ({ edits: [], select: null });

/** @param {string} target @param {{person: number | null, start: number, end: number, label: number | null, origin: number | null}} bar @returns {Edit} */
export function create(target, { person, start, end, label, origin }) {
  return { kind: "segment.create", target, data: { person, start_frame: start, end_frame: end, label, origin } };
}

/** @param {string} target @param {Record<string, unknown>} data @returns {Edit} */
export const change = (target, data) => ({ kind: "segment.change", target, data });

/** @param {string} target @returns {Edit} */
export const drop = (target) => ({ kind: "segment.delete", target, data: {} });

/**
 * A range or label other than before. What was predicted stays as it is: a drawn segment above it
 * says what is right.
 * @param {Bar} bar @param {{start?: number, end?: number, label?: number | null}} wanted @param {NewId} newId
 * @returns {Plan}
 */
export function reshape(bar, wanted, newId) {
  const made = { ...bar, ...wanted };
  if (made.start === bar.start && made.end === bar.end && made.label === bar.label) return NOTHING;
  if (bar.kind === "predicted") {
    const target = newId();
    return { edits: [create(target, { ...made, origin: bar.id })], select: target };
  }
  /** @type {Record<string, unknown>} */
  const data = {};
  if (made.start !== bar.start) data.start_frame = made.start;
  if (made.end !== bar.end) data.end_frame = made.end;
  if (made.label !== bar.label) data.label = made.label;
  return { edits: [change(bar.target, data)], select: bar.target };
}

/** Two of one, parted where a frame begins. @param {Bar} bar @param {number} frame @param {NewId} newId @returns {Plan} */
export function split(bar, frame, newId) {
  if (frame <= bar.start || frame >= bar.end) return NOTHING;
  const second = newId();
  const origin = bar.kind === "predicted" ? bar.id : bar.origin;
  const rest = create(second, { ...bar, start: frame, origin });
  if (bar.kind === "drawn") return { edits: [change(bar.target, { end_frame: frame }), rest], select: second };
  return { edits: [create(newId(), { ...bar, end: frame, origin }), rest], select: second };
}

/** The bar that follows, to be joined with. @param {Bar[]} bars of one kind and lane, by time @param {Bar} bar */
export function following(bars, bar) {
  return bars.find((one) => one.key !== bar.key && one.start >= bar.end) ?? null;
}

/** One of two, with the first one's label, the gap between included. @param {Bar} a @param {Bar} b @param {NewId} newId @returns {Plan} */
export function join(a, b, newId) {
  const [start, end] = [Math.min(a.start, b.start), Math.max(a.end, b.end)];
  if (a.kind === "predicted") return reshape(a, { start, end }, newId);
  const grown = change(a.target, start === a.start ? { end_frame: end } : { start_frame: start, end_frame: end });
  return { edits: b.kind === "drawn" ? [drop(b.target), grown] : [grown], select: a.target };
}

/**
 * A label over a range, as a brush: what it may not overlap gives way, the same label grows.
 * @param {{person: number | null, start: number, end: number, label: number, origin?: number | null}} wanted
 * @param {Bar[]} drawn all drawn segments @param {Rule} rule @param {NewId} newId
 * @returns {Plan}
 */
export function paint(wanted, drawn, rule, newId) {
  const made = { ...wanted, origin: wanted.origin ?? null };
  /** @type {Edit[]} */
  const edits = [];
  for (const bar of rivals(drawn, rule, wanted.person).filter((one) => overlaps(one, wanted))) {
    if (bar.label === wanted.label && bar.person === wanted.person) {
      [made.start, made.end] = [Math.min(made.start, bar.start), Math.max(made.end, bar.end)];
      edits.push(drop(bar.target));
    } else edits.push(...giveWay(bar, wanted, newId));
  }
  const target = newId();
  return { edits: [...edits, create(target, made)], select: target };
}

/** @param {Bar} bar @param {{start: number, end: number}} range @param {NewId} newId @returns {Edit[]} */
function giveWay(bar, { start, end }, newId) {
  const [keepsLeft, keepsRight] = [bar.start < start, bar.end > end];
  if (keepsLeft && keepsRight) return [change(bar.target, { end_frame: start }), create(newId(), { ...bar, start: end })];
  if (keepsLeft) return [change(bar.target, { end_frame: start })];
  if (keepsRight) return [change(bar.target, { start_frame: end })];
  return [drop(bar.target)];
}

// @ts-check
/** What the clip page knows of people, segments and labels; pure. */

import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/library/model.js").Label} Label */
/** @typedef {Label & {hotkey: string, archived: boolean, examples: number, known_to_model: boolean, order: number}} FullLabel */
/** @typedef {{label: Label, probability: number}} Share */
/**
 * @typedef {object} Segment
 * @property {number} id
 * @property {number} start_frame
 * @property {number} end_frame
 * @property {number} version
 * @property {{label: Label, probability: number, probabilities: Share[]} | null} predicted
 * @property {{label: Label, source: "prediction" | "correction", author: string | null, created_at: string | null} | null} current
 */
/** @typedef {{id: number, index: number, start_frame: number, end_frame: number, segments: Segment[]}} Track */
/** @typedef {{treatment: string, averaged?: boolean, mean: number, contrast: number}} Exposure what a network saw of the clip, and the light that was measured */
/** @typedef {{classifier: number | null, classifier_sha256: string, training_set: string, pose_version: number | null, pose_sha256: string, pose_every: number, feature_version: string}} Provenance */

/**
 * @typedef {object} Found
 * @property {{id: number, people: number, frames: number, skeleton: import("nightjar/clip/overlay.js").Skeleton, main_segment?: number | null, pose_version?: {number: number} | null, exposure?: Record<string, Exposure>} | null} run
 * @property {{id: number, number: number} | null} classifier
 * @property {Provenance | null} [provenance]
 * @property {string | null} poses_url
 * @property {Track[]} tracks
 */

/** @param {Track[]} tracks @returns {Segment[]} */
export function segmentsOf(tracks) {
  return tracks.flatMap(({ segments }) => segments);
}

/**
 * The segment that stands for the clip: the longest of the longest track.
 * @param {Found | null} found
 * @returns {Segment | null}
 */
export function mainSegment(found) {
  if (!found) return null;
  const named = segmentsOf(found.tracks).find(({ id }) => id === found.run?.main_segment);
  if (named) return named;
  const length = (/** @type {{start_frame: number, end_frame: number}} */ { start_frame, end_frame }) => end_frame - start_frame;
  const longest = (/** @type {any[]} */ all) => all.reduce((best, one) => (!best || length(one) > length(best) ? one : best), null);
  return longest(longest(found.tracks.filter(({ segments }) => segments.length))?.segments ?? []);
}

/** @param {Found | null} found @param {number | null} id */
export function segmentById(found, id) {
  return segmentsOf(found?.tracks ?? []).find((segment) => segment.id === id) ?? null;
}

/** @param {Found} found @param {number} segmentId */
export function trackOf(found, segmentId) {
  return found.tracks.find(({ segments }) => segments.some(({ id }) => id === segmentId)) ?? null;
}

/** @param {Track} track @param {number} frame */
export function segmentAt(track, frame) {
  return track.segments.find(({ start_frame, end_frame }) => start_frame <= frame && frame < end_frame) ?? null;
}

/** @param {Found} found @param {number | null} id @param {number} by */
export function neighbour(found, id, by) {
  const all = segmentsOf(found.tracks);
  const at = all.findIndex((segment) => segment.id === id);
  return all[Math.max(0, Math.min(all.length - 1, at + by))] ?? null;
}

/**
 * @param {Found} found
 * @param {Segment} fresh
 * @returns {Found}
 */
export function withSegment(found, fresh) {
  const tracks = found.tracks.map((track) => ({
    ...track,
    segments: track.segments.map((old) => old.id === fresh.id ? { ...old, ...fresh } : old),
  }));
  return { ...found, tracks };
}

/**
 * Joins what was just read with what is shown: an answer that was on its way while a label was
 * saved must not bring back what the segment was before.
 * @param {Found | null} shown
 * @param {Found | null} fresh
 * @returns {Found | null}
 */
export function newestOf(shown, fresh) {
  if (!fresh || !shown || shown.run?.id !== fresh.run?.id) return fresh;
  return segmentsOf(shown.tracks).reduce((found, segment) => {
    const other = segmentById(found, segment.id);
    return other && other.version < segment.version ? withSegment(found, segment) : found;
  }, fresh);
}

/**
 * One row for each label that may be given, in the order of the label set.
 * @param {FullLabel[]} labels
 * @param {Segment | null} segment
 */
export function palette(labels, segment) {
  const shares = new Map(segment?.predicted?.probabilities.map(({ label, probability }) => [label.id, probability]));
  return labels.filter(({ archived }) => !archived).map((label) => ({
    label,
    probability: shares.get(label.id) ?? null,
    isPredicted: segment?.predicted?.label.id === label.id,
    isCurrent: segment?.current?.label.id === label.id,
    hasNoExamples: !label.known_to_model && !shares.has(label.id) && label.examples === 0,
    waitsForTraining: !label.known_to_model && !shares.has(label.id) && label.examples > 0,
  }));
}

const TREATED = /** @type {Record<string, string>} */ ({
  raw: t("the frames as they are"),
  gamma: t("frames brightened by gamma"),
  clahe: t("frames of evened local contrast (CLAHE)"),
  curve: t("frames brightened by the learnt curve"),
});

/**
 * What the networks saw of a clip, and the light that was measured; empty where nobody knows.
 * @param {Record<string, Exposure> | undefined} exposure
 */
export function lightText(exposure) {
  const { detector, pose } = exposure ?? {};
  const measured = detector ?? pose;
  if (!measured) return "";
  const frames = (/** @type {Exposure} */ { treatment, averaged }) => {
    const lit = TREATED[treatment] ?? t("frames treated by {name}", { name: treatment });
    return averaged ? t("{frames}, averaged over time where nothing moved", { frames: lit }) : lit;
  };
  const values = {
    mean: (100 * measured.mean).toFixed(measured.mean < 0.1 ? 1 : 0),
    contrast: measured.contrast.toFixed(0),
    frames: frames(measured),
    posed: frames(pose ?? measured),
  };
  if (detector && pose && frames(detector) !== frames(pose)) {
    return t("Brightness {mean} %, contrast {contrast} × the noise: the detector saw {frames}, the pose network saw {posed}", values);
  }
  if (detector && pose) return t("Brightness {mean} %, contrast {contrast} × the noise: the networks saw {frames}", values);
  if (detector) return t("Brightness {mean} %, contrast {contrast} × the noise: the detector saw {frames}", values);
  return t("Brightness {mean} %, contrast {contrast} × the noise: the pose network saw {frames}", values);
}

/** @param {number} index */
export const personName = (index) => t("Person {number}", { number: index + 1 });

/** Ticks of a ruler: round distances, about `most` of them. @param {number} frames @param {number} [most] */
export function ticks(frames, most = 10) {
  const rough = Math.max(1, frames / most);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * size).find((n) => n >= rough) ?? rough;
  return Array.from({ length: Math.ceil(frames / step) }, (_, i) => Math.round(i * step));
}

/** @param {number[]} ids @param {number} id @param {number} by */
export function idBeside(ids, id, by) {
  const at = ids.indexOf(id);
  if (at < 0) return by > 0 ? ids[0] ?? null : ids.at(-1) ?? null;
  return ids[at + by] ?? null;
}

/** What made a clip's predictions, in words. @param {Provenance | null | undefined} provenance */
export function provenanceInWords(provenance) {
  if (!provenance?.classifier) return "";
  const { classifier, training_set, pose_version, pose_sha256, feature_version } = provenance;
  const set = training_set ? t("training set {hash}", { hash: training_set.slice(0, 8) }) : t("an unknown training set");
  const weights = pose_version ? t("pose version {number}", { number: pose_version }) : t("shipped pose weights");
  const pose = [weights, pose_sha256?.slice(0, 8)].filter(Boolean).join(" ");
  return t("Predictions by classifier version {number}, learned from {set}; {pose}; features {features}", { number: classifier, set, pose, features: feature_version });
}

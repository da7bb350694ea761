// @ts-check
/** What the pose page knows of networks, changes and adaptations; pure. */

import { t } from "nightjar/core/i18n.js";

/** @typedef {import("nightjar/training/model.js").Job} Job */
/** @typedef {import("nightjar/core/events.js").ProjectEvent} ProjectEvent */
/** @typedef {{id: number, number: number, kind: string, state: string, every: number}} Brief null in its place: the shipped network */
/**
 * @typedef {object} Facts
 * @property {string} name
 * @property {string} note
 * @property {number} parameters
 * @property {number} joints
 * @property {string} skeleton
 * @property {number[]} image
 * @property {boolean} is_large
 * @property {string} sha256
 */
/** @typedef {Brief & {source_name: string, facts: Facts, created_by: string | null, created_at: string, activated_at: string | null}} Version */
/** @typedef {{total: number, done: number, failed: number, progress: number}} Counts */
/** @typedef {{id: number, state: string, to_version: Brief | null, from_version: Brief | null, is_rollback: boolean, clips: Counts, created_by: string, created_at: string}} Change */
/** @typedef {{active: Version | null, shipped: Facts, analysed: number, outdated: number, running: Change | null}} Pose */
/** @typedef {{id: number, name: string, size_bytes: number, received_bytes: number, state: string, job: Job | null, version: Version | null, misfits: Record<string, string[]>, created_by: string, created_at: string}} Import */
/** @typedef {Record<string, number>} Point */
/**
 * @typedef {object} Adaptation
 * @property {number} id
 * @property {string} state
 * @property {Job | null} job
 * @property {Brief | null} teacher
 * @property {Brief | null} start
 * @property {{minutes: number, steps: number | null, by_keypoints?: boolean, held_out?: string[]}} config
 * @property {number[]} clips
 * @property {Point[]} curve
 * @property {Record<string, number>} before
 * @property {Record<string, number>} after
 * @property {boolean | null} improved
 * @property {number} clips_used
 * @property {[string, string][]} clips_skipped
 * @property {number} seconds
 * @property {Version | null} candidate
 * @property {string} created_by
 * @property {string} created_at
 * @property {string | null} finished_at
 */
/** @typedef {{clips: number, with_keypoints: number, keypoint_files: number, can_adapt: boolean, reason: string, start: Brief | null}} CanAdapt */

/** @param {{number: number} | null | undefined} version */
export function nameOf(version) {
  return version ? t("version {number}", { number: version.number }) : t("the shipped network");
}

/** Who labels an adaptation's clips. @param {Pick<Adaptation, "teacher" | "config">} adaptation */
export function teacherName({ teacher, config }) {
  return config.by_keypoints ? t("keypoint files") : nameOf(teacher);
}

/** Names that a person wrote one behind the other. @param {string} text */
export function namesIn(text) {
  return text.split(/[,;\n]/).map((name) => name.trim()).filter(Boolean);
}

/** How often a network looks. @param {number} every */
export function oftenInWords(every) {
  if (every === 1) return t("every frame");
  if (every === 2) return t("every 2nd frame");
  if (every === 3) return t("every 3rd frame");
  return t("every {count}th frame", { count: every });
}

/** @param {string} text */
export function capital(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : text;
}

/** @param {number} count of parameters */
export function sizeInWords(count) {
  if (count >= 1e6) return t("{count} M parameters", { count: (count / 1e6).toFixed(1) });
  if (count >= 1e3) return t("{count} k parameters", { count: Math.round(count / 1e3) });
  return t("{count} parameters", { count });
}

/** @type {Record<string, string>} */
const ORDERS = {
  coco17: t("COCO order"),
  posetrack17: t("PoseTrack order: the head's ends in place of the eyes"),
};

/** @param {Facts} facts */
export function jointsInWords({ joints, skeleton }) {
  return t("{count} joints, {order}", { count: joints, order: ORDERS[skeleton] ?? skeleton });
}

/** @param {Facts} facts */
export function factsInWords(facts) {
  const crop = facts.image.length === 2 ? t("crops of {width} × {height} px", { width: facts.image[0], height: facts.image[1] }) : "";
  return [sizeInWords(facts.parameters), jointsInWords(facts), crop].filter(Boolean).join(" · ");
}

/**
 * How the share of joints hit moved, in points; sure only where the whole interval says so.
 * @param {Record<string, number>} before @param {Record<string, number>} after
 * @returns {{text: string, tone: "better" | "worse" | "same"}}
 */
export function gainOf(before, after) {
  const points = after.gain ?? after.pck - before.pck;
  if (!Number.isFinite(points)) return { text: "", tone: "same" };
  if (Math.abs(points) < 0.05) return { text: "±0.0", tone: "same" };
  const text = `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;
  const [low, high] = [after.gain_low ?? points, after.gain_high ?? points];
  return { text, tone: low > 0 ? "better" : high < 0 ? "worse" : "same" };
}

/** @param {Record<string, number>} figures @param {string} name such as pck */
export function intervalOf(figures, name) {
  const [low, high] = [figures[`${name}_low`], figures[`${name}_high`]];
  return low === undefined || high === undefined ? "" : t("{low} to {high}", { low: low.toFixed(1), high: high.toFixed(1) });
}

/** Curves as charts want them, by step. @param {Point[]} curve @returns {Point[]} */
export function bySteps(curve) {
  return curve.map((point) => ({ ...point, epoch: point.step }));
}

/** @type {Record<string, string>} */
const FAULTS = {
  missing: t("Expected, but not in the file"),
  unknown: t("In the file, but not part of the network"),
  "of another shape": t("Of another shape"),
  "not finite": t("With numbers that are not finite"),
};

/**
 * Names of weights that did not fit, a few of each kind first.
 * @param {Record<string, string[]>} misfits @param {number} [most]
 */
export function misfitRows(misfits, most = 200) {
  return Object.entries(misfits)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => ({
      kind,
      title: FAULTS[kind] ?? capital(kind),
      count: names.length,
      names: names.slice(0, most),
      more: Math.max(0, names.length - most),
    }));
}

/** The adaptation whose figures are worth a look: one that waits for a decision, else the newest. @param {Adaptation[]} all */
export function adaptationToShow(all) {
  const done = all.filter(({ state, candidate }) => state === "done" && candidate);
  return done.find(({ candidate }) => candidate?.state === "candidate") ?? done[0] ?? null;
}

/** The newest import, where people should still hear of it: at work, or failed. @param {Import[]} all newest first */
export function importToShow(all) {
  const newest = all.find(({ state }) => state !== "receiving");
  return newest && ["queued", "running", "failed"].includes(newest.state) ? newest : null;
}

/** @param {Pose | null} pose @param {ProjectEvent} event of kind pose_change */
export function applyChange(pose, event) {
  const running = pose?.running;
  if (!pose || !running || running.id !== event.id || event.state !== "running") {
    return { pose, mustRead: true };
  }
  const { total, done, failed, progress } = event;
  const isFurther = done + failed > running.clips.done + running.clips.failed;
  return { pose: { ...pose, running: { ...running, clips: { total, done, failed, progress } } }, mustRead: isFurther };
}

/**
 * @param {Adaptation[]} all @param {ProjectEvent} event of kind adaptation
 * @returns {{all: Adaptation[], mustRead: boolean}}
 */
export function applyAdaptation(all, event) {
  const one = all.find(({ id }) => id === event.id);
  if (!one || one.state !== event.state) return { all, mustRead: true };
  const point = /** @type {Point | undefined} */ (event.point);
  if (!point) return { all, mustRead: false };
  const curve = [...one.curve.filter(({ step }) => step < point.step), point];
  return { all: all.map((other) => (other === one ? { ...one, curve } : other)), mustRead: false };
}

/** @type {Record<string, string>} */
const STAGES = {
  load: t("Loading"),
  label: t("The teacher looks at the clips"),
  train: t("Learning"),
  measure: t("Measuring on held-out clips"),
  storing: t("Storing"),
  reading: t("Reading the checkpoint"),
};

/** @param {Job | null} job */
export function stageOf(job) {
  if (!job || job.state === "queued") return t("Waiting for a free worker");
  return STAGES[job.stage] ?? capital(job.stage || "working");
}

// @ts-check
/** Turns what people do to skeletons into edits for the log; pure. */

import { newPerson } from "nightjar/clip/skeleton/people.js";

/** @typedef {import("nightjar/clip/skeleton/edited.js").EditedPoses} EditedPoses */
/** @typedef {import("nightjar/clip/skeleton/edited.js").EditedJoint} EditedJoint */
/** @typedef {import("nightjar/clip/skeleton/edited.js").JointState} JointState */
/** @typedef {import("nightjar/clip/skeleton/edited.js").Pose} Pose */
/** @typedef {Record<string, EditedJoint>} Joints */
/** @typedef {{kind: string, target: string, data: Record<string, any>}} Change */

/** O goes round these. @type {JointState[]} */
export const STATES = ["seen", "occluded", "outside"];

const rounded = (/** @type {number} */ value) => Math.round(value * 100) / 100;

/** @param {Pose} pose @param {readonly string[]} names @param {boolean} [all] false: only those that people placed @returns {Joints} */
export function jointsOf(pose, names, all = true) {
  /** @type {Joints} */
  const joints = {};
  pose.joints.forEach((joint, at) => {
    if (joint && (all || joint.edited)) joints[names[at]] = [rounded(joint.x), rounded(joint.y), joint.state];
  });
  return joints;
}

/**
 * Joints put somewhere at a frame; those that were placed or interpolated there stay as they are.
 * @param {EditedPoses} edited @param {number} person @param {number} frame @param {Joints} joints
 * @param {{source?: number}} [how] source: whose pose it becomes where nobody is there yet
 * @returns {Change | null} null: the person is not there
 */
export function withJoints(edited, person, frame, joints, how = {}) {
  const source = edited.sourceOf(person, frame) ?? how.source ?? null;
  if (source === null) return null;
  const pose = edited.pose(person, frame);
  const kept = pose ? jointsOf(pose, edited.names, false) : {};
  const clean = Object.fromEntries(Object.entries(joints).map(([name, [x, y, state]]) => [name, [rounded(x), rounded(y), state]]));
  const data = { joints: { ...kept, ...clean }, keyframe: true, tween: Boolean(pose?.tween) };
  return { kind: "pose.set", target: `${source}:${frame}`, data };
}

/** @param {EditedPoses} edited @param {number} person @param {number} frame @param {number} joint @param {number} x @param {number} y */
export function jointMoved(edited, person, frame, joint, x, y) {
  const before = edited.pose(person, frame)?.joints[joint];
  // Whoever puts a joint somewhere means that it is in the picture.
  const state = before?.state === "occluded" ? "occluded" : "seen";
  return withJoints(edited, person, frame, { [edited.names[joint]]: [x, y, state] });
}

/** @param {EditedPoses} edited @param {number} person @param {number} frame @param {number} joint @param {JointState} [state] without: the next one */
export function jointMarked(edited, person, frame, joint, state) {
  const before = edited.pose(person, frame)?.joints[joint];
  if (!before) return null;
  const next = state ?? STATES[(STATES.indexOf(before.state) + 1) % STATES.length];
  return withJoints(edited, person, frame, { [edited.names[joint]]: [before.x, before.y, next] });
}

/** Pins the whole pose as it is seen. @param {EditedPoses} edited @param {number} person @param {number} frame */
export function keyframeHere(edited, person, frame) {
  const pose = edited.pose(person, frame);
  return pose && withJoints(edited, person, frame, jointsOf(pose, edited.names));
}

/** The pose of the frame before, put on this one. @param {EditedPoses} edited @param {number} person @param {number} frame */
export function previousCopied(edited, person, frame) {
  const pose = edited.pose(person, frame - 1);
  return pose && withJoints(edited, person, frame, jointsOf(pose, edited.names), { source: pose.source });
}

/**
 * The frames between the keyframes around this one are interpolated, or no longer.
 * @param {EditedPoses} edited @param {number} person @param {number} frame
 * @returns {{change: Change | null, frames: [number, number] | null, isOn: boolean}}
 */
export function interpolated(edited, person, frame) {
  const source = edited.sourceOf(person, frame) ?? person;
  const { before, after } = edited.around(source, frame);
  const isKey = edited.editAt(source, frame) !== null;
  // On a keyframe it is about the frames behind it, on the last one about those before.
  const [from, to] = isKey && after !== null ? [frame, after] : isKey ? [before, frame] : [before, after];
  if (from === null || to === null) return { change: null, frames: null, isOn: false };
  const edit = edited.editAt(source, to);
  const data = { joints: edit?.joints ?? {}, keyframe: true, tween: !edit?.tween };
  return { change: { kind: "pose.set", target: `${source}:${to}`, data }, frames: [from, to], isOn: data.tween };
}

/** As the run had it. @param {EditedPoses} edited @param {number} person @param {number} frame @returns {Change | null} */
export function poseCleared(edited, person, frame) {
  const source = edited.sourceOf(person, frame);
  return source !== null && edited.editAt(source, frame) ? { kind: "pose.clear", target: `${source}:${frame}`, data: {} } : null;
}

/**
 * All joints moved and scaled about a point.
 * @param {EditedPoses} edited @param {number} person @param {number} frame
 * @param {{dx?: number, dy?: number, factor?: number, about?: [number, number] | null}} by
 */
export function wholeMoved(edited, person, frame, { dx = 0, dy = 0, factor = 1, about = null }) {
  const pose = edited.pose(person, frame);
  if (!pose) return null;
  const [cx, cy] = about ?? middleOf(pose);
  const joints = Object.fromEntries(Object.entries(jointsOf(pose, edited.names)).map(([name, [x, y, state]]) =>
    [name, /** @type {EditedJoint} */ ([cx + (x - cx) * factor + dx, cy + (y - cy) * factor + dy, state])]
  ));
  return withJoints(edited, person, frame, joints);
}

/** @param {Pose} pose @returns {[number, number]} */
export function middleOf({ box, joints }) {
  if (box) return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const there = joints.flatMap((joint) => (joint ? [joint] : []));
  const mean = (/** @type {number[]} */ values) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  return [mean(there.map(({ x }) => x)), mean(there.map(({ y }) => y))];
}

// People, from a frame on ------------------------------------------------------------------

/** @param {string} id @param {number} person @param {number} frame @returns {Change} */
export const personDeleted = (id, person, frame) => ({ kind: "track.delete", target: id, data: { person, frame } });

/** @param {string} id @param {number} person @param {number} other @param {number} frame @returns {Change} */
export const peopleSwapped = (id, person, other, frame) => ({ kind: "track.swap", target: id, data: { person, other, frame } });

/** @param {string} id @param {number} person @param {number} other @param {number} frame @returns {Change} */
export const peopleMerged = (id, person, other, frame) => ({ kind: "track.merge", target: id, data: { person, other, frame } });

/** @param {string} id @param {number} person @param {number} frame @returns {Change} */
export const personSplit = (id, person, frame) => ({ kind: "track.split", target: id, data: { person, other: newPerson(), frame } });

/** @param {string} id @param {number} frame @param {readonly number[]} box @param {number | null} estimate @returns {Change} */
export function personAdded(id, frame, box, estimate) {
  return { kind: "track.add", target: id, data: { person: newPerson(), frame, box_xyxy: box.map(rounded), estimate } };
}

/** Where joints lie in the box of somebody who stands: shares of its width and height. @type {Record<string, [number, number]>} */
const FIGURE = {
  head_top: [0.5, 0.02], nose: [0.5, 0.09], head_bottom: [0.5, 0.17],
  left_eye: [0.54, 0.075], right_eye: [0.46, 0.075], left_ear: [0.58, 0.09], right_ear: [0.42, 0.09],
  left_shoulder: [0.68, 0.2], right_shoulder: [0.32, 0.2], left_elbow: [0.78, 0.35], right_elbow: [0.22, 0.35],
  left_wrist: [0.82, 0.49], right_wrist: [0.18, 0.49], left_hip: [0.6, 0.52], right_hip: [0.4, 0.52],
  left_knee: [0.61, 0.74], right_knee: [0.39, 0.74], left_ankle: [0.61, 0.95], right_ankle: [0.39, 0.95],
};

/** A standing figure to begin with, where no worker can be asked. @param {readonly number[]} box @param {readonly string[]} names @returns {Joints} */
export function figureIn([x1, y1, x2, y2], names) {
  return Object.fromEntries(names.map((name) => {
    const [u, v] = FIGURE[name] ?? [0.5, 0.5];
    return [name, /** @type {EditedJoint} */ ([rounded(x1 + u * (x2 - x1)), rounded(y1 + v * (y2 - y1)), "seen"])];
  }));
}

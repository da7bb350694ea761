// @ts-check
/** What is shown of people: the run's poses with people's edits over them; pure. */

import { everybody, FIRST_ADDED, inOrder, kindOf, sourcesOf } from "nightjar/clip/skeleton/people.js";

/** @typedef {import("nightjar/clip/skeleton/people.js").TrackChange} TrackChange */
/** @typedef {"seen" | "occluded" | "outside"} JointState */
/** @typedef {[number, number, JointState]} EditedJoint */
/** @typedef {{x: number, y: number, score: number, state: JointState, edited: boolean}} Joint */
/** @typedef {[number, number, number, number]} Box */
/**
 * @typedef {object} PoseEdit
 * @property {string} target "source:frame"
 * @property {Record<string, EditedJoint>} joints
 * @property {boolean} [keyframe]
 * @property {boolean} [tween] the frames since the keyframe before are interpolated
 * @property {boolean} [deleted]
 */
/** @typedef {{joints: (Joint | null)[], box: Box | null, source: number, keyframe: boolean, tween: boolean}} Pose */
/**
 * @typedef {object} Base
 * @property {number} people
 * @property {number} frames
 * @property {(person: number, frame: number) => boolean} isThere
 * @property {(person: number, frame: number) => Box | null} box
 * @property {(person: number, frame: number, joint: number) => [number, number, number] | null} joint
 */
/** @typedef {{frames: number[], edits: Map<number, PoseEdit>}} Keyframes */

/** Of a joint that a person has placed. */
export const SCORES = { seen: 1, occluded: 0.5, outside: 0 };

const NOTHING = /** @type {Keyframes} */ ({ frames: [], edits: new Map() });

export class EditedPoses {
  /** @type {readonly TrackChange[]} */
  #changes = [];
  /** @type {Map<number, Keyframes>} */
  #edits = new Map();
  /** @type {Map<number, TrackChange>} */
  #added = new Map();
  /** @type {Map<number, Base>} */
  #estimates = new Map();
  /** @type {unknown[]} */
  #read = [];
  /** @type {{source: number, frame: number, edit: PoseEdit} | null} */
  #draft = null;

  /** @param {Base} base @param {readonly string[]} joints names, in the order of the base */
  constructor(base, joints) {
    this.base = base;
    this.names = joints;
  }

  /**
   * Takes note of what people have done; lists that are the same objects as before cost nothing.
   * @param {readonly PoseEdit[]} poses @param {readonly TrackChange[]} tracks
   */
  update(poses, tracks) {
    if (this.#read[0] !== poses) this.#edits = bySource(poses);
    if (this.#read[1] !== tracks) {
      this.#changes = inOrder(tracks);
      this.#added = new Map(this.#changes.filter((one) => kindOf(one) === "add").map((one) => [one.person, one]));
    }
    this.#read = [poses, tracks];
  }

  /** What a worker found for somebody who was added. @param {number} id @param {Base} poses */
  estimated(id, poses) {
    this.#estimates.set(id, poses);
  }

  /** Estimates that are wanted and not here. @returns {number[]} */
  get missing() {
    const wanted = [...this.#added.values()].flatMap(({ estimate }) => (typeof estimate === "number" ? [estimate] : []));
    return wanted.filter((id) => !this.#estimates.has(id));
  }

  /**
   * A joint under somebody's finger, which is not saved yet; null when it is let go.
   * @param {{source: number, frame: number, edit: PoseEdit} | null} draft
   */
  draft(draft) {
    this.#draft = draft;
  }

  /** Keys of everybody who may be seen. */
  get people() {
    return everybody(this.base.people, this.#changes);
  }

  /** Changes of people that count, in order. */
  get changes() {
    return this.#changes;
  }

  /** Whose pose a person shows at a frame; null where nobody is there. @param {number} person @param {number} frame @returns {number | null} */
  sourceOf(person, frame) {
    if (!this.#changes.length) return this.#isThere(person, frame) ? person : null;
    return sourcesOf(this.#changes, person, frame).find((source) => this.#isThere(source, frame)) ?? null;
  }

  /** @param {number} person @param {number} frame @returns {Pose | null} */
  pose(person, frame) {
    const source = this.sourceOf(person, frame);
    return source === null ? null : this.#pose(source, frame);
  }

  /** The edit that is stored (or under a finger) for a source at a frame. @param {number} source @param {number} frame @returns {PoseEdit | null} */
  editAt(source, frame) {
    const draft = this.#draft;
    if (draft && draft.source === source && draft.frame === frame) return draft.edit;
    return this.#keyframes(source).edits.get(frame) ?? null;
  }

  /** Frames of a person's keyframes, as that person is seen now. @param {number} person @returns {number[]} */
  keyframesOf(person) {
    const found = new Set();
    const sources = this.#changes.length ? this.#sources(person) : [person];
    for (const source of sources) {
      for (const frame of this.#keyframes(source).frames) if (this.sourceOf(person, frame) === source) found.add(frame);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The keyframes before and after a frame, of what is shown there. @param {number} source @param {number} frame */
  around(source, frame) {
    return around(this.#keyframes(source).frames, frame);
  }

  /** @param {number} person */
  #sources(person) {
    const frames = new Set([0, ...this.#changes.map((change) => change.frame)]);
    return new Set([...frames].flatMap((frame) => sourcesOf(this.#changes, person, frame)));
  }

  /** @param {number} source */
  #keyframes(source) {
    return this.#edits.get(source) ?? NOTHING;
  }

  /** @param {number} source @returns {{poses: Base, person: number} | null} */
  #below(source) {
    if (source < FIRST_ADDED) return { poses: this.base, person: source };
    const estimate = this.#added.get(source)?.estimate;
    const poses = typeof estimate === "number" ? this.#estimates.get(estimate) : undefined;
    return poses ? { poses, person: 0 } : null;
  }

  /** @param {number} source @param {number} frame */
  #isThere(source, frame) {
    const below = this.#below(source);
    if (below?.poses.isThere(below.person, frame) || this.editAt(source, frame)) return true;
    if (this.#added.get(source)?.frame === frame) return true;
    return this.#tween(source, frame) !== null;
  }

  /** @param {number} source @param {number} frame */
  #tween(source, frame) {
    const { frames, edits } = this.#keyframes(source);
    if (frames.length < 2) return null;
    const { before, after } = around(frames, frame);
    if (before === null || after === null || !edits.get(after)?.tween) return null;
    return { before, after, share: (frame - before) / (after - before) };
  }

  /** @param {number} source @param {number} frame @returns {Pose} */
  #pose(source, frame) {
    const below = this.#below(source);
    const edit = this.editAt(source, frame);
    const tween = edit ? null : this.#tween(source, frame);
    const isThere = below?.poses.isThere(below.person, frame) ?? false;
    const joints = this.names.map((name, joint) =>
      placed(edit?.joints[name]) ??
        (tween ? this.#between(source, tween, joint, isThere) : null) ??
        this.#found(source, frame, joint)
    );
    const isTouched = Boolean(edit && Object.keys(edit.joints).length) || tween !== null;
    const found = below?.poses.box(below.person, frame) ?? this.#drawnBox(source, frame);
    const box = isTouched ? boxOf(joints) ?? found : found;
    return { joints, box, source, keyframe: Boolean(edit?.keyframe), tween: tween !== null || Boolean(edit?.tween) };
  }

  /** @param {number} source @param {number} frame @returns {Box | null} */
  #drawnBox(source, frame) {
    const added = this.#added.get(source);
    if (added?.frame !== frame || added.box_xyxy?.length !== 4) return null;
    const [x1, y1, x2, y2] = added.box_xyxy;
    return [x1, y1, x2, y2];
  }

  /** @param {number} source @param {number} frame @param {number} joint @returns {Joint | null} */
  #found(source, frame, joint) {
    const below = this.#below(source);
    const found = below?.poses.joint(below.person, frame, joint);
    return found ? { x: found[0], y: found[1], score: found[2], state: "seen", edited: false } : null;
  }

  /**
   * A joint on the straight line between two keyframes: where one of them moved it, or where
   * nothing was found in between.
   * @param {number} source @param {{before: number, after: number, share: number}} tween
   * @param {number} joint @param {boolean} isThere @returns {Joint | null}
   */
  #between(source, { before, after, share }, joint, isThere) {
    const name = this.names[joint];
    const { edits } = this.#keyframes(source);
    const [first, last] = [edits.get(before)?.joints[name], edits.get(after)?.joints[name]];
    if (isThere && !first && !last) return null;
    const [a, b] = [
      placed(first) ?? this.#found(source, before, joint),
      placed(last) ?? this.#found(source, after, joint),
    ];
    if (!a || !b) return null;
    const mix = (/** @type {number} */ from, /** @type {number} */ to) => from + (to - from) * share;
    return { x: mix(a.x, b.x), y: mix(a.y, b.y), score: mix(a.score, b.score), state: a.state, edited: true };
  }
}

/** @param {EditedJoint | undefined} joint @returns {Joint | null} */
function placed(joint) {
  if (!joint) return null;
  const [x, y, state] = joint;
  return { x, y, score: SCORES[state] ?? 1, state, edited: true };
}

/** @param {readonly PoseEdit[]} poses @returns {Map<number, Keyframes>} */
function bySource(poses) {
  /** @type {Map<number, Keyframes>} */
  const found = new Map();
  for (const pose of poses) {
    if (pose.deleted) continue;
    const [source, frame] = pose.target.split(":").map(Number);
    /** @type {Keyframes} */
    const of = found.get(source) ?? { frames: [], edits: new Map() };
    of.edits.set(frame, pose);
    if (pose.keyframe !== false) of.frames.push(frame);
    found.set(source, of);
  }
  for (const { frames } of found.values()) frames.sort((a, b) => a - b);
  return found;
}

/**
 * The neighbours of a frame among sorted ones, not counting itself.
 * @param {readonly number[]} frames @param {number} frame
 * @returns {{before: number | null, after: number | null}}
 */
export function around(frames, frame) {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle] < frame) low = middle + 1;
    else high = middle;
  }
  const after = frames[low] === frame ? low + 1 : low;
  return { before: frames[low - 1] ?? null, after: frames[after] ?? null };
}

/** The box of joints with a margin, as detectors draw it. @param {readonly (Joint | null)[]} joints @returns {Box | null} */
function boxOf(joints) {
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const joint of joints) {
    if (!joint || joint.state === "outside") continue;
    [x1, y1, x2, y2] = [Math.min(x1, joint.x), Math.min(y1, joint.y), Math.max(x2, joint.x), Math.max(y2, joint.y)];
  }
  if (x1 > x2) return null;
  const [dx, dy] = [0.1 * (x2 - x1), 0.1 * (y2 - y1)];
  return [x1 - dx, y1 - dy, x2 + dx, y2 + dy];
}

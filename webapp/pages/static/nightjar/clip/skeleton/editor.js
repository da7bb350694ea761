// @ts-check
/** Changes skeletons: keeps what is under a finger or a key as a draft, then makes one edit of it. */

import { announce, toast } from "nightjar/core/notices.js";
import { t } from "nightjar/core/i18n.js";
import { jointMarked, jointMoved, wholeMoved } from "nightjar/clip/skeleton/changes.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/skeleton/changes.js").Change} Change */
/** @typedef {import("nightjar/clip/skeleton/edited.js").EditedPoses} EditedPoses */

/** So long after the last key a nudge is saved. */
const NUDGE_MS = 300;

export class Editor {
  /** @type {Change | null} */
  #draft = null;
  #timer = 0;

  /** @param {Bench} bench @param {() => EditedPoses | null} poses @param {() => void} redraw */
  constructor(bench, poses, redraw) {
    this.bench = bench;
    this.poses = poses;
    this.redraw = redraw;
  }

  get canEdit() {
    return this.bench.boot.can.review && this.bench.edits !== null && this.poses() !== null;
  }

  /** @param {Change | null} change @param {string} [said] what a screen reader hears */
  make(change, said) {
    if (!change || !this.canEdit) return false;
    this.bench.edits.make(change);
    this.bench.redraw();
    if (said) announce(said);
    return true;
  }

  /** Shows an edit that is not saved yet. @param {Change | null} change of a pose */
  show(change) {
    if (!change) return;
    this.#draft = change;
    const [source, frame] = change.target.split(":").map(Number);
    const edit = /** @type {any} */ ({ target: change.target, ...change.data });
    this.poses()?.draft({ source, frame, edit });
    this.redraw();
  }

  /** Saves what was shown. @param {string} [said] */
  commit(said) {
    clearTimeout(this.#timer);
    const change = this.#draft;
    this.#draft = null;
    this.poses()?.draft(null);
    if (change) this.make(change, said);
  }

  /** Forgets what was shown. */
  cancel() {
    clearTimeout(this.#timer);
    this.#draft = null;
    this.poses()?.draft(null);
    this.redraw();
  }

  /** What is seen without the draft, which every step of a drag starts from. @template T @param {(poses: EditedPoses) => T} read @returns {T | null} */
  #below(read) {
    const poses = this.poses();
    if (!poses) return null;
    poses.draft(null);
    return read(poses);
  }

  /** @param {number} person @param {number} frame @param {number} joint @param {number} x @param {number} y */
  moveJoint(person, frame, joint, x, y) {
    this.show(this.#below((poses) => jointMoved(poses, person, frame, joint, x, y)));
  }

  /** @param {number} person @param {number} frame @param {{dx?: number, dy?: number, factor?: number}} by */
  moveWhole(person, frame, by) {
    this.show(this.#below((poses) => wholeMoved(poses, person, frame, by)));
  }

  /** A joint moved by keys: several steps are one edit. @param {number} person @param {number} frame @param {number} joint @param {number} dx @param {number} dy */
  nudge(person, frame, joint, dx, dy) {
    const poses = this.poses();
    const place = poses?.pose(person, frame)?.joints[joint];
    if (!poses || !place) return void announce(t("This joint is not here"));
    this.show(jointMoved(poses, person, frame, joint, place.x + dx, place.y + dy));
    this.#later(t("{joint} at {x}, {y}", { joint: poses.names[joint], x: Math.round(place.x + dx), y: Math.round(place.y + dy) }));
  }

  /** The whole skeleton moved or scaled by keys. @param {number} person @param {number} frame @param {{dx?: number, dy?: number, factor?: number}} by */
  nudgeWhole(person, frame, by) {
    const poses = this.poses();
    this.show(poses && wholeMoved(poses, person, frame, by));
    this.#later(t("Skeleton moved"));
  }

  /** @param {number} person @param {number} frame @param {number | null} joint */
  mark(person, frame, joint) {
    this.commit();
    if (joint === null) return toast(t("Choose a joint first: click on it, or use the keys of the joints."), "warm");
    const change = this.#below((poses) => jointMarked(poses, person, frame, joint));
    const name = this.poses()?.names[joint] ?? "";
    this.make(change, change ? `${name}: ${stateName(change.data.joints[name][2])}` : "");
  }

  /** @param {string} said */
  #later(said) {
    clearTimeout(this.#timer);
    this.#timer = Number(setTimeout(() => this.commit(said), NUDGE_MS));
  }
}

/** @param {string} state */
export function stateName(state) {
  return { seen: t("seen"), occluded: t("occluded"), outside: t("outside the picture") }[state] ?? state;
}

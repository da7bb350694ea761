// @ts-check
/** What lies under a pointer, and who stands next to whom; pure. */

/** @typedef {import("nightjar/clip/skeleton/edited.js").EditedPoses} EditedPoses */

/**
 * The joint nearest to a place, the selected person's before others'.
 * @param {EditedPoses} edited @param {number} frame @param {number} x @param {number} y px
 * @param {number} reach px
 * @param {{person?: number | null, people?: readonly number[], isHidden?: (joint: number) => boolean}} [how]
 * @returns {{person: number, joint: number} | null}
 */
export function jointAt(edited, frame, x, y, reach, { person = null, people = edited.people, isHidden = () => false } = {}) {
  let found = null;
  let best = Infinity;
  for (const one of people) {
    const pose = edited.pose(one, frame);
    pose?.joints.forEach((joint, at) => {
      if (!joint || joint.state === "outside" || isHidden(at)) return;
      const away = Math.hypot(joint.x - x, joint.y - y);
      const rank = away * (one === person ? 0.5 : 1);
      if (away <= reach && rank < best) [found, best] = [{ person: one, joint: at }, rank];
    });
  }
  return found;
}

/**
 * Whose box holds a place; of several the smallest.
 * @param {EditedPoses} edited @param {number} frame @param {number} x @param {number} y
 * @returns {number | null}
 */
export function personAt(edited, frame, x, y) {
  let found = null;
  let least = Infinity;
  for (const person of edited.people) {
    const box = edited.pose(person, frame)?.box;
    if (!box || x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    if (area < least) [found, least] = [person, area];
  }
  return found;
}

/**
 * The other person who is nearest at a frame (or was last seen within some frames): whom a swap
 * or a merge most likely means.
 * @param {EditedPoses} edited @param {number} person @param {number} frame @param {number} [within]
 * @returns {number | null}
 */
export function nearestOther(edited, person, frame, within = 0) {
  const mine = lastBox(edited, person, frame, within);
  let [found, least] = [/** @type {number | null} */ (null), Infinity];
  for (const other of edited.people) {
    const box = other === person ? null : lastBox(edited, other, frame, within);
    if (!box) continue;
    const away = mine ? Math.hypot(box[0] + box[2] - mine[0] - mine[2], box[1] + box[3] - mine[1] - mine[3]) : 0;
    if (away < least) [found, least] = [other, away];
  }
  return found;
}

/** @param {EditedPoses} edited @param {number} person @param {number} frame @param {number} within */
function lastBox(edited, person, frame, within) {
  for (let n = 0; n <= within; n++) {
    const box = edited.pose(person, frame - n)?.box;
    if (box) return box;
  }
  return null;
}

/**
 * A box drawn from corner to corner, the right way round and inside the picture.
 * @param {[number, number]} from @param {[number, number]} to @param {number} width @param {number} height
 * @returns {[number, number, number, number]}
 */
export function boxBetween([x1, y1], [x2, y2], width, height) {
  const within = (/** @type {number} */ value, /** @type {number} */ size) => Math.max(-0.5, Math.min(size - 0.5, value));
  return [within(Math.min(x1, x2), width), within(Math.min(y1, y2), height), within(Math.max(x1, x2), width), within(Math.max(y1, y2), height)];
}

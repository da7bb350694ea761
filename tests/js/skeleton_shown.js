// @ts-check
/** Prints what the page shows of people, for a comparison with what trainings read. */

import { EditedPoses } from "nightjar/clip/skeleton/edited.js";

/** @typedef {(number | null)[][]} Boxes frames of [x1, y1, x2, y2] */
/** @typedef {(number | null)[][][]} Joints frames of joints of [x, y, score] */

/** @param {Boxes[]} boxes @param {Joints[]} joints @param {number} start first frame */
function base(boxes, joints, start = 0) {
  const isThere = (/** @type {number} */ p, /** @type {number} */ n) => typeof boxes[p]?.[n - start]?.[0] === "number";
  const box = (/** @type {number} */ p, /** @type {number} */ n) => (isThere(p, n) ? /** @type {[number, number, number, number]} */ (boxes[p][n - start]) : null);
  const joint = (/** @type {number} */ p, /** @type {number} */ n, /** @type {number} */ k) => (isThere(p, n) ? /** @type {[number, number, number]} */ (joints[p][n - start][k]) : null);
  return { people: boxes.length, frames: boxes[0]?.length ?? 0, isThere, box, joint };
}

const cases = JSON.parse(await new Response(Deno.stdin.readable).text());
const shown = cases.map((/** @type {any} */ one) => {
  const found = new EditedPoses(base(one.boxes, one.joints), one.names);
  found.update(one.poses, one.tracks);
  for (const [id, { start, boxes, joints }] of Object.entries(one.estimates)) found.estimated(Number(id), base([boxes], [joints], /** @type {number} */ (start)));
  const frames = Array.from({ length: one.frames }, (_, n) => n);
  return found.people.map((person) => [person, frames.map((frame) => {
    const pose = found.pose(person, frame);
    return pose && { box: pose.box, joints: pose.joints.map((joint) => joint && [joint.x, joint.y, joint.score]) };
  })]);
});
console.log(JSON.stringify(shown));

// @ts-check
import { strict as assert } from "node:assert";
import { EditedPoses } from "nightjar/clip/skeleton/edited.js";
import cases from "../data/edited_poses.json" with { type: "json" };

/** Cases that the server's own projection is held to as well. @type {any} */
const SHARED = cases;

/** Everybody at x = 100 person + frame. @param {(person: number, frame: number) => boolean} isThere */
const walkers = (isThere) => ({
  people: SHARED.people,
  frames: SHARED.frames,
  isThere,
  /** @param {number} p @param {number} n @returns {[number, number, number, number] | null} */
  box: (p, n) => (isThere(p, n) ? [100 * p + n - 5, 0, 100 * p + n + 5, 20] : null),
  /** @param {number} p @param {number} n @param {number} joint @returns {[number, number, number] | null} */
  joint: (p, n, joint) => (isThere(p, n) ? [100 * p + n, 10 * joint, 0.7] : null),
});

for (const { name, poses, tracks, estimate, shown } of SHARED.cases) {
  Deno.test(`the page and the server show the same: ${name}`, () => {
    const edited = new EditedPoses(walkers((p, n) => n >= 0 && n < (SHARED.gone[p] ?? 0)), SHARED.joints);
    edited.update(poses, tracks);
    if (estimate) {
      const { id, start, frames } = estimate;
      edited.estimated(id, walkers((p, n) => p === 0 && n >= start && n < start + frames));
    }
    for (const [person, frame, xs] of shown) {
      const found = edited.pose(person, frame)?.joints.map((joint) => joint?.x ?? null) ?? null;
      assert.deepEqual(found, xs, `person ${person} in frame ${frame}`);
    }
  });
}

// @ts-check
/** Skeletons and boxes over the frame, as the run found them. */

import { request } from "nightjar/core/api.js";
import { show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { peopleAt } from "nightjar/clip/model.js";
import { drawScene } from "nightjar/clip/overlay.js";
import { Poses } from "nightjar/clip/poses.js";

/** @param {import("nightjar/clip/clips.js").Facts} facts */
async function readPoses({ found }) {
  if (!found?.run) return null;
  const path = (found.poses_url ?? `/api/runs/${found.run.id}/poses/`).replace(/^\/api\//, "");
  const response = await request(path, { headers: { Accept: "*/*" } });
  const [people, frames, joints] = ["X-People", "X-Frames", "X-Joints"].map((name) => Number(response.headers.get(name)));
  return new Poses(await response.arrayBuffer(), people, frames, joints);
}

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, page } = bench;
  /** @type {Poses | null} */
  let poses = null;
  bench.addLoader("poses", readPoses);
  bench.on("leave", () => poses = null);
  bench.on("clip", ({ loaded }) => {
    poses = loaded.poses;
    bench.redraw();
  });
  bench.addPainter(20, (context, frame, scale, unit) => {
    const { found, selected, showSkeleton, showBoxes } = page.get();
    if (!poses || !found?.run) return [];
    const people = peopleAt(found, frame, selected);
    return drawScene(context, { poses, skeleton: found.run.skeleton, people, showSkeleton, showBoxes }, frame, scale, unit);
  });
  const group = t("See");
  actions.addAll([
    { id: "skeleton.toggle", group, name: t("Skeleton"), keys: ["H"], run: () => bench.prefer({ showSkeleton: !page.get().showSkeleton }) },
    { id: "skeleton.boxes", group, name: t("Boxes"), keys: ["B"], run: () => bench.prefer({ showBoxes: !page.get().showBoxes }) },
  ]);
  const place = bench.tools("skeleton", 20);
  bench.on("render", ({ showSkeleton, showBoxes }) =>
    show(place,
      bench.button("skeleton.toggle", "figure", { pressed: showSkeleton, "data-testid": "toggle-skeleton" }),
      bench.button("skeleton.boxes", "box", { pressed: showBoxes })));
}

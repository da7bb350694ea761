// @ts-check
/** The lanes below the player, and the keys that walk along them. */

import { show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { neighbour } from "nightjar/clip/model.js";
import { scrubbing, timelineView } from "nightjar/clip/timeline.js";

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, page, places: { lanes }, player } = bench;
  const walk = (/** @type {number} */ by) => {
    const { found, selected } = page.get();
    const next = found && neighbour(found, selected, by);
    if (next) bench.choose({ selected: next.id, annotated: null }, { jump: true });
  };
  const group = t("Timeline");
  actions.addAll([
    { id: "timeline.segment-previous", group, name: t("Segment before"), keys: ["ArrowUp"], repeat: true, run: () => walk(-1) },
    { id: "timeline.segment-next", group, name: t("Segment after"), keys: ["ArrowDown"], repeat: true, run: () => walk(1) },
    {
      id: "timeline.select", group, name: t("Select a segment"), keys: [], when: () => page.get().found !== null,
      run: (_event, element) => bench.choose({ selected: Number(element?.dataset.segment), annotated: null }),
    },
  ]);
  bench.on("render", ({ found, frames, selected }) => {
    show(lanes, timelineView(found, frames, selected));
    movePlayhead();
  });
  bench.on("frame", movePlayhead);
  scrubbing(lanes, () => page.get().frames, (frame) => player.seek(frame));

  function movePlayhead() {
    const { frames } = page.get();
    lanes.style.setProperty("--at", String(frames ? (Math.max(0, player.frame) + 0.5) / frames : 0));
  }
}

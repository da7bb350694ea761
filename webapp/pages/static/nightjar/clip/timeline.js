// @ts-check
/** The lanes below the player: a ruler, and one lane a person with its segments. */

import { h, icon } from "nightjar/core/dom.js";
import { percent } from "nightjar/core/format.js";
import { personName, ticks } from "nightjar/clip/model.js";

/** @typedef {import("nightjar/clip/model.js").Found} Found */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */

/**
 * @param {Found | null} found
 * @param {number} frames
 * @param {number | null} selected
 */
export function timelineView(found, frames, selected) {
  if (!frames) return null;
  const at = (/** @type {number} */ frame) => `${(frame / frames) * 100}%`;
  return [
    h(
      "div",
      { class: "lane ruler" },
      h("span", { class: "lane-name" }, "Frame"),
      h("div", { class: "lane-track" }, ticks(frames).map((frame) =>
        h("span", { class: "tick num", style: { left: at(frame) } }, frame)
      )),
    ),
    (found?.tracks ?? []).map((track) =>
      h(
        "div",
        { class: "lane", "data-key": `track-${track.id}`, "data-testid": "lane" },
        h("span", { class: "lane-name" }, personName(track.index)),
        h("div", { class: "lane-track" },
          h("span", { class: "presence", style: { left: at(track.start_frame), width: at(track.end_frame - track.start_frame) } }),
          track.segments.map((segment) => segmentView(segment, at, segment.id === selected))),
      )
    ),
    h("div", { class: "playhead-area", "aria-hidden": "true" }, h("span", { class: "playhead" })),
  ];
}

/** @param {Segment} segment @param {(frame: number) => string} at @param {boolean} isSelected */
function segmentView(segment, at, isSelected) {
  const { id, start_frame, end_frame, current, predicted } = segment;
  const isJudged = current?.source === "correction";
  const name = current?.label.name ?? "No label";
  const detail = isJudged ? `by ${current.author}` : predicted ? percent(predicted.probability) : "";
  return h(
    "button",
    {
      type: "button", class: `segment${isJudged ? " judged" : ""}`, "data-key": String(id), "data-action": "timeline.select",
      "data-segment": id, "data-testid": "segment", "data-label": current?.label.name ?? "", "data-source": current?.source ?? "",
      "aria-pressed": String(isSelected), tabindex: isSelected ? "0" : "-1",
      title: `${name}${detail ? `, ${detail}` : ""}: frames ${start_frame} to ${end_frame - 1}`,
      style: { left: at(start_frame), width: at(end_frame - start_frame), "--colour": current?.label.colour ?? "#6b7576" },
    },
    isJudged && icon("check"),
    h("span", { class: "segment-name" }, name),
    !isJudged && predicted && h("span", { class: "segment-share num" }, percent(predicted.probability)),
  );
}

/**
 * Dragging anywhere over the lanes moves the playhead.
 * @param {HTMLElement} area
 * @param {() => number} frames
 * @param {(frame: number) => void} onFrame
 */
export function scrubbing(area, frames, onFrame) {
  const frameUnder = (/** @type {PointerEvent} */ event) => {
    const lane = area.querySelector(".lane-track");
    if (!lane) return 0;
    const { left, width } = lane.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    return Math.max(0, Math.min(frames() - 1, Math.floor(share * frames())));
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !(event.target instanceof Element) || !event.target.closest(".lane-track")) return;
    onFrame(frameUnder(event));
    const move = (/** @type {PointerEvent} */ moved) => onFrame(frameUnder(moved));
    const stop = () => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
  });
}

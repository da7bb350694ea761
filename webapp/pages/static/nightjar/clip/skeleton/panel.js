// @ts-check
/** The skeletons' part of the side column and their buttons above the stage. */

import { h } from "nightjar/core/dom.js";
import { t, tn } from "nightjar/core/i18n.js";
import { GROUPS } from "nightjar/clip/skeleton/look.js";
import { stateName } from "nightjar/clip/skeleton/editor.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/skeleton/look.js").Look} Look */
/** @typedef {import("nightjar/clip/skeleton/edited.js").Pose} Pose */
/**
 * @typedef {object} Shown
 * @property {{key: number, name: string, hue: string, isHere: boolean, isChosen: boolean}[]} people
 * @property {number | null} person
 * @property {number | null} other whom a swap or a merge means
 * @property {Pose | null} pose of the person at the frame
 * @property {string[]} joints
 * @property {number | null} joint
 * @property {Look} look
 * @property {"look" | "joints" | "draw"} mode
 * @property {boolean} isOpen
 * @property {number} keyframes
 * @property {{id: number, progress: number}[]} estimates at work
 * @property {boolean} canEdit
 */

const COLOURING_NAMES = { side: t("Colours by side"), person: t("Colours by person"), score: t("Colours by confidence") };
const GROUP_NAMES = { head: t("Head"), arms: t("Arms"), legs: t("Legs") };

/** @param {Bench} bench @param {Shown} shown @param {boolean} showSkeleton @param {boolean} showBoxes */
export function barView(bench, { look, mode, canEdit }, showSkeleton, showBoxes) {
  return [
    bench.button("skeleton.toggle", "figure", { pressed: showSkeleton, "data-testid": "toggle-skeleton" }),
    bench.button("skeleton.boxes", "box", { pressed: showBoxes }),
    bench.button("skeleton.colouring", "colours", { pressed: look.colouring !== "side", name: COLOURING_NAMES[look.colouring], "data-colouring": look.colouring }),
    bench.button("skeleton.heat", "glow", { pressed: look.heat }),
    bench.button("skeleton.trails", "trail", { pressed: look.trail > 0 }),
    canEdit && bench.button("skeleton.joints", "joint", { pressed: mode === "joints" }),
    canEdit && bench.button("skeleton.draw", "person-add", { pressed: mode === "draw" }),
  ];
}

/** @param {Bench} bench @param {Shown} shown */
export function panelView(bench, shown) {
  const { people, isOpen } = shown;
  return h(
    "details",
    { class: "skeletons", open: isOpen, "data-testid": "skeletons" },
    h("summary", { "data-action": "skeleton.panel" }, h("h2", null, t("Skeletons")), h("span", { class: "muted num" }, tn(people.length, "{count} person", "{count} people"))),
    isOpen && [
      people.length ? peopleView(shown) : h("p", { class: "muted" }, t("Nobody was found in this clip.")),
      shown.estimates.map(({ id, progress }) =>
        h("p", { class: "muted estimate", "data-testid": "estimate", "data-key": `estimate-${id}` }, t("A worker looks for the person you drew…"), h("progress", { max: 1, value: progress, "aria-label": t("Progress") }))
      ),
      shown.canEdit && editView(bench, shown),
      jointsView(shown),
    ],
  );
}

/** @param {Shown} shown */
function peopleView({ people }) {
  return h("ul", { class: "people", "aria-label": t("People") }, people.map(({ key, name, hue, isHere, isChosen }) =>
    h("li", { "data-key": `person-${key}` },
      h("button", { type: "button", class: "person-row", "data-action": "skeleton.person", "data-person": key, "data-testid": "person", "aria-pressed": String(isChosen) },
        h("span", { class: "dot", style: { background: hue } }),
        h("span", { class: "grow" }, name),
        h("span", { class: "muted" }, isHere ? t("here") : t("not in this frame"))))
  ));
}

/** @param {Bench} bench @param {Shown} shown */
function editView(bench, { people, person, other, pose, keyframes, joint, joints }) {
  const others = people.filter(({ key }) => key !== person);
  const small = (/** @type {string} */ id, /** @type {string} */ text) => bench.button(id, "", { text, class: "button small" });
  return h("div", { class: "skeleton-edit" },
    h("div", { class: "button-row", role: "group", "aria-label": t("Pose in this frame") },
      bench.button("skeleton.keyframe-previous", "back"),
      bench.button("skeleton.keyframe-next", "forth"),
      small("skeleton.keyframe", pose?.keyframe ? t("Keyframe ◆") : t("Keyframe here")),
      small("skeleton.copy-previous", t("Copy previous")),
      small("skeleton.interpolate", pose?.tween ? t("Interpolated") : t("Interpolate")),
      small("skeleton.clear", t("Clear"))),
    h("p", { class: "muted num", role: "status" }, [
      tn(keyframes, "{count} keyframe", "{count} keyframes"),
      joint === null ? "" : ` · ${joints[joint]}`,
      pose && joint !== null && pose.joints[joint] ? ` · ${stateName(pose.joints[joint]?.state ?? "seen")}` : "",
    ].join("")),
    h("div", { class: "button-row", role: "group", "aria-label": t("People, from this frame on") },
      h("label", { class: "with" }, h("span", null, t("With")),
        h("select", { name: "other", "data-change": "other", disabled: !others.length },
          others.map(({ key, name }) => h("option", { value: key, selected: key === other }, name)))),
      small("skeleton.swap", t("Swap")),
      small("skeleton.merge", t("Merge")),
      small("skeleton.split", t("Split")),
      small("skeleton.delete", t("Delete"))));
}

/** @param {Shown} shown */
function jointsView({ joints, joint, look, pose }) {
  return [
    h("div", { class: "button-row", role: "group", "aria-label": t("Shown joints") },
      h("span", { class: "muted" }, t("Show")),
      Object.entries(GROUPS).map(([group, which]) => {
        const isShown = joints.some((name) => which.test(name) && !look.hidden.includes(name));
        return h("button", { type: "button", class: "button small quiet", "data-action": "skeleton.group", "data-group": group, "aria-pressed": String(isShown) }, GROUP_NAMES[/** @type {keyof typeof GROUPS} */ (group)]);
      })),
    h("details", { class: "joints" },
      h("summary", null, t("Joints")),
      h("ul", null, joints.map((name, at) => {
        const found = pose?.joints[at];
        const isHidden = look.hidden.includes(name);
        return h("li", { "data-key": `joint-${name}` },
          h("button", { type: "button", class: "person-row", "data-action": "skeleton.joint", "data-joint": at, "aria-pressed": String(at === joint) },
            h("span", { class: "grow" }, name.replaceAll("_", " ")),
            h("span", { class: "muted num" }, found ? found.edited ? stateName(found.state) : `${Math.round(found.score * 100)} %` : "–")),
          h("button", { type: "button", class: "button small quiet", "data-action": "skeleton.joint-visible", "data-joint": at, "aria-pressed": String(!isHidden), "aria-label": t("Show {joint}", { joint: name.replaceAll("_", " ") }) }, isHidden ? t("hidden") : t("shown")));
      }))),
  ];
}

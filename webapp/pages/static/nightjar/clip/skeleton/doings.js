// @ts-check
/** What people can do with skeletons, by name: keys, buttons and the help read it. */

import { announce, toast } from "nightjar/core/notices.js";
import { t, tn } from "nightjar/core/i18n.js";
import {
  interpolated, keyframeHere, peopleMerged, peopleSwapped, personDeleted, personSplit, poseCleared, previousCopied,
} from "nightjar/clip/skeleton/changes.js";
import { around } from "nightjar/clip/skeleton/edited.js";
import { nextColouring, TRAIL, withGroup, withJoint } from "nightjar/clip/skeleton/look.js";
import { nameOf } from "nightjar/clip/skeleton/who.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/actions.js").Action} Action */
/** @typedef {import("nightjar/clip/skeleton/tool.js").Skeletons} Skeletons */
/** @typedef {import("nightjar/clip/skeleton/changes.js").Change} Change */
/** @typedef {import("nightjar/clip/skeleton/edited.js").EditedPoses} EditedPoses */

/** A key each for four ways. @type {[string, number, number][]} */
const WAYS = [["ArrowLeft", -1, 0], ["ArrowRight", 1, 0], ["ArrowUp", 0, -1], ["ArrowDown", 0, 1]];
const FAR = 10;

/**
 * @param {Bench} bench @param {Skeletons} tool
 * @param {{cancel: () => boolean}} pointer
 */
export function addActions(bench, tool, pointer) {
  bench.actions.addAll([...looking(bench, tool), ...choosing(tool), ...posing(bench, tool), ...moving(tool), ...persons(bench, tool), ...drawing(tool, pointer)]);
}

/** @param {Bench} bench @param {Skeletons} tool @returns {Action[]} */
function looking(bench, tool) {
  const group = t("See");
  return [
    { id: "skeleton.toggle", group, name: t("Skeleton"), keys: ["H"], run: () => bench.prefer({ showSkeleton: !bench.page.get().showSkeleton }) },
    { id: "skeleton.boxes", group, name: t("Boxes"), keys: ["B"], run: () => bench.prefer({ showBoxes: !bench.page.get().showBoxes }) },
    { id: "skeleton.colouring", group, name: t("Colour skeletons by side, person or confidence"), keys: ["Shift+H"], run: () => tool.prefer({ colouring: nextColouring(tool.look.colouring) }) },
    { id: "skeleton.heat", group, name: t("Glow where joints are uncertain"), keys: ["U"], run: () => tool.prefer({ heat: !tool.look.heat }) },
    { id: "skeleton.trails", group, name: t("Trails of hands, feet and head"), keys: ["Shift+T"], run: () => tool.prefer({ trail: tool.look.trail ? 0 : TRAIL }) },
    { id: "skeleton.group", group, name: t("Show or hide a part of the body"), keys: [], run: (_event, element) => tool.prefer({ hidden: withGroup(tool.look.hidden, tool.edited?.names ?? [], /** @type {any} */ (element?.dataset.group)) }) },
    { id: "skeleton.joint-visible", group, name: t("Show or hide a joint"), keys: [], run: (_event, element) => tool.prefer({ hidden: withJoint(tool.look.hidden, tool.edited?.names[Number(element?.dataset.joint)] ?? "") }) },
    { id: "skeleton.panel", group, name: t("Skeletons in the side column"), keys: [], run: () => tool.open(!tool.isOpen) },
  ];
}

/** @param {Skeletons} tool @returns {Action[]} */
function choosing(tool) {
  const group = t("Skeletons");
  const isThere = () => Boolean(tool.edited?.people.length);
  const joints = () => tool.edited?.names.length ?? 0;
  const isPosing = () => tool.mode === "joints";
  /** @param {number} by */
  const nextPerson = (by) => {
    const people = tool.edited?.people ?? [];
    const here = people.filter((key) => tool.edited?.pose(key, tool.frame));
    const among = here.length ? here : people;
    const at = tool.person === null ? (by > 0 ? -1 : 0) : among.indexOf(tool.person);
    const next = among[(at + by + among.length) % among.length];
    tool.choose(next);
    announce(nameOf(next, people));
  };
  /** @param {number} by */
  const nextJoint = (by) => {
    tool.editor.commit();
    const hidden = tool.hidden;
    let at = tool.joint ?? (by > 0 ? -1 : 0);
    for (let n = 0; n < joints(); n++) {
      at = (at + by + joints()) % joints();
      if (!hidden.has(at)) break;
    }
    tool.joint = at;
    if (!isPosing()) tool.enter("joints");
    tool.refresh();
    announce(tool.edited?.names[at].replaceAll("_", " ") ?? "");
  };
  return [
    { id: "skeleton.person", group, name: t("Choose a person"), keys: [], run: (_event, element) => tool.choose(Number(element?.dataset.person)) },
    { id: "skeleton.person-next", group, name: t("Next person"), keys: ["`"], can: isThere, run: () => nextPerson(1) },
    { id: "skeleton.joints", group, name: t("Move joints"), keys: ["Shift+J"], can: () => isPosing() || (tool.editor.canEdit && tool.person !== null), run: () => tool.enter(isPosing() ? "look" : "joints") },
    { id: "skeleton.joint", group, name: t("Choose a joint"), keys: [], run: (_event, element) => tool.person !== null && tool.choose(tool.person, Number(element?.dataset.joint)) },
    { id: "skeleton.joint-previous", group, name: t("Joint before"), keys: [";"], repeat: true, can: () => tool.editor.canEdit && tool.person !== null, run: () => nextJoint(-1) },
    { id: "skeleton.joint-next", group, name: t("Joint after"), keys: ["'"], repeat: true, can: () => tool.editor.canEdit && tool.person !== null, run: () => nextJoint(1) },
  ];
}

/** @param {Bench} bench @param {Skeletons} tool @returns {Action[]} */
function posing({ player, page }, tool) {
  const group = t("Skeletons");
  const canEdit = () => tool.editor.canEdit && tool.person !== null;
  /** @param {(edited: EditedPoses, person: number, frame: number) => Change | null} make @param {string} said @param {string} none */
  const edit = (make, said, none) => {
    tool.editor.commit();
    const { edited, person, frame } = tool;
    if (!edited || person === null) return;
    if (!tool.editor.make(make(edited, person, frame), said)) toast(none, "warm");
  };
  const interpolate = () => {
    tool.editor.commit();
    const { edited, person, frame } = tool;
    if (!edited || person === null) return;
    const { change, frames, isOn } = interpolated(edited, person, frame);
    if (!change || !frames) return toast(t("There is no keyframe on both sides of this frame."), "warm");
    const range = { from: frames[0], to: frames[1] };
    tool.editor.make(change, isOn ? t("Interpolated from frame {from} to {to}", range) : t("No longer interpolated from frame {from} to {to}", range));
  };
  /** @param {"before" | "after"} way */
  const jump = (way) => {
    const { edited, person, frame } = tool;
    const keyframes = edited && person !== null ? edited.keyframesOf(person) : [];
    const to = around(keyframes, frame)[way];
    if (to !== null) player.seek(to);
    else announce(keyframes.length ? t("No keyframe further on this way") : tn(0, "{count} keyframe", "{count} keyframes"));
  };
  return [
    { id: "skeleton.mark", group, name: t("Joint seen, occluded or outside"), keys: ["O"], can: canEdit, run: () => tool.person !== null && tool.editor.mark(tool.person, tool.frame, tool.joint) },
    { id: "skeleton.keyframe", group, name: t("Keyframe here"), keys: ["Shift+K"], can: canEdit, run: () => edit(keyframeHere, t("Keyframe"), t("This person is not in this frame.")) },
    { id: "skeleton.keyframe-previous", group, name: t("Keyframe before"), keys: ["E"], repeat: true, can: () => page.get().frames > 0, run: () => jump("before") },
    { id: "skeleton.keyframe-next", group, name: t("Keyframe after"), keys: ["R"], repeat: true, can: () => page.get().frames > 0, run: () => jump("after") },
    { id: "skeleton.copy-previous", group, name: t("Copy the pose of the frame before"), keys: ["V"], can: canEdit, run: () => edit(previousCopied, t("Pose copied"), t("This person is not in the frame before.")) },
    { id: "skeleton.interpolate", group, name: t("Interpolate between keyframes"), keys: ["I"], can: canEdit, run: interpolate },
    { id: "skeleton.clear", group, name: t("Clear the edits of this frame"), keys: ["Shift+E"], can: canEdit, run: () => edit(poseCleared, t("Cleared"), t("Nobody has edited this pose.")) },
  ];
}

/** Keys that move what is chosen; they are borrowed while joints are moved or a box is drawn. @param {Skeletons} tool @returns {Action[]} */
function moving(tool) {
  const group = t("While joints are moved");
  const when = () => (tool.mode === "joints" && tool.person !== null && tool.joint !== null) || (tool.mode === "draw" && tool.boxes.box !== null);
  const isWhole = () => tool.mode === "joints" && tool.person !== null;
  /** @param {number} dx @param {number} dy @param {number} far @param {boolean} isShift */
  const nudge = (dx, dy, far, isShift) => {
    const { person, joint, frame } = tool;
    if (tool.mode === "draw") return isShift ? tool.boxes.nudge(dx * 4, dy * 4, true) : tool.boxes.nudge(dx * 4, dy * 4, false);
    if (person !== null && joint !== null) tool.editor.nudge(person, frame, joint, dx * far, dy * far);
  };
  /** @param {{dx?: number, dy?: number, factor?: number}} by */
  const whole = (by) => tool.person !== null && tool.editor.nudgeWhole(tool.person, tool.frame, by);
  const names = { ArrowLeft: t("left"), ArrowRight: t("right"), ArrowUp: t("up"), ArrowDown: t("down") };
  return [
    ...WAYS.flatMap(([key, dx, dy]) => {
      const way = names[/** @type {keyof typeof names} */ (key)];
      return [
        { id: `skeleton.nudge-${key.slice(5).toLowerCase()}`, group, name: t("Joint one pixel {way}", { way }), keys: [key], repeat: true, when, run: () => nudge(dx, dy, 1, false) },
        { id: `skeleton.far-${key.slice(5).toLowerCase()}`, group, name: t("Joint ten pixels {way}", { way }), keys: [`Shift+${key}`], repeat: true, when, run: () => nudge(dx, dy, FAR, true) },
        { id: `skeleton.whole-${key.slice(5).toLowerCase()}`, group, name: t("Whole skeleton {way}", { way }), keys: [`Alt+${key}`], repeat: true, when: isWhole, run: () => whole({ dx, dy }) },
      ];
    }),
    { id: "skeleton.larger", group, name: t("Whole skeleton larger"), keys: ["Alt+="], repeat: true, when: isWhole, run: () => whole({ factor: 1.02 }) },
    { id: "skeleton.smaller", group, name: t("Whole skeleton smaller"), keys: ["Alt+-"], repeat: true, when: isWhole, run: () => whole({ factor: 1 / 1.02 }) },
  ];
}

/** @param {Bench} bench @param {Skeletons} tool @returns {Action[]} */
function persons(bench, tool) {
  const group = t("People, from this frame on");
  const canEdit = () => tool.editor.canEdit && tool.person !== null;
  /** @param {(id: string, person: number, frame: number) => Change} make @param {string} said */
  const change = (make, said) => {
    tool.editor.commit();
    if (tool.person !== null) tool.editor.make(make(bench.edits.newId(), tool.person, tool.frame), said);
  };
  /** @param {(id: string, person: number, other: number, frame: number) => Change} make @param {(names: {a: string, b: string}) => string} said */
  const withOther = (make, said) => {
    const { partner, edited } = tool;
    if (partner === null || !edited) return toast(t("There is nobody else here."), "warm");
    const people = edited.people;
    const names = { a: nameOf(tool.person ?? 0, people), b: nameOf(partner, people) };
    change((id, person, frame) => make(id, person, partner, frame), said(names));
  };
  return [
    { id: "skeleton.swap", group, name: t("Swap with the other person"), keys: ["T"], can: canEdit, run: () => withOther(peopleSwapped, (names) => t("{a} and {b} swapped from here on", names)) },
    { id: "skeleton.merge", group, name: t("The other person goes on as this one"), keys: ["M"], can: canEdit, run: () => withOther(peopleMerged, (names) => t("{b} goes on as {a}", names)) },
    { id: "skeleton.split", group, name: t("Somebody else from here on"), keys: ["Shift+V"], can: canEdit, run: () => change(personSplit, t("Split")) },
    { id: "skeleton.delete", group, name: t("Delete the person"), keys: ["Delete"], can: canEdit, run: () => change(personDeleted, t("Deleted from this frame on")) },
  ];
}

/** @param {Skeletons} tool @param {{cancel: () => boolean}} pointer @returns {Action[]} */
function drawing(tool, pointer) {
  const group = t("Skeletons");
  const draw = () => {
    if (tool.mode === "draw") return tool.enter("look");
    tool.bench.player.pause();
    tool.enter("draw");
    tool.boxes.begin();
  };
  return [
    { id: "skeleton.draw", group, name: t("Draw a person who is missing"), keys: ["Shift+P"], can: () => tool.editor.canEdit, run: draw },
    { id: "skeleton.draw-done", group, name: t("Look for the pose in the box"), keys: ["Enter"], when: () => tool.mode === "draw" && tool.boxes.box !== null, run: () => tool.boxes.finish() },
    {
      id: "skeleton.leave",
      group,
      name: t("Stop moving joints or drawing"),
      keys: ["Escape"],
      when: () => tool.mode !== "look",
      run: () => {
        if (!pointer.cancel()) tool.enter("look");
      },
    },
  ];
}

// @ts-check
/** Puts edits and what they are about into words; pure. */

import { number, t, tn } from "nightjar/core/i18n.js";
import { familyOf, isSame, targetOf } from "nightjar/clip/edits/model.js";

/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/model.js").Family} Family */
/** @typedef {{id: number, name: string}} Label */
/** @typedef {{kind: string, target: string, data: Record<string, any>, entity?: Thing | null}} Told an edit as the history has it */

/** Keys of people that somebody drew; those that were found count from 0. */
const DRAWN_FROM = 1_000_000;

/** @param {number | null | undefined} person */
export function personText(person) {
  if (person === null || person === undefined) return t("The whole clip");
  return person >= DRAWN_FROM ? t("Added person") : t("Person {number}", { number: person + 1 });
}

/** @param {number | null | undefined} id @param {readonly Label[]} labels */
export function labelText(id, labels) {
  if (id === null || id === undefined) return t("No label");
  return labels.find((label) => label.id === id)?.name ?? t("Label {id}", { id });
}

/** @param {{start_frame: number, end_frame: number}} range half-open, told with its last frame */
export const rangeText = ({ start_frame, end_frame }) => t("frames {first} to {last}", { first: start_frame, last: end_frame - 1 });

/** @type {Record<string, string>} */
const DECISIONS = { accept: t("Accepted"), reject: t("Rejected"), send_back: t("Sent back") };

/** What a thing is, in a few words. @param {Family} family @param {Thing | null | undefined} thing @param {readonly Label[]} labels */
export function thingText(family, thing, labels) {
  if (!thing || thing.deleted) return family === "label" ? t("The prediction counts") : t("Deleted");
  switch (family) {
    case "segment":
      return `${labelText(thing.label, labels)}, ${personText(thing.person)}, ${rangeText(/** @type {any} */ (thing))}`;
    case "pose":
      return tn(Object.keys(thing.joints ?? {}).length, "{count} joint", "{count} joints");
    case "track":
      return trackText(thing);
    case "comment":
      return `“${thing.text}”${thing.resolved ? ` (${t("resolved")})` : ""}`;
    case "review":
      return `${DECISIONS[thing.decision] ?? t("Withdrawn")}${thing.comment ? `: “${thing.comment}”` : ""}`;
    default:
      return labelText(thing.label ?? thing.segment?.current?.label.id ?? thing.current?.label?.id, labels);
  }
}

/** @param {Record<string, any>} thing */
function trackText({ kind, person, other, frame }) {
  const values = { person: personText(person), other: personText(other), frame: number(frame) };
  switch (kind) {
    case "delete":
      return t("{person} deleted from frame {frame} on", values);
    case "merge":
      return t("{other} joined to {person} from frame {frame} on", values);
    case "split":
      return t("{person} split at frame {frame}", values);
    case "swap":
      return t("{person} and {other} swapped from frame {frame} on", values);
    default:
      return t("{person} added at frame {frame}", values);
  }
}

/** What an edit is about, in a few words. @param {Told} edit */
export function aboutText(edit) {
  const [family, target] = [familyOf(edit), targetOf(edit)];
  switch (family) {
    case "segment":
      return t("Segment");
    case "pose": {
      const [person, frame] = target.split(":").map(Number);
      return t("{person}, frame {frame}", { person: personText(person), frame: number(frame) });
    }
    case "track":
      return t("People");
    case "comment":
      return t("Comment");
    case "review":
      return target === "clip" ? t("The whole clip") : t("Segment");
    default:
      return t("Predicted segment");
  }
}

/**
 * What an edit did.
 * @param {Told} edit
 * @param {Thing | null} before what the thing was, where known
 * @param {readonly Label[]} labels
 */
export function editText(edit, before, labels) {
  const { kind, data, entity } = edit;
  const family = familyOf(edit);
  const now = thingText(family, entity ?? { ...data, target: "", version: 0 }, labels);
  switch (kind) {
    case "segment.create":
      return t("Drew {what}", { what: now });
    case "segment.change":
      return changeText(before, entity ?? null, data, labels);
    case "segment.delete":
      return before ? t("Deleted {what}", { what: thingText(family, before, labels) }) : t("Deleted the segment");
    case "pose.set":
      return data.keyframe === false ? t("Moved joints ({what})", { what: now }) : t("Set a keyframe ({what})", { what: now });
    case "pose.clear":
      return t("Took back the edited joints");
    case "track.clear":
      return t("Took back a change of people");
    case "comment.add":
      return t("Wrote {what}", { what: now });
    case "comment.resolve":
      return data.resolved === false ? t("Opened the comment again") : t("Resolved the comment");
    case "comment.delete":
      return t("Deleted the comment");
    case "label.give":
      return data.label === null ? t("Took back the label: the prediction counts") : t("Gave the label {label}", { label: labelText(data.label, labels) });
    case "restore":
      return t("Restored {what}", { what: now });
    default:
      return now;
  }
}

/** @param {Thing | null} before @param {Thing | null} entity @param {Record<string, any>} data @param {readonly Label[]} labels */
function changeText(before, entity, data, labels) {
  const parts = FIELDS.flatMap(({ name, text }) => {
    if (data[name] === undefined || (before && isSame(before[name] ?? null, data[name] ?? null))) return [];
    return [before ? t("{field} from {from} to {to}", { field: text(), from: fieldText(name, before[name], labels), to: fieldText(name, data[name], labels) }) : t("{field} to {to}", { field: text(), to: fieldText(name, data[name], labels) })];
  });
  const what = entity && !entity.deleted ? labelText(entity.label, labels) : t("the segment");
  return t("Changed {what}: {changes}", { what, changes: parts.join(", ") });
}

/** What a segment says, field by field. @type {{name: "label" | "person" | "start_frame" | "end_frame", text: () => string}[]} */
export const FIELDS = [
  { name: "label", text: () => t("Label") },
  { name: "person", text: () => t("Person") },
  { name: "start_frame", text: () => t("First frame") },
  { name: "end_frame", text: () => t("Last frame") },
];

/** @param {string} name @param {any} value @param {readonly Label[]} labels */
export function fieldText(name, value, labels) {
  if (name === "label") return labelText(value, labels);
  if (name === "person") return personText(value);
  return number(name === "end_frame" ? value - 1 : value);
}

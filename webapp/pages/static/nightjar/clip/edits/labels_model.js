// @ts-check
/** Labels of predicted segments that wait to be saved, shown as if they were; pure. */

import { labelThing } from "nightjar/clip/edits/model.js";

/** @typedef {import("nightjar/clip/model.js").Found} Found */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */
/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/model.js").Things} Things */
/** @typedef {{id: number, name: string, colour: string}} Label */

/** What the tracks API says of each segment's label. @param {Found | null} found @returns {Thing[]} */
export function labelThings(found) {
  return (found?.tracks ?? []).flatMap(({ segments }) => segments.map(labelThing));
}

/**
 * What the clip page shows of people and segments, with the labels of the log.
 * @param {Found} found
 * @param {Things} things of the family label
 * @param {readonly Label[]} labels
 * @returns {Found} the same one where nothing differs
 */
export function withLabels(found, things, labels) {
  let isChanged = false;
  const tracks = found.tracks.map((track) => {
    const segments = track.segments.map((segment) => shownSegment(segment, things[String(segment.id)], labels));
    if (segments.every((segment, i) => segment === track.segments[i])) return track;
    isChanged = true;
    return { ...track, segments };
  });
  return isChanged ? { ...found, tracks } : found;
}

/**
 * @param {Segment} segment @param {Thing | undefined} thing @param {readonly Label[]} labels
 * @returns {Segment}
 */
function shownSegment(segment, thing, labels) {
  if (!thing) return segment;
  const served = /** @type {Segment | undefined} */ (thing.segment);
  // The version stays the server's, so that what is read anew is known to be newer.
  const base = served && served.version >= segment.version ? { ...segment, ...served } : segment;
  const current = thing.waiting ? waitingLabel(base, thing, labels) : base.current;
  const same = current?.label.id === segment.current?.label.id && current?.source === segment.current?.source && current?.author === segment.current?.author;
  return same && base.version === segment.version ? segment : { ...base, current };
}

/** @param {Segment} segment @param {Thing} thing @param {readonly Label[]} labels @returns {Segment["current"]} */
function waitingLabel({ predicted, current }, thing, labels) {
  if (thing.deleted) return predicted ? { label: predicted.label, source: "prediction", author: null, created_at: null } : null;
  const label = labels.find(({ id }) => id === thing.label);
  if (!label) return current;
  return { label: { id: label.id, name: label.name, colour: label.colour }, source: "correction", author: thing.author ?? null, created_at: thing.edited_at ?? null };
}

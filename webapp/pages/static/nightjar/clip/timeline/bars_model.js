// @ts-check
/** What lies on the lanes: one a person and one for the clip, with predicted and drawn segments; pure. */

/** @typedef {import("nightjar/clip/model.js").Found} Found */
/** @typedef {import("nightjar/clip/model.js").Segment} Predicted */
/**
 * @typedef {object} Drawn a segment that a person drew, as the edit log has it
 * @property {string} target uuid
 * @property {number | null} person null: the clip's lane
 * @property {number} start_frame
 * @property {number} end_frame
 * @property {number | null} label
 * @property {number | null} origin the predicted segment it stands for
 * @property {string | null} [author]
 * @property {boolean} [deleted]
 * @property {boolean} [waiting]
 */
/**
 * @typedef {object} Bar
 * @property {string} key `p:12` or `d:uuid`
 * @property {"predicted" | "drawn"} kind
 * @property {number} id of a predicted segment; -1 of a drawn one
 * @property {string} target uuid of a drawn segment; empty of a predicted one
 * @property {number | null} person
 * @property {number} start
 * @property {number} end
 * @property {number | null} label
 * @property {boolean} judged whether a person gave its label
 * @property {number | null} share how sure the classifier is
 * @property {number | null} origin
 * @property {string | null} author
 */
/**
 * @typedef {object} Lane
 * @property {string} key
 * @property {number | null} person
 * @property {[number, number] | null} presence
 * @property {Bar[]} predicted by start
 * @property {Bar[]} drawn by start
 */
/** @typedef {{segments?: Drawn[], tracks?: any[]}} Annotations */

/** @param {string} target @param {number} id */
export const barKey = (target, id) => (target ? `d:${target}` : `p:${id}`);

/** @param {Predicted} segment @param {number} person @returns {Bar} */
function predictedBar({ id, start_frame, end_frame, current, predicted }, person) {
  return {
    key: barKey("", id), kind: "predicted", id, target: "", person, start: start_frame, end: end_frame,
    label: current?.label.id ?? null, judged: current?.source === "correction",
    share: predicted?.probability ?? null, origin: null, author: current?.author ?? null,
  };
}

/** @param {Drawn} drawn @returns {Bar} */
export function drawnBar({ target, person, start_frame, end_frame, label, origin, author }) {
  return {
    key: barKey(target, -1), kind: "drawn", id: -1, target, person, start: start_frame, end: end_frame,
    label, judged: true, share: null, origin, author: author ?? null,
  };
}

/** @param {{start: number, end: number, key: string}} a @param {{start: number, end: number, key: string}} b */
export const byTime = (a, b) => a.start - b.start || a.end - b.end || (a.key < b.key ? -1 : 1);

/** People whom somebody added. @param {Annotations | null} annotations @returns {number[]} */
function added(annotations) {
  const rows = (annotations?.tracks ?? []).filter(({ kind, deleted }) => !deleted && /(^|\.)add$/.test(kind ?? ""));
  return rows.map(({ person, data }) => person ?? data?.person).filter((person) => typeof person === "number");
}

/**
 * The clip's lane first, then people in their order; a person who is only in drawn segments has a
 * lane too, so that no segment is out of sight.
 * @param {Found | null} found
 * @param {Annotations | null} annotations
 * @returns {Lane[]}
 */
export function lanesOf(found, annotations) {
  const drawn = (annotations?.segments ?? []).filter(({ deleted }) => !deleted).map(drawnBar);
  const tracks = found?.tracks ?? [];
  const known = new Set(tracks.map(({ index }) => index));
  const others = [...added(annotations), ...drawn.map(({ person }) => person)]
    .filter((person) => person !== null && !known.has(person));
  const lane = (/** @type {number | null} */ person, /** @type {Bar[]} */ predicted, /** @type {[number, number] | null} */ presence) => ({
    key: person === null ? "clip" : `person-${person}`, person, presence, predicted,
    drawn: drawn.filter((bar) => bar.person === person).sort(byTime),
  });
  return [
    lane(null, [], null),
    ...tracks.map(({ index, start_frame, end_frame, segments }) =>
      lane(index, segments.map((segment) => predictedBar(segment, index)).sort(byTime), [start_frame, end_frame])),
    ...[...new Set(others)].sort((a, b) => Number(a) - Number(b)).map((person) => lane(person, [], null)),
  ];
}

/** Every bar in the order in which keys go through them. @param {Lane[]} lanes @returns {Bar[]} */
export function barsOf(lanes) {
  return lanes.flatMap(({ predicted, drawn }) => [...predicted, ...drawn].sort(byTime));
}

/** @param {Lane[]} lanes @param {string | null} key @returns {Bar | null} */
export function barOf(lanes, key) {
  if (key === null) return null;
  for (const { predicted, drawn } of lanes) {
    const found = (key.startsWith("d:") ? drawn : predicted).find((bar) => bar.key === key);
    if (found) return found;
  }
  return null;
}

/** The bars that another action follows up and down. @param {Lane[]} lanes @param {string | null} key @param {number} by */
export function barBeside(lanes, key, by) {
  const all = barsOf(lanes);
  const at = all.findIndex((bar) => bar.key === key);
  if (at < 0) return all[by > 0 ? 0 : all.length - 1] ?? null;
  return all[Math.max(0, Math.min(all.length - 1, at + by))] ?? null;
}

/**
 * What lies at a frame of a person: drawn segments before predicted ones, as they lie above them.
 * @param {Lane[]} lanes @param {number | null} person @param {number} frame
 */
export function barAt(lanes, person, frame) {
  const lane = lanes.find((one) => one.person === person);
  const holds = (/** @type {Bar} */ { start, end }) => start <= frame && frame < end;
  return lane?.drawn.find(holds) ?? lane?.predicted.find(holds) ?? null;
}

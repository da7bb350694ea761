// @ts-check
/** What people said about one clip, and what an edit makes of it; pure. */

/** @typedef {"segment" | "pose" | "track" | "comment" | "review" | "label"} Family */

/**
 * @typedef {object} Entity one thing that people edit; a deleted one keeps its version
 * @property {string} target
 * @property {number} version counts the edits of this thing
 * @property {string} [author]
 * @property {string} [edited_at]
 * @property {string} [edit] id of the edit that made it what it is
 * @property {boolean} [deleted]
 * @property {boolean} [waiting] not yet acknowledged by the server
 * @property {any} [data] never there: facts lie beside the target, `any` lets callers name them
 */
/** @typedef {Entity & Record<string, any>} Thing */

/**
 * @typedef {object} Edit
 * @property {string} id
 * @property {string} kind
 * @property {string} target
 * @property {Record<string, any>} data
 * @property {number | null} if_version
 * @property {string | null} [group]
 * @property {string} made_at
 * @property {string} [author]
 * @property {Thing | null} [state] what a restore gives back; only for what is shown meanwhile
 */

/** @typedef {Record<string, Thing>} Things by target */
/** @typedef {{version: number, run: number | null, families: Record<Family, Things>}} Doc */

/** @type {Record<Family, string>} */
const LISTS = {
  segment: "segments",
  pose: "poses",
  track: "tracks",
  comment: "comments",
  review: "decisions",
  label: "labels",
};
const FAMILIES = /** @type {Family[]} */ (Object.keys(LISTS));
/** What people say of a thing; the rest the server adds. @type {Record<Family, string[]>} */
const FACTS = {
  segment: ["person", "start_frame", "end_frame", "label", "origin"],
  pose: ["joints", "keyframe", "tween"],
  track: ["kind", "person", "frame", "other", "box_xyxy", "estimate"],
  comment: ["frame", "person", "text", "resolved"],
  review: ["decision", "comment", "frame", "person"],
  label: ["label"],
};

/** @returns {Doc} */
export function emptyDoc() {
  const families = /** @type {Record<Family, Things>} */ (Object.fromEntries(FAMILIES.map((family) => [family, {}])));
  return { version: 0, run: null, families };
}

/** @param {any} answer of GET annotations @returns {Doc} */
export function docFrom(answer) {
  const doc = emptyDoc();
  for (const family of FAMILIES) {
    const rows = /** @type {Thing[]} */ (answer[LISTS[family]] ?? []);
    doc.families[family] = Object.fromEntries(rows.map((row) => [row.target, row]));
  }
  return { ...doc, version: answer.version, run: answer.run ?? null };
}

/**
 * The label of a predicted segment as a thing that people edit.
 * @param {import("nightjar/clip/model.js").Segment} segment as the tracks API shows it
 * @returns {Thing}
 */
export function labelThing(segment) {
  const { id, version, current } = segment;
  const thing = { target: String(id), version, segment };
  if (current?.source !== "correction") return { ...thing, deleted: true };
  return { ...thing, label: current.label.id, author: current.author ?? undefined, edited_at: current.created_at ?? undefined };
}

/**
 * A thing as the server tells of it after an edit.
 * @param {{kind: string, target: string}} edit
 * @param {any} entity
 * @param {number} version
 * @returns {Thing}
 */
export function thingFrom(edit, entity, version) {
  if (familyOf(edit) === "label" && entity.current !== undefined) return labelThing({ ...entity, id: Number(targetOf(edit)), version });
  return { ...entity, target: targetOf(edit), version };
}

/** @param {{kind: string, target: string}} edit @returns {Family} */
export function familyOf({ kind, target }) {
  const name = (kind === "restore" ? target : kind).split(/[.:]/)[0];
  return /** @type {Family} */ (name);
}

/** The target without its family, which a restore carries. @param {{kind: string, target: string}} edit */
export function targetOf({ kind, target }) {
  return kind === "restore" ? target.slice(target.indexOf(":") + 1) : target;
}

/** One name for a thing in the whole clip. @param {{kind: string, target: string}} edit */
export const keyOf = (edit) => `${familyOf(edit)}:${targetOf(edit)}`;

/** @param {Doc} doc @param {{kind: string, target: string}} edit @returns {Thing | null} */
export function thingOf(doc, edit) {
  return doc.families[familyOf(edit)]?.[targetOf(edit)] ?? null;
}

/** @param {Thing | null | undefined} thing */
export const isThere = (thing) => Boolean(thing && !thing.deleted);

/** @param {Doc} doc @param {{kind: string, target: string}} edit */
export const versionOf = (doc, edit) => thingOf(doc, edit)?.version ?? 0;

/**
 * What a thing is after an edit, marked as waiting.
 * @param {Thing | null} before
 * @param {Edit} edit
 * @returns {Thing}
 */
export function after(before, edit) {
  const marks = {
    target: targetOf(edit),
    version: (before?.version ?? 0) + 1,
    author: edit.author,
    edited_at: edit.made_at,
    edit: edit.id,
    waiting: true,
  };
  const facts = factsAfter(before, edit);
  return facts ? { ...extras(before, edit), ...facts, ...marks } : { ...marks, ...keptOf(before), deleted: true };
}

/**
 * The facts of a thing after an edit; null: it is gone.
 * @param {Thing | null} before
 * @param {Edit} edit
 * @returns {Record<string, any> | null}
 */
function factsAfter(before, edit) {
  const { kind, data } = edit;
  const had = factsOf(familyOf(edit), before);
  switch (kind) {
    case "segment.change":
    case "comment.resolve":
      return had && { ...had, ...data };
    case "segment.delete":
    case "pose.clear":
    case "track.clear":
    case "comment.delete":
      return null;
    case "comment.add":
      return { resolved: false, ...data };
    case "label.give":
      return data.label === null ? null : { label: data.label };
    case "review.decide":
      return data.decision === null ? null : data;
    case "restore":
      return factsOf(familyOf(edit), edit.state ?? null);
    default:
      return kind.startsWith("track.") ? { ...data, kind: kind.slice(6) } : data;
  }
}

/** What the server will add to the facts, as well as the page knows. @param {Thing | null} before @param {Edit} edit */
function extras(before, edit) {
  switch (familyOf(edit)) {
    case "pose": {
      const [person, frame] = targetOf(edit).split(":").map(Number);
      return { person, frame };
    }
    case "track":
      return { order: before?.order ?? Infinity };
    case "comment":
      return { written_by: before?.written_by ?? edit.author, written_at: before?.written_at ?? edit.made_at };
    default:
      return keptOf(before);
  }
}

/** @param {Thing | null} before */
const keptOf = (before) => before?.segment ? { segment: before.segment } : {};

/**
 * What people said of a thing; null where it is not there.
 * @param {Family} family
 * @param {Thing | null} thing
 * @returns {Record<string, any> | null}
 */
export function factsOf(family, thing) {
  if (!thing || thing.deleted) return null;
  return Object.fromEntries(FACTS[family].filter((name) => thing[name] !== undefined).map((name) => [name, thing[name]]));
}

/** @param {Doc} doc @param {Edit} edit @returns {Doc} */
export const apply = (doc, edit) => applyAll(doc, [edit]);

/**
 * A clip as it is with these edits on top, in their order. Families that none of them names keep
 * their identity.
 * @param {Doc} doc
 * @param {readonly Edit[]} edits
 * @returns {Doc}
 */
export function applyAll(doc, edits) {
  if (edits.length === 0) return doc;
  const families = { ...doc.families };
  for (const edit of edits) {
    const family = familyOf(edit);
    if (!families[family]) continue;
    if (families[family] === doc.families[family]) families[family] = { ...families[family] };
    const target = targetOf(edit);
    families[family][target] = after(families[family][target] ?? null, edit);
  }
  return { ...doc, families };
}

/**
 * The clip with a thing as the server has it; an older word than what is there counts nothing.
 * @param {Doc} doc
 * @param {Family} family
 * @param {Thing} thing
 * @param {number} [version] of the whole clip
 * @returns {Doc}
 */
export function withThing(doc, family, thing, version = doc.version) {
  const things = doc.families[family];
  const newest = Math.max(doc.version, version);
  if (!things || (things[thing.target]?.version ?? -1) > thing.version) return { ...doc, version: newest };
  return { ...doc, version: newest, families: { ...doc.families, [family]: { ...things, [thing.target]: thing } } };
}

/** @type {WeakMap<Things, Thing[]>} */
const lists = new WeakMap();

/** What is there of a family, tracks in the order in which they count. @param {Things} things */
function listOf(things) {
  let list = lists.get(things);
  if (!list) {
    list = Object.values(things).filter(isThere);
    if (list.some(({ order }) => order !== undefined)) list.sort((a, b) => (a.order ?? 0) - (b.order ?? 0) || 0);
    lists.set(things, list);
  }
  return list;
}

/**
 * @typedef {object} Annotations what the other tools read; lists that did not change stay the same
 * @property {number} version
 * @property {number | null} run
 * @property {Thing[]} segments
 * @property {Thing[]} poses
 * @property {Thing[]} tracks
 * @property {Thing[]} comments
 * @property {Thing[]} decisions
 */

/** @param {Doc} doc @returns {Annotations} */
export function annotationsOf({ version, run, families }) {
  const { segment, pose, track, comment, review } = families;
  return {
    version,
    run,
    segments: listOf(segment),
    poses: listOf(pose),
    tracks: listOf(track),
    comments: listOf(comment),
    decisions: listOf(review),
  };
}

/** @typedef {{kind: string, target: string, data: Record<string, any>}} Step */

/**
 * The edit that brings a thing from one state to another; null where they are the same. It serves
 * undo (back to what was), redo, and taking one's own side of a conflict.
 * @param {Family} family
 * @param {string} target
 * @param {Thing | null} from
 * @param {Thing | null} to
 * @returns {Step | null}
 */
export function stepBetween(family, target, from, to) {
  const here = factsOf(family, from);
  const there = factsOf(family, to);
  if (isSame(here, there)) return null;
  const step = STEPS[family](here, there);
  return { target, ...step };
}

/** @typedef {Record<string, any> | null} Facts */

/** @type {Record<Family, (here: Facts, there: Facts) => {kind: string, data: Record<string, any>}>} */
const STEPS = {
  segment: (here, there) => {
    if (!there) return { kind: "segment.delete", data: {} };
    if (!here) return { kind: "segment.create", data: there };
    return { kind: "segment.change", data: difference(here, there) };
  },
  pose: (_, there) => there ? { kind: "pose.set", data: there } : { kind: "pose.clear", data: {} },
  track: (_, there) => {
    if (!there) return { kind: "track.clear", data: {} };
    const { kind, ...data } = there;
    // What says nothing is left out: each kind knows only its own facts.
    return { kind: `track.${kind}`, data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null)) };
  },
  comment: (here, there) => {
    if (!there) return { kind: "comment.delete", data: {} };
    if (here) return { kind: "comment.resolve", data: { resolved: there.resolved } };
    const { resolved: _, ...data } = there;
    return { kind: "comment.add", data };
  },
  review: (_, there) => ({ kind: "review.decide", data: there ?? { decision: null } }),
  label: (_, there) => ({ kind: "label.give", data: { label: there?.label ?? null } }),
};

/** @param {Record<string, any>} here @param {Record<string, any>} there */
function difference(here, there) {
  const names = Object.keys(there).filter((name) => !isSame(here[name] ?? null, there[name] ?? null));
  return Object.fromEntries(names.map((name) => [name, there[name]]));
}

/** Whether two plain values say the same. @param {any} a @param {any} b @returns {boolean} */
export function isSame(a, b) {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
}

/**
 * The inverse of an edit: what undoes it, once it was applied on `doc`.
 * @param {Doc} doc before the edit
 * @param {Edit} edit
 * @returns {Step | null}
 */
export function inverse(doc, edit) {
  const before = thingOf(doc, edit);
  return stepBetween(familyOf(edit), targetOf(edit), after(before, edit), before);
}

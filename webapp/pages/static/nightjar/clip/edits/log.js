// @ts-check
/** The edits of the clips that this page has opened: what the server has, what waits, what can be undone. */

import { afterRedo, afterUndo, EMPTY, withChange, without } from "nightjar/clip/edits/undo_model.js";
import { after, applyAll, emptyDoc, familyOf, keyOf, stepBetween, targetOf, thingFrom, thingOf, withThing } from "nightjar/clip/edits/model.js";
import { withFollowers } from "nightjar/clip/edits/outbox.js";

/** @typedef {import("nightjar/clip/edits/model.js").Doc} Doc */
/** @typedef {import("nightjar/clip/edits/model.js").Edit} Edit */
/** @typedef {import("nightjar/clip/edits/model.js").Family} Family */
/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */
/** @typedef {import("nightjar/clip/edits/sender.js").Result} Result */
/** @typedef {import("nightjar/clip/edits/undo_model.js").Stack} Stack */
/** @typedef {import("nightjar/clip/edits/undo_model.js").Change} Change */
/** @typedef {{kind: string, target: string, data?: Record<string, any>, group?: string | null, state?: Thing | null}} Wish */

/**
 * @typedef {object} Surroundings
 * @property {import("nightjar/clip/edits/outbox.js").Outbox} outbox
 * @property {{id: number, username: string}} user
 * @property {number} project
 * @property {() => string} newId
 * @property {(video: number) => number | null} [runOf] the run whose people are seen
 * @property {() => string} [now]
 * @property {(video: number) => Stack} [stackOf] what was kept of a clip's stack
 * @property {(video: number, stack: Stack) => void} [keepStack]
 */

export class EditLog {
  #around;
  /** What the server has of each clip. @type {Map<number, Doc>} */
  #served = new Map();
  /** What was learned of clips before their rest: it may be newer. @type {Map<number, [Family, Thing, number | undefined][]>} */
  #early = new Map();
  /** @type {Map<number, Stack>} */
  #stacks = new Map();
  /** Ids of edits that the server has though their answer has not come: told by its events. @type {Set<string>} */
  #told = new Set();
  /** The newest version that we made of each thing. @type {Map<string, number>} */
  #own = new Map();
  /** @type {string | null} */
  #group = null;
  /** @type {{key: unknown[], doc: Doc} | null} */
  #seen = null;

  /** @param {Surroundings} around */
  constructor(around) {
    this.#around = { now: () => new Date().toISOString(), ...around };
  }

  /** What the server said of a clip. @param {number} video @param {Doc} doc */
  serve(video, doc) {
    const known = this.#served.get(video);
    // An answer that was on its way while we learned more says nothing new.
    if (known && known.version > doc.version) return;
    // Labels of predicted segments come with the tracks, not with the annotations.
    const label = doc.families.label;
    this.#served.set(video, { ...doc, families: { ...doc.families, label: { ...known?.families.label, ...label } } });
    const early = this.#early.get(video) ?? [];
    this.#early.delete(video);
    for (const [family, thing, version] of early) this.adopt(video, family, thing, version);
  }

  /** @param {number} video */
  served(video) {
    return this.#served.get(video) ?? emptyDoc();
  }

  /** @param {number} video @param {Family} family @param {Thing} thing @param {number} [version] of the clip */
  adopt(video, family, thing, version) {
    // Without the rest of the clip, one thing of it would pass for all; but it is not forgotten: the
    // rest may have been read before it.
    if (!this.#served.has(video)) this.#early.set(video, [...this.#early.get(video) ?? [], [family, thing, version]]);
    else this.#served.set(video, withThing(this.served(video), family, thing, version));
  }

  /** Whether the server has said what it has of a clip. @param {number} video */
  knows(video) {
    return this.#served.has(video);
  }

  /** A clip with all that waits on top. @param {number} video @returns {Doc} */
  doc(video) {
    const served = this.served(video);
    const waiting = this.waiting(video);
    const key = [served, ...waiting];
    if (!this.#seen || key.length !== this.#seen.key.length || key.some((one, i) => one !== this.#seen?.key[i])) {
      this.#seen = { key, doc: applyAll(served, waiting) };
    }
    return this.#seen.doc;
  }

  /** Edits of a clip that are not in what the server said. @param {number} video */
  waiting(video) {
    return this.#around.outbox.of(video).filter(({ id }) => !this.#told.has(id));
  }

  /** One step of undo for all that `work` makes. @template T @param {() => T} work @returns {T} */
  group(work) {
    if (this.#group) return work();
    this.#group = this.#around.newId();
    try {
      return work();
    } finally {
      this.#group = null;
    }
  }

  /**
   * Takes an edit in, to be undone by Ctrl+Z.
   * @param {number} video @param {Wish} wish
   * @returns {{id: string, written: Promise<void>}}
   */
  make(video, wish) {
    const { entry, change } = this.#entryOf(video, wish, null);
    const written = this.#around.outbox.add(entry);
    this.#keep(video, withChange(this.stack(video), change, entry.group ?? null));
    return { id: entry.id, written };
  }

  /** @param {number} video @returns {Stack} */
  stack(video) {
    const stack = this.#stacks.get(video) ?? this.#around.stackOf?.(video) ?? EMPTY;
    this.#stacks.set(video, stack);
    return stack;
  }

  /** Takes back the last stride. @param {number} video @returns {Promise<void>[] | null} null: there is none */
  undo(video) {
    const last = this.stack(video).done.at(-1);
    if (!last) return null;
    const { changes, written } = this.#retrace(video, last.changes);
    this.#keep(video, afterUndo(this.stack(video), changes));
    return written;
  }

  /** Does again what was taken back last. @param {number} video @returns {Promise<void>[] | null} */
  redo(video) {
    const last = this.stack(video).undone.at(-1);
    if (!last) return null;
    const { changes, written } = this.#retrace(video, last.changes);
    this.#keep(video, afterRedo(this.stack(video), changes));
    return written;
  }

  /**
   * New edits that bring each changed thing back to what it was before, the last one first.
   * @param {number} video @param {Change[]} changes
   */
  #retrace(video, changes) {
    const group = changes.length > 1 ? this.#around.newId() : null;
    /** @type {{changes: Change[], written: Promise<void>[]}} */
    const made = { changes: [], written: [] };
    for (const { family, target, before, after: left } of [...changes].reverse()) {
      const step = stepBetween(family, target, left, before);
      if (!step) continue;
      const { entry, change } = this.#entryOf(video, { ...step, group }, this.#ownVersion(video, family, target, left));
      made.written.push(this.#around.outbox.add(entry));
      made.changes.push(change);
    }
    return made;
  }

  /**
   * The version on which taking back builds: ours, so that somebody else's newer word is met as a
   * conflict and never overwritten.
   * @param {number} video @param {Family} family @param {string} target @param {Thing | null} left
   */
  #ownVersion(video, family, target, left) {
    const own = this.#own.get(`${video}:${family}:${target}`);
    if (own !== undefined) return own;
    const current = this.doc(video).families[family][target];
    return current?.author === this.#around.user.username ? current.version : left?.version ?? 0;
  }

  /**
   * @param {number} video @param {Wish} wish @param {number | null} version to build on; null: what is shown
   * @returns {{entry: Entry, change: Change}}
   */
  #entryOf(video, { kind, target, data = {}, group, state = null }, version) {
    const { newId, now, user, project } = this.#around;
    const doc = this.doc(video);
    const before = thingOf(doc, { kind, target });
    /** @type {Entry} */
    const entry = {
      id: newId(),
      user: user.id,
      project,
      video,
      run: this.#around.runOf?.(video) ?? null,
      kind,
      target,
      data,
      group: group ?? this.#group,
      if_version: version ?? before?.version ?? 0,
      made_at: /** @type {() => string} */ (now)(),
      author: user.username,
      before,
      after: this.#leader(video, { kind, target }, version),
    };
    if (kind === "restore") entry.state = state;
    const left = after(before, entry);
    this.#own.set(`${video}:${keyOf(entry)}`, entry.if_version === null ? left.version : entry.if_version + 1);
    return { entry, change: { edit: entry.id, family: familyOf(entry), target: targetOf(entry), before, after: left } };
  }

  /**
   * The waiting edit of the same thing that an edit made now follows.
   * @param {number} video @param {{kind: string, target: string}} edit @param {number | null} version to build on
   */
  #leader(video, edit, version) {
    const last = this.waiting(video).findLast((entry) => keyOf(entry) === keyOf(edit));
    return last && (version === null || version === (last.if_version ?? 0) + 1) ? last.id : null;
  }

  /** The server has these edits. @param {Entry[]} entries @param {Result[]} results */
  confirm(entries, results) {
    const byId = new Map(results.map((result) => [result.id, result]));
    for (const entry of entries) {
      const result = byId.get(entry.id);
      if (!result) continue;
      this.adopt(entry.video, familyOf(entry), thingFrom(entry, result.entity, result.version), result.seq);
      this.#told.delete(entry.id);
    }
  }

  /**
   * An edit that the server told of, perhaps one of ours whose answer is still on its way.
   * @param {number} video
   * @param {{id: string, seq: number, kind: string, target: string, version: number, author: string, entity: Thing}} row
   * @returns {boolean} whether it is somebody else's
   */
  hear(video, row) {
    const isOurs = this.#around.outbox.entries.some(({ id }) => id === row.id);
    if (isOurs) this.#told.add(row.id);
    if (row.entity) this.adopt(video, familyOf(row), thingFrom(row, row.entity, row.version), row.seq);
    return !isOurs && row.author !== this.#around.user.username;
  }

  /**
   * Settles a conflict: instead of the edit and what hangs on it, one edit made on what the server
   * has now, or nothing.
   * @param {Entry} entry @param {Thing | null} current @param {Thing | null} wanted what the thing shall be
   */
  async settle(entry, current, wanted) {
    const { outbox, newId } = this.#around;
    const family = familyOf(entry);
    const chain = withFollowers(outbox.entries, entry);
    const same = chain.filter((one) => keyOf(one) === keyOf(entry));
    // Where the person's own word stays, so does the rest of the group.
    const step = stepBetween(family, targetOf(entry), current, wanted);
    const dropped = step ? same : chain;
    if (current) this.adopt(entry.video, family, current);
    /** @type {Entry | null} */
    const fresh = step && { ...entry, ...step, id: newId(), if_version: current?.version ?? 0, before: current, state: null, after: null };
    const ids = new Set(dropped.map(({ id }) => id));
    const stack = without(this.stack(entry.video), ids);
    if (fresh) {
      const change = { edit: fresh.id, family, target: targetOf(entry), before: current, after: after(current, fresh) };
      this.#own.set(`${entry.video}:${keyOf(entry)}`, change.after.version);
      this.#keep(entry.video, { ...withChange(stack, change, null), undone: stack.undone });
    } else this.#keep(entry.video, stack);
    await outbox.replace(entry.id, ids, fresh ? [fresh] : []);
  }

  /** These came to nothing: there is nothing to take back. @param {Entry[]} entries */
  forget(entries) {
    const ids = new Set(entries.map(({ id }) => id));
    for (const video of new Set(entries.map((entry) => entry.video))) this.#keep(video, without(this.stack(video), ids));
    for (const entry of entries) this.#own.delete(`${entry.video}:${keyOf(entry)}`);
  }

  /** @param {readonly Entry[]} entries that nobody wants any more */
  async drop(entries) {
    await this.#around.outbox.settle(entries.map(({ id }) => id));
  }

  /** What a thing is with this edit and all that waits behind it. @param {Entry} entry @returns {Thing | null} */
  mine(entry) {
    const chain = withFollowers(this.#around.outbox.entries, entry).filter((one) => keyOf(one) === keyOf(entry));
    return chain.reduce((/** @type {Thing | null} */ thing, one) => after(thing, one), entry.before);
  }

  /** @param {number} video @param {Stack} stack */
  #keep(video, stack) {
    this.#stacks.set(video, stack);
    this.#around.keepStack?.(video, stack);
  }
}


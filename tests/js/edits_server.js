// @ts-check
/** A server of edits in a few lines, with the rules that the browser side relies on. */

import { ApiError } from "nightjar/core/api.js";
import { after, familyOf, keyOf, targetOf } from "nightjar/clip/edits/model.js";

/** @typedef {import("nightjar/clip/edits/model.js").Thing} Thing */
/** @typedef {import("nightjar/clip/edits/model.js").Edit} Edit */
/** @typedef {import("nightjar/clip/edits/sender.js").Result} Result */

export class Server {
  /** @type {Map<string, Thing>} */
  things = new Map();
  /** @type {Map<string, Result>} */
  results = new Map();
  /** Every edit that changed something. @type {Edit[]} */
  log = [];
  /** Fails before (or, with `late`, after) the work is done. @type {{error: ApiError, late?: boolean}[]} */
  faults = [];
  posts = 0;

  /** @param {Edit[]} edits @param {string} [author] @returns {Promise<{results: Result[]}>} */
  post(edits, author = "ada") {
    this.posts += 1;
    const fault = this.faults.shift();
    if (fault && !fault.late) return Promise.reject(fault.error);
    /** @type {Result[]} */
    const applied = [];
    for (const edit of edits) {
      const known = this.results.get(edit.id);
      if (known) applied.push({ ...known, outcome: "already" });
      else {
        const current = this.things.get(keyOf(edit)) ?? null;
        if (edit.data.label === "unknown") return Promise.reject(new ApiError(400, "unknown_label", "No such label.", { applied, refused: { edit: edit.id } }));
        if ((edit.if_version ?? 0) !== (current?.version ?? 0)) return Promise.reject(new ApiError(412, "stale", "Changed meanwhile.", { applied, conflict: { edit: edit.id, current } }));
        const { waiting: _, ...entity } = after(current, { ...edit, author });
        this.things.set(keyOf(edit), entity);
        const result = { id: edit.id, outcome: /** @type {const} */ ("applied"), version: entity.version, entity };
        this.results.set(edit.id, result);
        this.log.push(edit);
        applied.push(result);
      }
    }
    return fault ? Promise.reject(fault.error) : Promise.resolve({ results: applied });
  }

  /** What the live channel says of the last edit. */
  get news() {
    const edit = this.log[this.log.length - 1];
    const entity = /** @type {Thing} */ (this.things.get(keyOf(edit)));
    return { id: edit.id, seq: this.log.length, kind: edit.kind, target: edit.target, version: entity.version, author: String(entity.author), entity };
  }

  /** @param {string} kind @param {string} target */
  thing(kind, target) {
    return this.things.get(`${familyOf({ kind, target })}:${targetOf({ kind, target })}`) ?? null;
  }
}

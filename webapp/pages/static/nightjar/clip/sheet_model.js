// @ts-check
/** What the sheet of keys lists; pure. */

import { keyText } from "nightjar/clip/keys.js";

/** @typedef {import("nightjar/clip/actions.js").Actions} Actions */
/** @typedef {{id: string, name: string, keys: string[], isRebound: boolean, isFixed: boolean, rivals: string[]}} Row `rivals`: names of actions with a key of this one */

/**
 * Groups in the order in which they came, each with the actions that a search finds.
 * @param {Actions} actions @param {string} search in names, groups and keys
 * @returns {{group: string, rows: Row[]}[]}
 */
export function rowsOf(actions, search = "") {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const conflicts = actions.conflicts();
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const { id, group, name, fixed, run, keys: usual } of actions.all()) {
    // What needs the element that was clicked is no key's business.
    if (!usual.length && run.length > 1) continue;
    const keys = actions.keysOf(id);
    const text = [name, group, ...keys, ...keys.map(keyText)].join(" ").toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const rivals = keys.flatMap((key) => conflicts.get(key) ?? []).filter((other) => other !== id);
    const row = { id, name, keys, isRebound: actions.isRebound(id), isFixed: Boolean(fixed), rivals: [...new Set(rivals)].map((other) => actions.get(other)?.name ?? other) };
    groups.set(group, [...groups.get(group) ?? [], row]);
  }
  return [...groups].map(([group, rows]) => ({ group, rows }));
}

/** How many keys two actions want. @param {Actions} actions */
export function conflictCount(actions) {
  return actions.conflicts().size;
}

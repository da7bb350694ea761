// @ts-check
/** Who else has the clip open; pure. */

/** @typedef {{sid: string, user: number, username: string, editing: boolean, frame: number | null, person: number | null}} Present */

/**
 * Each other person once, where several of their pages show the clip; one's own pages are left out.
 * @param {{you?: string, people: Present[]}} said
 * @param {number} me id of the user
 * @returns {Present[]}
 */
export function othersOf({ you, people }, me) {
  /** @type {Map<number, Present>} */
  const others = new Map();
  for (const one of people) {
    if (one.sid === you || one.user === me) continue;
    const known = others.get(one.user);
    if (!known || one.editing) others.set(one.user, one);
  }
  return [...others.values()].sort((a, b) => a.username.localeCompare(b.username));
}

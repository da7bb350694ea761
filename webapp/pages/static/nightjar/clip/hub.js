// @ts-check
/** Tells those who asked what happens on the page; pure. */

export class Hub {
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #asked = new Map();

  /** @param {string} name @param {(detail: any) => void} fn @returns {() => void} stops it */
  on(name, fn) {
    const all = this.#asked.get(name) ?? new Set();
    this.#asked.set(name, all.add(fn));
    return () => void all.delete(fn);
  }

  /** @param {string} name @param {unknown} [detail] */
  emit(name, detail) {
    for (const fn of [...this.#asked.get(name) ?? []]) {
      try {
        fn(detail);
      } catch (error) {
        // A tool that fails must not take the others with it; the fault is still seen as one.
        reportError(error);
      }
    }
  }
}

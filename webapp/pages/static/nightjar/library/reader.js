// @ts-check
/** Gathers hints that something changed into few requests. */

const PAUSE_MS = 200;
const MOST_SINGLE_READS = 8;

/**
 * @param {object} parts
 * @param {() => Promise<void>} parts.readAll
 * @param {(ids: number[]) => Promise<void>} parts.readSome
 * @param {(run: () => void, ms: number) => unknown} [parts.later]
 */
export function createReader({ readAll, readSome, later = setTimeout }) {
  /** @type {Set<number>} */
  let ids = new Set();
  let all = false;
  let isWaiting = false;

  async function run() {
    const [wanted, everything] = [[...ids], all || ids.size > MOST_SINGLE_READS];
    ids = new Set();
    all = false;
    await (everything ? readAll() : readSome(wanted)).catch(() => undefined);
    isWaiting = false;
    // What was asked for meanwhile may be newer than what was just read.
    if (ids.size || all) wait();
  }

  function wait() {
    if (isWaiting) return;
    isWaiting = true;
    later(run, PAUSE_MS);
  }

  return {
    /** @param {number | "all"} what */
    ask(what) {
      if (what === "all") all = true;
      else ids.add(what);
      wait();
    },
  };
}

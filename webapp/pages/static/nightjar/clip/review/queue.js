// @ts-check
/** Which clip comes next: in the queue, and beside this one in the library. */

import { getJson } from "nightjar/core/api.js";
import { t } from "nightjar/core/i18n.js";
import { toast } from "nightjar/core/notices.js";
import { idBeside } from "nightjar/clip/model.js";
import { choiceFrom, choiceKey } from "nightjar/review/model.js";

/** How long to wait for the server to have what was judged last, before going round again. */
const PAUSE_MS = 250;
const PATIENCE = 6;

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, boot, page } = bench;
  const project = `projects/${boot.project.id}`;

  /** The queue in the order that the person chose on the review page. */
  async function readQueue() {
    const { id, selected } = page.get();
    const choice = choiceFrom(JSON.parse(localStorage.getItem(choiceKey(boot.project.id)) ?? "null"));
    const query = { ...choice, after: id, after_segment: selected, at: selected, page_size: 0 };
    const found = await getJson(`${project}/review-queue/`, { query }).catch(() => null);
    if (!found || page.get().id !== id || page.get().selected !== selected) return;
    const { remaining, next, next_segment, here } = found;
    page.set({ queue: { remaining, next, segment: next_segment, why: here?.why ?? "", rank: here?.rank ?? null, of: id, at: selected } });
    if (next) bench.prefetch(next, next_segment);
  }

  /** @type {Promise<void> | null} */
  let reading = null;
  function askQueue() {
    const asked = readQueue().finally(() => reading === asked && (reading = null));
    reading = asked;
    return asked;
  }

  /** Segments that were judged on this page: the server may not know yet. @type {Set<number>} */
  const judged = new Set();

  /** What this page saved itself tells so by "saved". @param {string | undefined} author */
  const judgedByMe = (author) => author === boot.user.username;

  /** The next in the queue, once known; asks again where it is one that was just judged here. */
  async function nextUp() {
    const { id, selected } = page.get();
    const isKnown = () => page.get().queue.of === id && page.get().queue.at === selected;
    if (!isKnown()) await (reading ?? askQueue());
    for (let i = 0; i < PATIENCE && page.get().id === id && judged.has(page.get().queue.segment ?? 0); i++) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await askQueue();
    }
    return page.get().id === id ? page.get().queue : null;
  }

  /** Goes on with the queue; at once where the next one is known and read ahead. */
  async function goOn() {
    const { id, queue } = page.get();
    const isKnown = queue.of === id && queue.at === page.get().selected && !judged.has(queue.segment ?? 0);
    const up = isKnown ? queue : await nextUp();
    if (!up) return;
    const { next, segment } = up;
    if (next === id && segment !== null) bench.choose({ selected: segment, annotated: null }, { jump: true });
    else if (next) bench.open(next, { segment });
    else toast(t("The queue is empty: everything has been reviewed."));
  }

  /** The order in which the library showed the clips, else the order that it starts with. */
  async function readOrder() {
    const kept = JSON.parse(sessionStorage.getItem(`nightjar.order:${boot.project.id}`) ?? "[]");
    if (kept.includes(page.get().id)) return page.set({ order: kept });
    const answer = await getJson(`${project}/videos/`, { query: { ordering: "-created_at", page_size: 200 } }).catch(() => null);
    if (answer) page.set({ order: answer.results.map((/** @type {{id: number}} */ { id }) => id) });
  }

  /** @param {number} by */
  function goBeside(by) {
    const next = idBeside(page.get().order, page.get().id, by);
    if (next) bench.open(next);
    else toast(by > 0 ? t("This is the last clip of the list.") : t("This is the first clip of the list."), "warm");
  }

  const group = t("Clips");
  actions.addAll([
    { id: "clip.next", group, name: t("Next clip"), keys: ["Mod+ArrowRight", "N"], run: () => goBeside(1) },
    { id: "clip.previous", group, name: t("Previous clip"), keys: ["Mod+ArrowLeft", "P"], run: () => goBeside(-1) },
  ]);
  bench.goOn = goOn;
  bench.noteJudged = (segment) => void (segment !== null && judged.add(segment));
  bench.readQueue = askQueue;
  // A selection asks already; a clip without segments has none.
  bench.on("clip", ({ isFirst }) => isFirst && page.get().selected === null && askQueue());
  bench.on("selection", () => page.get().found && askQueue());
  bench.on("saved", ({ results }) => {
    const isJudgement = (/** @type {{kind: string}} */ { kind }) => /^(label|review|segment)\./.test(kind ?? "");
    if (results.some(isJudgement)) askQueue();
  });
  bench.on("live", ({ kind, video, author }) => {
    if (kind === "correction" && video !== page.get().id && !judgedByMe(author)) askQueue();
    if (["relabel", "classifier", "promotion"].includes(kind)) askQueue();
  });
  bench.on("reopened", askQueue);
  bench.on("started", readOrder);
}

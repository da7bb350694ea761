// @ts-check
/** The library page: state, events and requests; `view.js` draws. */

import { ApiError, getJson, messageOf, postJson, remove, request } from "nightjar/core/api.js";
import { delegate, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { goLive } from "nightjar/core/live.js";
import { confirmed, toast } from "nightjar/core/notices.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";
import { acceptDrops } from "nightjar/library/drop.js";
import { applyEvent, filtersFrom, mergeCards, NO_FILTERS, paramsOf } from "nightjar/library/model.js";
import { createReader } from "nightjar/library/reader.js";
import { Uploader } from "nightjar/library/uploader.js";
import { libraryView } from "nightjar/library/view.js";
import { choiceFrom, choiceKey } from "nightjar/review/model.js";

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;
const PAGE_SIZE = 60;

const page = createState(
  /** @type {import("nightjar/library/view.js").State} */ ({
    boot,
    filters: filtersFrom(new URLSearchParams(location.search)),
    cards: [],
    count: 0,
    loading: true,
    loadingMore: false,
    error: "",
    labels: [],
    queue: { remaining: 0, next: null, segment: null },
    uploads: [],
    trayOpen: true,
    dragging: false,
  }),
  (state) => show(root, libraryView(state)),
);

const reader = createReader({ readAll, readSome: readCards });
let asked = 0;

/** @param {number} [size] how many of the first cards */
async function readAll(size = Math.max(PAGE_SIZE, page.get().cards.length)) {
  const mine = ++asked;
  page.set({ loading: true });
  try {
    const { results, count } = await readPages(size);
    if (mine === asked) page.set({ cards: results, count, error: "" });
  } catch (error) {
    if (mine === asked) page.set({ error: messageOf(error) });
  }
  if (mine === asked) page.set({ loading: false });
  readQueue();
}

/** @param {number} size */
async function readPages(size) {
  const results = [];
  let count = 0;
  for (let number = 1; results.length < size; number += 1) {
    const answer = await readPage(number);
    results.push(...answer.results);
    count = answer.count;
    if (!answer.next) break;
  }
  return { results, count };
}

/** @param {number} number */
function readPage(number) {
  const { why: _, ...filters } = page.get().filters;
  const query = { ...filters, page: number, page_size: PAGE_SIZE };
  return getJson(`${project}/videos/`, { query });
}

async function readMore() {
  page.set({ loadingMore: true });
  try {
    const { results, count } = await readPage(Math.floor(page.get().cards.length / PAGE_SIZE) + 1);
    page.set((state) => {
      const known = new Set(state.cards.map(({ id }) => id));
      const fresh = results.filter((/** @type {{id: number}} */ { id }) => !known.has(id));
      return { ...state, cards: [...state.cards, ...fresh], count };
    });
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  page.set({ loadingMore: false });
}

/** @param {number[]} ids */
async function readCards(ids) {
  const answers = await Promise.all(ids.map((id) => getJson(`videos/${id}/`).catch((error) => ({ id, error }))));
  page.set((state) => {
    const gone = new Set(answers.filter(({ error }) => error?.status === 404).map(({ id }) => id));
    const fresh = answers.filter((answer) => !answer.error);
    const kept = state.cards.filter(({ id }) => !gone.has(id));
    const known = new Set(kept.map(({ id }) => id));
    // A clip that was not listed joins the list only where it is certain to belong there.
    const belongs = paramsOf(state.filters) === "";
    const cards = mergeCards(kept, fresh.filter(({ id }) => belongs || known.has(id)));
    return { ...state, cards, count: state.count + cards.length - state.cards.length };
  });
  readQueue();
}

async function readQueue() {
  const choice = choiceFrom(JSON.parse(localStorage.getItem(choiceKey(boot.project.id)) ?? "null"));
  const queue = await getJson(`${project}/review-queue/`, { query: { ...choice, page_size: 0 } }).catch(() => null);
  if (queue) page.set({ queue: { remaining: queue.remaining, next: queue.next, segment: queue.next_segment } });
}

async function readLabels() {
  const { labels } = await getJson(`${project}/label-set/`).catch(() => ({ labels: [] }));
  page.set({ labels });
}

/** @param {Partial<import("nightjar/library/model.js").Filters>} change */
function filterBy(change) {
  const filters = { ...page.get().filters, ...change };
  page.set({ filters, cards: [], count: 0 });
  const params = paramsOf(filters);
  history.replaceState(null, "", params ? `?${params}` : location.pathname);
  readAll(PAGE_SIZE);
}

const uploader = new Uploader({
  memory: localStorage,
  transport: {
    create: (name, size_bytes) => postJson(`${project}/uploads/`, { name, size_bytes }),
    status: (id) => getJson(`uploads/${id}/`),
    send: async (id, offset, body, signal) => {
      const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) };
      return (await request(`uploads/${id}/`, { method: "PATCH", body, headers, signal })).json();
    },
  },
  onChange: (uploads, finished) => {
    page.set({ uploads });
    if (finished?.video) reader.ask(finished.video);
  },
});

/** @param {Iterable<File>} files */
function upload(files) {
  if (!boot.can.review) return toast(t("Viewers cannot upload. Ask an admin for the role reviewer."), "warm");
  page.set({ trayOpen: true });
  uploader.add(files);
}

/** @param {HTMLElement} element */
const idOf = (element) => Number(element.dataset.id);

/** @param {number} id */
const cardOf = (id) => page.get().cards.find((card) => card.id === id);

/** @param {() => Promise<unknown>} act @param {number} id */
async function actOn(id, act) {
  try {
    await act();
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  reader.ask(id);
}

/** @param {number} id */
async function cancelAnalysis(id) {
  const { results } = await getJson(`videos/${id}/runs/`);
  const run = results.find((/** @type {{state: string}} */ { state }) => ["queued", "running"].includes(state));
  if (run) await postJson(`runs/${run.id}/cancellation/`, {});
}

/** @param {number} id @param {boolean} [force] */
async function deleteClip(id, force = false) {
  const name = cardOf(id)?.name ?? "this clip";
  const question = force
    ? { title: t("People have corrected this clip"), text: t("Deleting {name} also deletes those corrections; training can no longer use them.", { name }), yes: t("Delete with corrections") }
    : { title: t("Delete {name}?", { name }), text: t("The original, its skeletons and its predictions are deleted from this server."), yes: t("Delete") };
  if (!await confirmed({ ...question, danger: true })) return;
  try {
    await remove(`videos/${id}/`, { query: force ? { force: 1 } : {} });
    page.set((state) => ({ ...state, cards: state.cards.filter((card) => card.id !== id), count: state.count - 1 }));
    toast(t("{name} is deleted.", { name }));
  } catch (error) {
    const hasCorrections = error instanceof ApiError && error.code.includes("correct");
    if (hasCorrections && !force) return deleteClip(id, true);
    toast(messageOf(error), "bad");
  }
}

async function relabel() {
  const { relabelDialog, relabelFilters } = await import("nightjar/library/relabel.js");
  const { labels, filters, count } = page.get();
  const usable = labels.filter((label) => !(/** @type {{archived?: boolean}} */ (label).archived));
  if (await relabelDialog({ project, labels: usable, filters: relabelFilters(filters), count })) readAll();
}

delegate(root, "click", {
  relabel: () => relabel(),
  browse: () => document.getElementById("upload-input")?.click(),
  reviewed: (element) => filterBy({ reviewed: element.dataset.value ?? "" }),
  unchoose: () => filterBy({ ids: "", why: "" }),
  clear: () => filterBy({ ...NO_FILTERS, ordering: page.get().filters.ordering }),
  reload: () => readAll(),
  more: () => readMore(),
  open: rememberOrder,
  rerun: (element) => actOn(idOf(element), () => postJson(`videos/${idOf(element)}/runs/`, {})),
  cancel: (element) => actOn(idOf(element), () => cancelAnalysis(idOf(element))),
  delete: (element) => deleteClip(idOf(element)),
  tray: () => page.set((state) => ({ ...state, trayOpen: !state.trayOpen })),
  "clear-uploads": () => uploader.clearFinished(),
  "retry-upload": (element) => uploader.retry(Number(element.dataset.keyOf)),
  "cancel-upload": (element) => uploader.cancel(Number(element.dataset.keyOf)),
});

delegate(root, "change", {
  filter: (element) => {
    const { name, value } = /** @type {HTMLSelectElement} */ (element);
    filterBy({ [name]: value });
  },
  pick: (element) => {
    const input = /** @type {HTMLInputElement} */ (element);
    upload([...(input.files ?? [])]);
    input.value = "";
  },
});

let typing = 0;
delegate(root, "input", {
  search: (element) => {
    clearTimeout(typing);
    typing = Number(setTimeout(() => filterBy({ q: /** @type {HTMLInputElement} */ (element).value.trim() }), 250));
  },
});

/** The clip page walks through the clips in the order that the person had here. */
function rememberOrder() {
  const ids = page.get().cards.map(({ id }) => id);
  sessionStorage.setItem(`nightjar.order:${boot.project.id}`, JSON.stringify(ids));
}

acceptDrops(upload, (dragging) => page.get().dragging !== dragging && page.set({ dragging: dragging && boot.can.review }));
addEventListener("beforeunload", (event) => uploader.isBusy && event.preventDefault());

page.draw();
await goLive(
  boot.project.id,
  (event) => {
    const { cards, read } = applyEvent(page.get().cards, event);
    if (cards !== page.get().cards) page.set({ cards });
    if (read !== null) reader.ask(read);
    if (event.kind === "labels") readLabels();
  },
  () => reader.ask("all"),
);
await Promise.all([readAll(), readLabels()]);

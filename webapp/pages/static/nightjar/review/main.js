// @ts-check
/** The review page: state, keys, events and requests; `view.js` draws. */

import { ApiError, getJson, messageOf, postJson } from "nightjar/core/api.js";
import { delegate, show } from "nightjar/core/dom.js";
import { t, tn } from "nightjar/core/i18n.js";
import { goLive } from "nightjar/core/live.js";
import { confirmed, toast } from "nightjar/core/notices.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";
import { createReader } from "nightjar/library/reader.js";
import { choiceFrom, choiceKey, conflictsInWords, tabFrom } from "nightjar/review/model.js";
import { reviewView } from "nightjar/review/view.js";

/** @typedef {import("nightjar/review/model.js").Entry} Entry */

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;
const PAGE_SIZE = 40;

const page = createState(
  /** @type {import("nightjar/review/view.js").State} */ ({
    boot,
    tab: tabFrom(new URLSearchParams(location.search).get("tab")),
    choice: choiceFrom(JSON.parse(localStorage.getItem(choiceKey(boot.project.id)) ?? "null")),
    entries: [],
    changes: [],
    counts: {},
    notice: "",
    loading: true,
    error: "",
    busy: null,
    at: 0,
  }),
  (state) => show(root, reviewView(state)),
);

/** @type {Record<string, () => Promise<Partial<import("nightjar/review/view.js").State> & {count: number}>>} */
const READ = {
  queue: async () => {
    const { results, remaining, notice } = await getJson(`${project}/review-queue/`, { query: { ...page.get().choice, page_size: PAGE_SIZE } });
    return { entries: results, notice, count: remaining };
  },
  doubts: async () => {
    const { results, count } = await getJson(`${project}/doubts/`, { query: { page_size: PAGE_SIZE } });
    return { entries: results, notice: "", count };
  },
  suggestions: async () => {
    const { results, count } = await getJson(`${project}/suggestions/`, { query: { page_size: PAGE_SIZE } });
    return { entries: results, notice: "", count };
  },
  changes: async () => {
    const { results, count } = await getJson(`${project}/relabels/`);
    return { changes: results, notice: "", count };
  },
};

let asked = 0;

async function readAll() {
  const mine = ++asked;
  const { tab } = page.get();
  page.set({ loading: true });
  try {
    const { count, ...found } = await READ[tab]();
    if (mine !== asked) return;
    const at = Math.min(page.get().at, Math.max(0, (found.entries?.length ?? 1) - 1));
    page.set((state) => ({ ...state, ...found, at, error: "", counts: { ...state.counts, [tab]: count } }));
  } catch (error) {
    if (mine === asked) page.set({ error: messageOf(error) });
  }
  if (mine === asked) page.set({ loading: false });
}

const reader = createReader({ readAll, readSome: readAll });

/** @param {string} tab */
function openTab(tab) {
  page.set({ tab, entries: [], changes: [], notice: "", error: "", at: 0 });
  history.replaceState(null, "", tab === "queue" ? location.pathname : `?tab=${tab}`);
  readAll();
}

/** @param {number} segment */
const entryOf = (segment) => page.get().entries.find((entry) => entry.segment === segment);

/**
 * Saves a decision on an entry, which then leaves the list.
 * @param {Entry | undefined} entry
 * @param {string} path
 * @param {object} said
 * @param {string} done what happened, for the person
 */
async function decide(entry, path, said, done) {
  if (!entry || !boot.can.review || page.get().busy !== null) return;
  page.set({ busy: entry.segment });
  try {
    await postJson(`segments/${entry.segment}/${path}/`, said, { headers: { "If-Match": `"${entry.version}"` } });
    toast(done);
    const { tab } = page.get();
    page.set((state) => ({
      ...state,
      entries: state.entries.filter(({ segment }) => segment !== entry.segment),
      at: Math.min(state.at, Math.max(0, state.entries.length - 2)),
      counts: { ...state.counts, [tab]: Math.max(0, (state.counts[tab] ?? 1) - 1) },
    }));
  } catch (error) {
    const isStale = error instanceof ApiError && [409, 412].includes(error.status);
    toast(isStale ? t("{name} was changed meanwhile; the list is read again.", { name: entry.name }) : messageOf(error), isStale ? "warm" : "bad");
    if (isStale) readAll();
  }
  page.set({ busy: null });
}

/** @param {Entry | undefined} entry @param {"accept" | "dismiss"} decision */
function answer(entry, decision) {
  const name = entry?.suggested?.name;
  const done = decision === "accept" ? `${entry?.name}: ${name}.` : t("{label} is not suggested for {name} again.", { label: name, name: entry?.name });
  return decide(entry, "suggestion-decisions", { correction: entry?.correction, decision }, done);
}

/** @param {number} id */
async function takeBack(id) {
  const change = page.get().changes.find((one) => one.id === id);
  if (!change) return;
  const text = t("Segments get back the label that they had before, unless somebody has judged them since.");
  if (!await confirmed({ title: tn(change.applied, "Take back {label} for {count} segment?", "Take back {label} for {count} segments?", { label: change.label.name }), text, yes: t("Take back") })) return;
  try {
    const { undo_conflicts } = await postJson(`relabels/${id}/reversal/`, {});
    if (undo_conflicts.length) toast(t("Taken back, except {names}.", { names: conflictsInWords(undo_conflicts) }), "warm");
    else toast(t("Taken back."));
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  readAll();
}

/** @param {HTMLElement} element */
const rowOf = (element) => entryOf(Number(element.dataset.segment));

delegate(root, "click", {
  tab: (element) => openTab(element.dataset.tab ?? "queue"),
  reload: () => readAll(),
  accept: (element) => answer(rowOf(element), "accept"),
  dismiss: (element) => answer(rowOf(element), "dismiss"),
  give: (element) => {
    const entry = rowOf(element);
    decide(entry, "corrections", { label: entry?.looks_like?.id }, `${entry?.name}: ${entry?.looks_like?.name}.`);
  },
  keep: (element) => {
    const entry = rowOf(element);
    decide(entry, "corrections", { label: entry?.given?.id, note: t("checked again") }, t("{name} stays {label}.", { name: entry?.name, label: entry?.given?.name }));
  },
  "take-back": (element) => takeBack(Number(element.dataset.id)),
});

delegate(root, "change", {
  choose: (element) => {
    const { name, value } = /** @type {HTMLSelectElement} */ (element);
    const choice = { ...page.get().choice, [name]: value };
    localStorage.setItem(choiceKey(boot.project.id), JSON.stringify(choice));
    page.set({ choice, entries: [] });
    readAll();
  },
});

addEventListener("keydown", (event) => {
  const { tab, entries, at } = page.get();
  const focus = document.activeElement;
  if (tab !== "suggestions" || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (focus instanceof HTMLInputElement || focus instanceof HTMLSelectElement) return;
  const key = event.key.toLowerCase();
  if (key === "y" && !event.repeat) answer(entries[at], "accept");
  else if (key === "x" && !event.repeat) answer(entries[at], "dismiss");
  else if (key === "arrowdown") page.set({ at: Math.min(entries.length - 1, at + 1) });
  else if (key === "arrowup") page.set({ at: Math.max(0, at - 1) });
  else return;
  event.preventDefault();
});

page.draw();
await goLive(
  boot.project.id,
  ({ kind, state }) => {
    if (["correction", "relabel", "classifier", "labels"].includes(kind) || (kind === "promotion" && state === "done")) reader.ask("all");
  },
  () => reader.ask("all"),
);
await readAll();

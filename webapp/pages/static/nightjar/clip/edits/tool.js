// @ts-check
/** Installs the edit log on the workbench: what others call, and what keeps it saved and fresh. */

import { getJson } from "nightjar/core/api.js";
import { t } from "nightjar/core/i18n.js";
import { say } from "nightjar/core/live.js";
import { announce, toast } from "nightjar/core/notices.js";
import { delegate, show } from "nightjar/core/dom.js";
import { newId } from "nightjar/clip/edits/ids.js";
import { labelThings, withLabels } from "nightjar/clip/edits/labels_model.js";
import { LateStore } from "nightjar/clip/edits/late_store.js";
import { EditLog } from "nightjar/clip/edits/log.js";
import { annotationsOf, docFrom, emptyDoc, familyOf, targetOf } from "nightjar/clip/edits/model.js";
import { Outbox } from "nightjar/clip/edits/outbox.js";
import { betweenTabs, postEdits, takingTurns } from "nightjar/clip/edits/post.js";
import { othersOf } from "nightjar/clip/edits/presence_model.js";
import { Sender } from "nightjar/clip/edits/sender.js";
import { statusOf } from "nightjar/clip/edits/status_model.js";
import { presenceView, statusView, toolsView } from "nightjar/clip/edits/status_view.js";
import { openStore } from "nightjar/clip/edits/store.js";
import { readStack } from "nightjar/clip/edits/undo_model.js";

/** @typedef {import("nightjar/clip/edits/log.js").Wish} Wish */
/** @typedef {import("nightjar/clip/edits/sender.js").Clash} Clash */
/** @typedef {import("nightjar/clip/edits/sender.js").Result} Result */
/** @typedef {import("nightjar/clip/edits/store.js").Entry} Entry */

/** How often a page says that it is still here. */
const PULSE_MS = 10_000;
/** For how long after an edit a person counts as editing. */
const EDITING_MS = 15_000;

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { boot, page, actions } = bench;
  const { user } = boot;
  const here = () => page.get().id;

  /** Conflicts by clip, each the first of its queue. @type {Map<number, Clash>} */
  const clashes = new Map();
  let hasSaved = false;
  let lastEdit = 0;
  /** The label that was given last and is not yet saved. @type {{selected: number | null, name: string} | null} */
  let judging = null;
  /** @type {import("nightjar/clip/edits/presence_model.js").Present[]} */
  let others = [];

  const outbox = new Outbox(new LateStore(openStore()), user.id, onQueue);
  const log = new EditLog({
    outbox,
    user,
    project: boot.project.id,
    newId,
    runOf: (video) => video === here() ? page.get().found?.run?.id ?? null : null,
    stackOf: (video) => readStack(sessionStorage.getItem(stackKey(video))),
    keepStack: (video, stack) => keepStack(stackKey(video), stack),
  });
  const tell = betweenTabs(user.id, ({ entries, results }) => {
    if (results.length) take(entries, results);
    void outbox.load();
  });
  const sender = new Sender({
    outbox,
    post: postEdits,
    alone: takingTurns(user.id),
    onResults: take,
    // Other tabs read the queue when told: only then is it as they must find it.
    onSettled: tell,
    onClash: meetClash,
    onRefused: (entries, error) => {
      log.forget(entries);
      toast(t("An edit was refused: {reason}", { reason: error.message }), "bad");
    },
    onPhase: () => drawStatus(),
  });

  /** @param {number} video */
  const stackKey = (video) => `nightjar.undo:${user.id}:${video}`;

  // What changes -----------------------------------------------------------------------------

  /** The queue changed, here or in another tab. */
  function onQueue() {
    for (const [video, { edit }] of clashes) {
      if (outbox.entries.some(({ id }) => id === edit.id)) continue;
      clashes.delete(video);
      void sender.unblock(video);
    }
    refresh();
    drawStatus();
  }

  /** @param {Entry[]} entries @param {Result[]} results that the server has */
  function take(entries, results) {
    hasSaved = true;
    log.confirm(entries, results);
    refresh();
    const kinds = new Map(entries.map(({ id, kind, target, video }) => [id, { kind, target, video }]));
    bench.emit("saved", { results: results.map((result) => ({ ...kinds.get(result.id), ...result })) });
  }

  /** Puts the log into the page's state, where it changed. */
  function refresh() {
    const doc = log.doc(here());
    const before = page.get().annotations;
    const annotations = annotationsOf(doc);
    const { found, labels } = page.get();
    const shown = found && withLabels(found, doc.families.label, labels);
    if (shown !== found) page.set({ found: shown });
    const names = /** @type {(keyof typeof annotations)[]} */ (Object.keys(annotations));
    if (before && names.every((name) => before[name] === annotations[name])) return;
    page.set({ annotations });
    bench.emit("annotations", annotations);
  }

  /** @param {Promise<void>[]} writing */
  function send(writing) {
    lastEdit = Date.now();
    refresh();
    drawStatus();
    void Promise.all(writing).then(() => {
      tell();
      return sender.wake();
    });
  }

  // What people do ---------------------------------------------------------------------------

  /** @param {Wish} wish @returns {string} id of the edit */
  function make(wish) {
    const { id, written } = log.make(here(), wish);
    send([written]);
    return id;
  }

  /** @param {"undo" | "redo"} way */
  function trace(way) {
    const written = log[way](here());
    if (!written) return announce(way === "undo" ? t("Nothing to undo in this clip.") : t("Nothing to redo in this clip."));
    send(written);
    announce(way === "undo" ? t("Undone") : t("Redone"));
  }

  bench.edits = {
    make,
    newId,
    /** One step of undo. @template T @param {() => T} work */
    group: (work) => log.group(work),
    /** Several at once, as one step of undo. @param {Wish[]} wishes */
    makeAll: (wishes) => log.group(() => wishes.map(make)),
    undo: () => trace("undo"),
    redo: () => trace("redo"),
    doc: () => annotationsOf(log.doc(here())),
    /** @param {string} kind @param {string} target */
    thing: (kind, target) => log.doc(here()).families[familyOf({ kind, target })]?.[targetOf({ kind, target })] ?? null,
    /** @param {string} target */
    segment: (target) => log.doc(here()).families.segment[target] ?? null,
    /** @param {number} person @param {number} frame */
    pose: (person, frame) => log.doc(here()).families.pose[`${person}:${frame}`] ?? null,
    /** How many edits the server does not have. */
    waiting: () => outbox.entries.length,
    log,
    outbox,
    sender,
  };

  /** @param {Clash} clash */
  function meetClash(clash) {
    clashes.set(clash.edit.video, clash);
    if (clash.edit.video === here()) {
      if (clash.current) log.adopt(here(), familyOf(clash.edit), clash.current);
      void compare();
    }
    drawStatus();
  }

  async function compare() {
    const clash = clashes.get(here());
    if (!clash || document.querySelector("dialog[open]")) return;
    const { openMerge } = await import("nightjar/clip/edits/merge.js");
    const wanted = await openMerge(clash, log.mine(clash.edit), page.get());
    if (wanted === undefined || clashes.get(clash.edit.video) !== clash) return;
    await log.settle(clash.edit, clash.current, wanted);
    tell();
    // The clip's queue goes on by itself: the edit in question is gone from it.
  }

  async function showHistory() {
    const { openHistory } = await import("nightjar/clip/edits/history.js");
    openHistory(bench, boot.can.review);
  }

  async function showRefused() {
    const { openRefused } = await import("nightjar/clip/edits/refused.js");
    const choice = await openRefused(outbox.refused, page.get());
    if (choice === "drop") await log.drop([...outbox.refused]);
    if (choice === "again") for (const { id } of [...outbox.refused]) await outbox.refuse(id, null);
    tell();
    void sender.retry();
  }

  const canUndo = () => boot.can.review && log.stack(here()).done.length > 0;
  const canRedo = () => boot.can.review && log.stack(here()).undone.length > 0;
  actions.addAll([
    { id: "edits.undo", group: t("Edits"), name: t("Undo"), keys: ["Mod+Z"], repeat: true, when: canUndo, run: () => trace("undo") },
    { id: "edits.redo", group: t("Edits"), name: t("Redo"), keys: ["Mod+Shift+Z", "Mod+Y"], repeat: true, when: canRedo, run: () => trace("redo") },
    { id: "edits.history", group: t("Edits"), name: t("History of this clip"), keys: ["Alt+H"], run: showHistory },
    { id: "edits.compare", group: t("Edits"), name: t("Compare conflicting edits"), keys: [], when: () => clashes.has(here()), run: compare },
  ]);

  // What is shown ----------------------------------------------------------------------------

  const tools = bench.tools("edits", 90);
  const place = bench.tools("edit-status", 95);
  const presence = bench.tools("presence", 99);
  let named = page.get().labels;
  let said = "";
  let saying = 0;

  function drawStatus() {
    const entries = outbox.entries.filter(({ refused }) => !refused);
    const clash = clashes.get(here()) ?? clashes.values().next().value ?? null;
    const [first] = outbox.refused;
    const status = statusOf({
      phase: sender.phase,
      waiting: entries.length,
      here: entries.filter(({ video }) => video === here()).length,
      clash: clash && { video: clash.edit.video, isHere: clash.edit.video === here() },
      refused: first ? { count: outbox.refused.length, message: first.refused?.message ?? "" } : null,
      isLeaking: outbox.isLeaking,
      hasSaved,
    });
    show(place, statusView(status, entries.length, loginUrl()));
    showJudging(status.state, status.text);
    show(tools, toolsView(bench, boot.can.review));
    speak([status.text, status.more].filter(Boolean).join(". "), status.state === "saving");
  }

  /** How the label of the selected segment stands, for whoever shows the verdict. @param {string} state @param {string} text */
  function showJudging(state, text) {
    const { selected, labels } = page.get();
    const last = log.waiting(here()).findLast(({ kind, target }) => kind === "label.give" && target === String(selected));
    if (!last) {
      if (judging?.selected === selected && state !== "refused") page.set({ saving: { state: "saved", text: t("Saved: {name}", judging) } });
      judging = null;
      return;
    }
    const name = labels.find(({ id }) => id === last.data.label)?.name ?? t("Prediction");
    const isMoving = state === "saving" || state === "saved" || state === "idle";
    page.set({ saving: { state: isMoving ? "saving" : "failed", text: isMoving ? t("Saving {name}…", { name }) : `${name}: ${text}` } });
    judging = { selected, name };
  }

  /** Tells screen readers how saving stands, once it has stood so for a moment. @param {string} text @param {boolean} isPassing */
  function speak(text, isPassing) {
    clearTimeout(saying);
    saying = Number(setTimeout(() => {
      if (text === said) return;
      said = text;
      announce(text);
    }, isPassing ? 3000 : 700));
  }

  const loginUrl = () => `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;

  delegate(place, "click", {
    compare: () => void compare(),
    retry: () => void sender.retry(),
    refused: () => void showRefused(),
    open: (element) => void bench.open(Number(element.dataset.video)),
  });

  // What others do ---------------------------------------------------------------------------

  /** @param {number} video @param {number} after */
  async function readNews(video, after) {
    const answer = await getJson(`videos/${video}/edits/`, { query: { after, page_size: 500 } }).catch(() => null);
    if (!answer) return bench.reread();
    for (const row of answer.edits) log.hear(video, row);
    if (answer.more) await readNews(video, answer.edits.at(-1).seq);
    refresh();
  }

  /** @param {any} event */
  function onEvent(event) {
    if (event.kind === "presence" && event.video === here()) {
      others = othersOf(event, user.id);
      show(presence, presenceView(others));
    }
    if (!log.knows(event.video) && event.video !== here()) return;
    if (event.kind === "edits") void readNews(event.video, event.after);
    if (event.kind !== "edit") return;
    const isTheirs = log.hear(event.video, event.edit);
    // Where a decision is open, it is asked anew: what they have now is shown.
    const clash = clashes.get(event.video);
    if (isTheirs && clash && targetOf(clash.edit) === event.edit.target) {
      clashes.delete(event.video);
      void sender.unblock(event.video);
    }
    refresh();
  }

  function pulse() {
    if (document.hidden) return;
    const { person } = page.get();
    const frame = bench.player.frame;
    say({ kind: "here", video: here(), frame: frame < 0 ? null : frame, person, editing: Date.now() - lastEdit < EDITING_MS });
  }

  bench.addLoader("edits", ({ id }) => getJson(`videos/${id}/annotations/`).catch(() => null));
  bench.on("leave", ({ to }) => {
    others = [];
    show(presence, null);
    say({ kind: "here", video: null });
    page.set({ annotations: annotationsOf(log.doc(to)) });
  });
  bench.on("clip", ({ id, found, loaded, isFirst }) => {
    if (loaded.edits) log.serve(id, docFrom(loaded.edits));
    else if (!log.knows(id)) log.serve(id, emptyDoc());
    for (const thing of labelThings(found)) log.adopt(id, "label", thing);
    refresh();
    drawStatus();
    if (!isFirst) return;
    pulse();
    void compare();
  });
  bench.on("live", onEvent);
  bench.on("reopened", () => {
    pulse();
    void sender.retry();
  });
  bench.on("render", ({ labels }) => {
    show(tools, toolsView(bench, boot.can.review));
    // Waiting labels can be named only once the label set is there.
    if (labels === named) return;
    named = labels;
    refresh();
  });

  const wake = () => document.hidden || void sender.retry();
  addEventListener("online", wake);
  addEventListener("focus", () => ["login", "stranger", "forbidden"].includes(sender.phase) && wake());
  addEventListener("visibilitychange", () => {
    wake();
    pulse();
  });
  addEventListener("beforeunload", (event) => outbox.isLeaking && outbox.entries.length && event.preventDefault());
  setInterval(pulse, PULSE_MS);
  page.set({ annotations: annotationsOf(emptyDoc()) });
  void outbox.load().then(() => sender.wake());
}

/** @param {string} key @param {import("nightjar/clip/edits/undo_model.js").Stack} stack */
function keepStack(key, stack) {
  try {
    sessionStorage.setItem(key, JSON.stringify(stack));
  } catch {
    // Full: undo then ends with the page.
    sessionStorage.removeItem(key);
  }
}

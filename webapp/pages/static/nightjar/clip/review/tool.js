// @ts-check
/** Judging: labels, accepting, and what a given label suggests for others. */

import { ApiError, getJson, messageOf, postJson } from "nightjar/core/api.js";
import { show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { toast } from "nightjar/core/notices.js";
import { segmentById, withSegment } from "nightjar/clip/model.js";
import { historyView, judgement, labelList, suggestionView } from "nightjar/clip/review/view.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/model.js").Segment} Segment */

/** @param {Bench} bench */
export function install(bench) {
  const { actions, boot, page } = bench;
  const project = `projects/${boot.project.id}`;
  const selectedSegment = () => segmentById(page.get().found, page.get().selected);
  const mayJudge = () => boot.can.review && selectedSegment() !== null;

  // What is read ---------------------------------------------------------------------------

  async function readHistory() {
    const { selected } = page.get();
    if (selected === null) return page.set({ history: [] });
    const answer = await getJson(`segments/${selected}/corrections/`).catch(() => null);
    if (page.get().selected === selected && answer) page.set({ history: answer.results ?? answer });
  }

  /** What the label of the selected segment, once a person gave it, suggests for others. */
  async function readSuggestions() {
    const { selected } = page.get();
    if (!boot.can.review || selectedSegment()?.current?.source !== "correction") return page.set({ suggestions: [] });
    const answer = await getJson(`${project}/suggestions/`, { query: { like: selected, page_size: 20 } }).catch(() => null);
    if (answer && page.get().selected === selected) page.set({ suggestions: answer.results });
  }

  let removeLabelKeys = () => {};

  async function readLabels() {
    const answer = await getJson(`${project}/label-set/`).catch(() => null);
    if (!answer) return;
    const labels = /** @type {import("nightjar/clip/model.js").FullLabel[]} */ (answer.labels);
    removeLabelKeys();
    removeLabelKeys = actions.addAll(labels.filter(({ archived }) => !archived).map(labelAction));
    page.set({ labels, overlap: answer.overlap });
  }

  /** @param {import("nightjar/clip/model.js").FullLabel} label @returns {import("nightjar/clip/actions.js").Action} */
  function labelAction({ id, name, hotkey }) {
    const take = (/** @type {boolean} */ down) => bench.takeLabel?.({ label: id, down }) ?? false;
    return {
      id: `label.${id}`, group: t("Labels"), name, keys: hotkey ? [hotkey] : [], fixed: true,
      when: () => boot.can.review,
      run: () => take(true) ? take(false) : give(id),
      held: ({ down }) => void (take(down) || (down && give(id))),
    };
  }

  // What people do -------------------------------------------------------------------------

  /** Saves go one after the other, so that each carries the version that the one before made. */
  let saves = Promise.resolve(true);

  /** @param {number} labelId */
  function give(labelId) {
    const segmentId = page.get().selected;
    if (!boot.can.review || segmentId === null) return Promise.resolve(false);
    saves = saves.then(() => save(segmentId, labelId));
    return saves;
  }

  /** @param {number} segmentId @param {number} labelId @returns {Promise<boolean>} */
  async function save(segmentId, labelId) {
    const segment = segmentById(page.get().found, segmentId);
    const name = page.get().labels.find(({ id }) => id === labelId)?.name ?? "label";
    if (!segment) return false;
    page.set({ saving: { state: "saving", text: t("Saving {name}…", { name }) } });
    try {
      const headers = { "If-Match": `"${segment.version}"` };
      const answer = await postJson(`segments/${segmentId}/corrections/`, { label: labelId }, { headers });
      adopt(answer.segment);
      page.set({ saving: { state: "saved", text: t("Saved: {name}", { name }) } });
      afterGiving(segmentId);
      return true;
    } catch (error) {
      page.set({ saving: { state: "failed", text: t("Not saved: {reason}", { reason: messageOf(error) }) } });
      if (error instanceof ApiError && error.status === 412) afterConflict(segmentId, name, error);
      else if (error instanceof ApiError && error.status === 409) bench.reread();
      else toast(t("{name} was not saved. {reason}", { name, reason: messageOf(error) }), "bad");
      return false;
    }
  }

  /** @param {number} segmentId */
  function afterGiving(segmentId) {
    readHistory();
    bench.readQueue();
    if (page.get().selected === segmentId) readSuggestions();
  }

  /** @param {Segment} segment */
  function adopt(segment) {
    page.set((state) => (state.found ? { ...state, found: withSegment(state.found, segment) } : state));
  }

  /** @param {number} segmentId @param {string} name @param {ApiError} error */
  function afterConflict(segmentId, name, error) {
    if (error.extra?.segment) adopt(error.extra.segment);
    else bench.reread();
    readHistory();
    const current = segmentById(page.get().found, segmentId)?.current;
    const text = current?.author
      ? t("{author} gave {label} while you looked. It was read again; your {name} is not saved.", { author: current.author, label: current.label.name, name })
      : t("Somebody changed this segment while you looked. It was read again; your {name} is not saved.", { name });
    page.set({ saving: { state: "failed", text } });
    toast(text, "warm");
  }

  async function accept() {
    const { id } = page.get();
    const current = selectedSegment()?.current;
    if (!current) return;
    await saves;
    if (current.source === "prediction" && !await give(current.label.id)) return;
    if (page.get().id === id) bench.goOn();
  }

  /** @param {"accept" | "dismiss"} decision */
  async function answerSuggestion(decision) {
    const [first] = page.get().suggestions;
    if (!first) return;
    page.set((state) => ({ ...state, suggestions: state.suggestions.filter(({ segment }) => segment !== first.segment) }));
    try {
      const headers = { "If-Match": `"${first.version}"` };
      const said = { correction: first.correction, decision };
      const { segment } = await postJson(`segments/${first.segment}/suggestion-decisions/`, said, { headers });
      if (decision !== "accept") return;
      adopt(segment);
      toast(`${first.name}: ${first.suggested?.name}.`);
      bench.readQueue();
    } catch (error) {
      const isStale = error instanceof ApiError && [409, 412].includes(error.status);
      toast(isStale ? t("{name} was changed meanwhile; nothing was saved.", { name: first.name }) : messageOf(error), isStale ? "warm" : "bad");
    }
  }

  const hasSuggestion = () => boot.can.review && page.get().suggestions.length > 0;
  actions.addAll([
    { id: "review.accept", group: t("Judge"), name: t("Accept and go on"), keys: ["Enter"], when: () => mayJudge() && Boolean(selectedSegment()?.current), run: accept },
    { id: "suggestion.accept", group: t("Judge"), name: t("Accept the suggestion"), keys: ["Y"], when: hasSuggestion, run: () => answerSuggestion("accept") },
    { id: "suggestion.dismiss", group: t("Judge"), name: t("Dismiss the suggestion"), keys: ["Shift+Y"], when: hasSuggestion, run: () => answerSuggestion("dismiss") },
  ]);

  const places = { judgement: bench.section("judgement", 10), suggestion: bench.section("suggestion", 15), labels: bench.section("labels", 20), history: bench.section("history", 60) };
  bench.on("render", (state) => {
    const segment = state.clip && segmentById(state.found, state.selected);
    show(places.judgement, segment && judgement(bench, state, segment));
    show(places.suggestion, segment && suggestionView(bench, state));
    show(places.labels, segment && labelList(state, segment));
    show(places.history, segment && historyView(state));
  });
  bench.on("selection", () => {
    page.set({ history: [], suggestions: [], saving: { state: "idle", text: "" } });
    readHistory();
  });
  bench.on("clip", readHistory);
  bench.on("live", ({ kind }) => kind === "labels" && readLabels());
  bench.on("reopened", readLabels);
  bench.on("started", readLabels);
}

// @ts-check
/** Judging: labels, accepting, rejecting, sending back, and who said what. */

import { getJson } from "nightjar/core/api.js";
import { show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { announce } from "nightjar/core/notices.js";
import { segmentById } from "nightjar/clip/model.js";
import { acceptance, annotatedSegment, decisionOn, subjectOf } from "nightjar/clip/review/judge_model.js";
import { historyView, judgement, labelList } from "nightjar/clip/review/view.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */

/** @param {Bench} bench */
export function install(bench) {
  const { actions, boot, page } = bench;
  const project = `projects/${boot.project.id}`;
  const selectedSegment = () => segmentById(page.get().found, page.get().selected);

  async function readHistory() {
    const { selected } = page.get();
    if (selected === null) return page.set({ history: [] });
    const answer = await getJson(`segments/${selected}/corrections/`).catch(() => null);
    if (page.get().selected === selected && answer) page.set({ history: answer.results ?? answer });
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
      can: () => boot.can.review,
      run: () => take(true) ? take(false) : give(id),
      held: ({ down }) => void (take(down) || (down && give(id))),
    };
  }

  /** @param {number} label */
  function give(label) {
    const { selected } = page.get();
    if (!boot.can.review || !selectedSegment()) return;
    bench.edits.make({ kind: "label.give", target: String(selected), data: { label } });
    bench.noteJudged(selected);
  }

  /**
   * @param {"accept" | "reject" | "send_back"} decision
   * @param {{target?: string, comment?: string, frame?: number, person?: number | null}} [about]
   */
  function decide(decision, { target = subjectOf(page.get()), ...data } = {}) {
    const { clip, selected } = page.get();
    bench.edits.make({ kind: "review.decide", target, data: { decision, ...data } });
    bench.noteJudged(target === "clip" ? null : selected);
    const said = { accept: t("{name} accepted", { name: clip?.name }), reject: t("{name} rejected", { name: clip?.name }), send_back: t("{name} sent back", { name: clip?.name }) };
    announce(said[decision]);
    bench.goOn();
  }

  function accept() {
    const doing = acceptance(page.get());
    if (doing.act === "confirm") return decide("accept", { target: doing.target });
    if (doing.act === "give") give(doing.label);
    bench.goOn();
  }

  const group = t("Judge");
  const mayJudge = () => boot.can.review && Boolean(bench.edits) && page.get().clip !== null;
  actions.addAll([
    { id: "review.accept", group, name: t("Accept and go on"), keys: ["Enter"], can: () => mayJudge() && Boolean(annotatedSegment(page.get()) ?? selectedSegment()?.current), run: accept },
    { id: "review.reject", group, name: t("Reject and go on"), keys: ["X"], can: mayJudge, run: () => decide("reject") },
    { id: "review.skip", group, name: t("Go on without judging"), keys: ["Shift+Enter"], run: () => bench.goOn() },
  ]);
  bench.decide = decide;

  const places = { judgement: bench.section("judgement", 10), labels: bench.section("labels", 20), history: bench.section("history", 60) };
  bench.on("render", (state) => {
    const segment = state.clip && segmentById(state.found, state.selected);
    show(places.judgement, segment && judgement(bench, state, segment, decisionOn(state)));
    show(places.labels, segment && labelList(state, segment));
    show(places.history, segment && historyView(state));
  });
  bench.on("selection", () => {
    page.set({ history: [], saving: { state: "idle", text: "" } });
    readHistory();
  });
  bench.on("clip", ({ isFirst }) => isFirst || readHistory());
  bench.on("saved", ({ results }) => {
    const isHere = (/** @type {{kind: string, target: string}} */ { kind, target }) => kind === "label.give" && target === String(page.get().selected);
    if (results.some(isHere)) readHistory();
  });
  bench.on("live", ({ kind }) => kind === "labels" && readLabels());
  bench.on("reopened", readLabels);
  bench.on("started", readLabels);
}

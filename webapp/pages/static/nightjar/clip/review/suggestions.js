// @ts-check
/** What a label that was just given suggests for segments that move nearly the same. */

import { ApiError, getJson, messageOf, postJson } from "nightjar/core/api.js";
import { show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { toast } from "nightjar/core/notices.js";
import { segmentById, withSegment } from "nightjar/clip/model.js";
import { suggestionView } from "nightjar/clip/review/view.js";

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, boot, page } = bench;
  const project = `projects/${boot.project.id}`;

  /** What the label of the selected segment, once a person gave it, suggests for others. */
  async function readSuggestions() {
    const { found, selected } = page.get();
    const isJudged = segmentById(found, selected)?.current?.source === "correction";
    if (!boot.can.review || !isJudged) return page.set({ suggestions: [] });
    const answer = await getJson(`${project}/suggestions/`, { query: { like: selected, page_size: 20 } }).catch(() => null);
    if (answer && page.get().selected === selected) page.set({ suggestions: answer.results });
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
      page.set((state) => (state.found ? { ...state, found: withSegment(state.found, segment) } : state));
      toast(`${first.name}: ${first.suggested?.name}.`);
      bench.readQueue();
    } catch (error) {
      const isStale = error instanceof ApiError && [409, 412].includes(error.status);
      toast(isStale ? t("{name} was changed meanwhile; nothing was saved.", { name: first.name }) : messageOf(error), isStale ? "warm" : "bad");
    }
  }

  const group = t("Judge");
  const has = () => boot.can.review && page.get().suggestions.length > 0;
  actions.addAll([
    { id: "suggestion.accept", group, name: t("Accept the suggestion"), keys: ["Y"], can: has, run: () => answerSuggestion("accept") },
    { id: "suggestion.dismiss", group, name: t("Dismiss the suggestion"), keys: ["Shift+Y"], can: has, run: () => answerSuggestion("dismiss") },
  ]);
  const place = bench.section("suggestion", 15);
  bench.on("render", (state) => show(place, state.clip && segmentById(state.found, state.selected) ? suggestionView(bench, state) : null));
  bench.on("selection", () => page.set({ suggestions: [] }));
  bench.on("saved", ({ results }) => {
    const { selected } = page.get();
    if (results.some((/** @type {{kind: string, target: string}} */ { kind, target }) => kind === "label.give" && target === String(selected))) readSuggestions();
  });
}

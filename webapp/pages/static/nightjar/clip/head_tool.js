// @ts-check
/** Which clip is on the page, what is the matter with it, and having it analysed again. */

import { messageOf, postJson } from "nightjar/core/api.js";
import { show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { toast } from "nightjar/core/notices.js";
import { headView, noticeView } from "nightjar/clip/view.js";
import { canRunAgain } from "nightjar/library/model.js";

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  const { actions, boot, page } = bench;

  async function analyse() {
    try {
      await postJson(`videos/${page.get().id}/runs/`, {});
      toast(t("The analysis starts as soon as a worker is free."));
    } catch (error) {
      toast(messageOf(error), "bad");
    }
    bench.reread();
  }

  const group = t("Clips");
  const mayAnalyse = () => {
    const { clip } = page.get();
    return Boolean(boot.can.review && clip && canRunAgain(clip));
  };
  actions.addAll([
    { id: "clip.read-again", group, name: t("Read the clip again"), keys: [], run: () => bench.reread() },
    { id: "clip.analyse", group, name: t("Analyse the clip"), keys: [], can: mayAnalyse, run: analyse },
  ]);
  const [head, notice] = [bench.section("head", 0), bench.section("notice", 5)];
  bench.on("render", (state) => {
    show(head, headView(bench, state));
    show(notice, state.error ? null : noticeView(state));
  });
}

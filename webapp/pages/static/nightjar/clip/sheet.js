// @ts-check
/** The sheet of keys: opened by `?`; the dialog itself is read only when it is wanted. */

import { t } from "nightjar/core/i18n.js";

/** @param {import("nightjar/clip/bench.js").Bench} bench */
export function install(bench) {
  bench.actions.add({
    id: "help", group: t("See"), name: t("Keys"), keys: ["?"],
    run: async () => (await import("nightjar/clip/sheet_view.js")).openSheet(bench.actions),
  });
}

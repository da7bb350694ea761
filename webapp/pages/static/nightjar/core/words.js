// @ts-check
/** The server's words for states, in the person's language; pure. */

import { t } from "nightjar/core/i18n.js";

/** @type {Record<string, string>} */
const STATES = {
  active: t("active"),
  adapted: t("adapted"),
  cancelled: t("cancelled"),
  candidate: t("candidate"),
  discarded: t("discarded"),
  done: t("done"),
  failed: t("failed"),
  imported: t("imported"),
  queued: t("waiting"),
  ready: t("ready"),
  retired: t("retired"),
  running: t("running"),
  shipped: t("shipped"),
};

/** @param {string} state as the server names it */
export function stateInWords(state) {
  return STATES[state] ?? state;
}

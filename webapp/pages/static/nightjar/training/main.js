// @ts-check
/** The training page: state, events and requests; `view.js` draws. */

import { getJson, messageOf, postJson, request } from "nightjar/core/api.js";
import { delegate, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { goLive } from "nightjar/core/live.js";
import { confirmed, toast } from "nightjar/core/notices.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";
import { createReader } from "nightjar/library/reader.js";
import { applyTraining, runToShow, withJob } from "nightjar/training/model.js";
import { wantedRule } from "nightjar/training/rules_model.js";
import { trainingView } from "nightjar/training/view.js";

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;

const page = createState(
  /** @type {import("nightjar/training/view.js").State} */ ({
    training: null,
    runs: [],
    versions: [],
    promotions: [],
    evaluation: null,
    rules: null,
    ruleChanges: [],
    library: boot.library_url,
    chosen: null,
    busy: "",
    error: "",
  }),
  (state) => show(root, trainingView(state)),
);

async function readAll() {
  const query = { page_size: 30 };
  try {
    const [training, runs, versions, promotions, rules, changes] = await Promise.all([
      getJson(`${project}/training/`),
      getJson(`${project}/training-runs/`, { query }),
      getJson(`${project}/classifiers/`, { query }),
      getJson(`${project}/promotions/`, { query }),
      getJson(`${project}/training-rules/`),
      getJson(`${project}/training-rule-changes/`, { query }),
    ]);
    page.set({
      training,
      runs: runs.results,
      versions: versions.results,
      promotions: promotions.results,
      rules,
      ruleChanges: changes.results,
      error: "",
    });
    await readEvaluation();
  } catch (error) {
    if (page.get().training) toast(messageOf(error), "bad");
    else page.set({ error: messageOf(error) });
  }
}

/** The clips behind the figures of the run that is shown; read again only for another run. */
async function readEvaluation() {
  const { runs, chosen, evaluation } = page.get();
  const shown = runToShow(runs, chosen);
  if (!shown || evaluation?.run === shown.id) return;
  const answer = await getJson(`training-runs/${shown.id}/evaluation/`).catch(() => null);
  if (answer) page.set({ evaluation: { run: shown.id, ...answer } });
}

/** @param {HTMLSelectElement} select */
async function changeRule({ name, value }) {
  page.set({ busy: "rule" });
  try {
    await request(`${project}/training-rules/`, { method: "PATCH", json: wantedRule(name, value) });
    toast(t("The rule is saved."));
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  await readAll();
  page.set({ busy: "" });
}

/** @param {string} what @param {string} path @param {string} done */
async function act(what, path, done) {
  page.set({ busy: what });
  // What happens next is shown at the head of the page.
  scrollTo({ top: 0, behavior: "smooth" });
  try {
    await postJson(path, {});
    if (done) toast(done);
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  await readAll();
  page.set({ busy: "" });
}

/** @param {HTMLElement} element */
const idOf = (element) => Number(element.dataset.id);

/** @param {number} id */
const numberOf = (id) => page.get().versions.find((version) => version.id === id)?.number ?? "";

/** @param {number} id */
async function promote(id) {
  const active = page.get().training?.active;
  const text = active
    ? t("Every clip is predicted anew from its stored skeleton; then version {number} replaces version {former} at once. People's own labels stay as they are, and you can roll back.", { number: numberOf(id), former: active.number })
    : t("Every clip is predicted anew from its stored skeleton; then version {number} becomes active at once. People's own labels stay as they are, and you can roll back.", { number: numberOf(id) });
  if (await confirmed({ title: t("Promote version {number}?", { number: numberOf(id) }), text, yes: t("Promote") })) {
    await act("promote", `classifiers/${id}/promotion/`, "");
  }
}

/** @param {number} id */
async function rollBack(id) {
  const text = t("Every clip gets the predictions of version {number} again. The version that is active now is kept and can come back.", { number: numberOf(id) });
  if (await confirmed({ title: t("Roll back to version {number}?", { number: numberOf(id) }), text, yes: t("Roll back") })) {
    await act("rollback", `classifiers/${id}/promotion/`, "");
  }
}

/** @param {number} id */
async function discard(id) {
  const text = t("It is put aside and never used. Its figures stay in the list of versions.");
  if (await confirmed({ title: t("Discard version {number}?", { number: numberOf(id) }), text, yes: t("Discard"), danger: true })) {
    await act("discard", `classifiers/${id}/discarding/`, t("Version {number} is discarded.", { number: numberOf(id) }));
  }
}

delegate(root, "click", {
  reload: () => readAll(),
  retrain: () => act("retrain", `${project}/training-runs/`, ""),
  cancel: (element) => act("cancel", `training-runs/${idOf(element)}/cancellation/`, t("The training stops.")),
  promote: (element) => promote(idOf(element)),
  discard: (element) => discard(idOf(element)),
  rollback: (element) => rollBack(idOf(element)),
  rebuild: (element) => act("rebuild", `training-runs/${idOf(element)}/rebuild/`, ""),
  "stop-promotion": (element) => act("cancel", `promotions/${idOf(element)}/cancellation/`, t("The promotion stops.")),
  show: (element) => {
    page.set({ chosen: idOf(element) });
    readEvaluation();
    scrollTo({ top: 0, behavior: "smooth" });
  },
});

delegate(root, "change", { rule: (element) => changeRule(/** @type {HTMLSelectElement} */ (element)) });

const reader = createReader({ readAll, readSome: readAll });

/** @param {import("nightjar/core/events.js").ProjectEvent} event */
function onEvent(event) {
  const { runs, promotions } = page.get();
  if (event.kind === "job") page.set({ runs: withJob(runs, event), promotions: withJob(promotions, event) });
  else if (event.kind === "training") {
    const applied = applyTraining(runs, event);
    page.set({ runs: applied.runs });
    if (applied.mustRead) reader.ask("all");
  } else if (["promotion", "classifier", "correction", "labels", "training_rules"].includes(event.kind)) reader.ask("all");
  if (event.kind === "promotion" && event.state === "done") toast(t("The new predictions are in place."));
}

page.draw();
await goLive(boot.project.id, onEvent, () => reader.ask("all"));
await readAll();

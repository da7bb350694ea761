// @ts-check
/** The pose page: state, events and requests; `view.js` draws. */

import { getJson, messageOf, postJson, remove, request } from "nightjar/core/api.js";
import { delegate, h, show } from "nightjar/core/dom.js";
import { t, tn } from "nightjar/core/i18n.js";
import { goLive } from "nightjar/core/live.js";
import { confirmed, toast } from "nightjar/core/notices.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";
import { createReader } from "nightjar/library/reader.js";
import { Uploader } from "nightjar/library/uploader.js";
import { applyAdaptation, applyChange, capital, nameOf, namesIn, oftenInWords } from "nightjar/pose/model.js";
import { poseView } from "nightjar/pose/view.js";
import { withJob } from "nightjar/training/model.js";

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;

const page = createState(
  /** @type {import("nightjar/pose/view.js").State} */ ({
    pose: null,
    versions: [],
    imports: [],
    uploads: [],
    changes: [],
    adaptations: [],
    canAdapt: null,
    labels: [],
    formOpen: false,
    busy: "",
    error: "",
  }),
  (state) => show(root, poseView(state)),
);

async function readAll() {
  const query = { page_size: 30 };
  const list = (/** @type {string} */ name) => getJson(`${project}/${name}/`, { query }).then(({ results }) => results);
  try {
    const [pose, versions, imports, changes, adaptations, canAdapt] = await Promise.all([
      getJson(`${project}/pose/`),
      list("pose-versions"),
      list("pose-imports"),
      list("pose-changes"),
      list("adaptations"),
      getJson(`${project}/adaptation/`),
    ]);
    page.set({ pose, versions, imports, changes, adaptations, canAdapt, error: "" });
  } catch (error) {
    if (page.get().pose) toast(messageOf(error), "bad");
    else page.set({ error: messageOf(error) });
  }
}

async function readLabels() {
  const { labels } = await getJson(`${project}/label-set/`).catch(() => ({ labels: [] }));
  page.set({ labels });
}

/** @param {string} what @param {string} path @param {object} body @param {string} done */
async function act(what, path, body, done) {
  page.set({ busy: what });
  // What happens next is shown at the head of the page.
  scrollTo({ top: 0, behavior: "smooth" });
  let isGood = true;
  try {
    await postJson(path, body);
    if (done) toast(done);
  } catch (error) {
    isGood = false;
    toast(messageOf(error), "bad");
  }
  await readAll();
  page.set({ busy: "" });
  return isGood;
}

/** @param {HTMLElement} element */
const idOf = (element) => Number(element.dataset.id);

/** @param {number | null} id of a version; null: the shipped network */
async function choose(id) {
  const { versions, pose } = page.get();
  const version = versions.find((one) => one.id === id) ?? null;
  const facts = version?.facts ?? pose?.shipped;
  const count = pose?.analysed ?? 0;
  const text = [
    t("New clips use it from now on."),
    count ? tn(count, "The {count} analysed clip is analysed anew; it shows its former results until then, and what people said is carried over.", "The {count} analysed clips are analysed anew one after another; each shows its former results until then, and what people said is carried over.") : "",
    facts?.is_large ? t("It is a large network: on a CPU it takes one to three seconds for each skeleton, so let it look at some frames only.") : "",
    t("You can go back at any time."),
  ].filter(Boolean).join(" ");
  const often = oftenSelect(version);
  const body = version ? h("span", { class: "choice" }, h("span", null, text), h("label", { class: "field" }, h("span", null, t("The network looks at")), often)) : text;
  if (await confirmed({ title: t("Use {version}?", { version: nameOf(version) }), text: body, yes: t("Use it") })) {
    const every = version ? Number(often.value) : 1;
    await act("choose", `${project}/pose-changes/`, { version: id, every }, t("{version} is active.", { version: capital(nameOf(version)) }));
  }
}

/** @param {import("nightjar/pose/model.js").Version | null} version */
function oftenSelect(version) {
  const used = version?.state === "candidate" ? (version.facts.is_large ? 5 : 1) : version?.every ?? 1;
  const choices = [...new Set([1, 2, 3, 5, 10, used])].sort((a, b) => a - b);
  return /** @type {HTMLSelectElement} */ (h("select", { "data-testid": "choose-every" },
    choices.map((every) => h("option", { value: every, selected: every === used }, oftenInWords(every)))));
}

/** Weights as they are used already. @param {import("nightjar/pose/model.js").Version | null} active */
const restOf = (active) => ({ version: active?.id ?? null, every: active?.every ?? 1 });

/** @param {number} id */
async function discard(id) {
  const version = page.get().versions.find((one) => one.id === id) ?? null;
  const text = t("It is put aside and never used. Its card stays in the list.");
  if (await confirmed({ title: t("Discard {version}?", { version: nameOf(version) }), text, yes: t("Discard"), danger: true })) {
    await act("discard", `pose-versions/${id}/discarding/`, {}, t("{version} is discarded.", { version: capital(nameOf(version)) }));
  }
}

/** @param {HTMLFormElement} form */
async function adapt(form) {
  const given = new FormData(form);
  const text = (/** @type {string} */ name) => String(given.get(name) ?? "").trim();
  const byKeypoints = text("teacher") === "keypoints";
  const wanted = {
    teacher: text("teacher") && !byKeypoints ? Number(text("teacher")) : null,
    by_keypoints: byKeypoints,
    held_out: namesIn(text("held_out")),
    minutes: Number(text("minutes")),
    clips: { q: text("q"), label: text("label") ? Number(text("label")) : null },
  };
  if (await act("adapt", `${project}/adaptations/`, wanted, "")) page.set({ formOpen: false });
}

/** @param {File[]} files one after another: they are small */
async function bringKeypoints(files) {
  page.set({ busy: "keypoints" });
  const headers = { "Content-Type": "application/octet-stream" };
  let kept = 0;
  try {
    for (const file of files) {
      await request(`${project}/keypoint-files/`, { method: "POST", query: { name: file.name }, body: file, headers });
      kept += 1;
    }
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  if (kept) toast(tn(kept, "{count} keypoint file kept.", "{count} keypoint files kept."));
  await readAll();
  page.set({ busy: "" });
}

async function forgetKeypoints() {
  const text = t("The keypoint files of this project are removed. Networks that learnt from them stay.");
  if (!await confirmed({ title: t("Drop the keypoint files?"), text, yes: t("Drop them"), danger: true })) return;
  await remove(`${project}/keypoint-files/`).catch((error) => toast(messageOf(error), "bad"));
  await readAll();
}

/** Unfinished uploads of this project, apart from those of other pages. @type {import("nightjar/library/uploader.js").Memory} */
const memory = {
  getItem: (key) => localStorage.getItem(`pose.${boot.project.id}.${key}`),
  setItem: (key, value) => localStorage.setItem(`pose.${boot.project.id}.${key}`, value),
  removeItem: (key) => localStorage.removeItem(`pose.${boot.project.id}.${key}`),
};

/** An import that has come whole counts as what the uploader waits for. @param {import("nightjar/pose/model.js").Import} one */
const status = ({ id, received_bytes, state }) => ({ id: String(id), received_bytes, video: state === "receiving" ? null : id });

const uploader = new Uploader({
  memory,
  transport: {
    create: async (name, size_bytes) => status(await postJson(`${project}/pose-imports/`, { name, size_bytes })),
    status: async (id) => status(await getJson(`pose-imports/${id}/`)),
    send: async (id, offset, body, signal) => {
      const headers = { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) };
      return status(await (await request(`pose-imports/${id}/`, { method: "PATCH", body, headers, signal })).json());
    },
  },
  onChange: (uploads, finished) => {
    page.set({ uploads });
    if (finished) readAll();
  },
});

delegate(root, "click", {
  reload: () => readAll(),
  browse: () => document.getElementById("import-input")?.click(),
  "browse-keypoints": () => document.getElementById("keypoint-input")?.click(),
  "forget-keypoints": () => forgetKeypoints(),
  "adapt-open": () => page.set((state) => ({ ...state, formOpen: !state.formOpen })),
  "adapt-close": () => page.set({ formOpen: false }),
  choose: (element) => choose(idOf(element)),
  "choose-shipped": () => choose(null),
  "analyse-rest": () => act("choose", `${project}/pose-changes/`, restOf(page.get().pose?.active ?? null), ""),
  "stop-change": (element) => act("stop", `pose-changes/${idOf(element)}/cancellation/`, {}, t("Clips that were not reached keep their results.")),
  discard: (element) => discard(idOf(element)),
  "cancel-import": (element) => act("cancel", `pose-imports/${idOf(element)}/cancellation/`, {}, t("The import stops.")),
  "cancel-adaptation": (element) => act("cancel", `adaptations/${idOf(element)}/cancellation/`, {}, t("The adaptation stops.")),
  "retry-upload": (element) => uploader.retry(Number(element.dataset.keyOf)),
  "cancel-upload": (element) => uploader.cancel(Number(element.dataset.keyOf)),
});

delegate(root, "change", {
  pick: (element) => {
    const input = /** @type {HTMLInputElement} */ (element);
    uploader.clearFinished();
    uploader.add(input.files ?? []);
    input.value = "";
  },
  keypoints: (element) => {
    const input = /** @type {HTMLInputElement} */ (element);
    const files = [...(input.files ?? [])];
    input.value = "";
    bringKeypoints(files);
  },
});

delegate(root, "submit", {
  adapt: (element, event) => {
    event.preventDefault();
    adapt(/** @type {HTMLFormElement} */ (element));
  },
});

const reader = createReader({ readAll, readSome: readAll });

/** @param {import("nightjar/core/events.js").ProjectEvent} event */
function onEvent(event) {
  const { adaptations, imports, pose } = page.get();
  if (event.kind === "job") page.set({ adaptations: withJob(adaptations, event), imports: withJob(imports, event) });
  else if (event.kind === "adaptation") {
    const applied = applyAdaptation(adaptations, event);
    page.set({ adaptations: applied.all });
    if (applied.mustRead) reader.ask("all");
  } else if (event.kind === "pose_change") {
    const applied = applyChange(pose, event);
    page.set({ pose: applied.pose });
    if (applied.mustRead) reader.ask("all");
  } else if (["pose_version", "pose_import"].includes(event.kind)) reader.ask("all");
}

page.draw();
await goLive(boot.project.id, onEvent, () => reader.ask("all"));
await Promise.all([readAll(), readLabels()]);

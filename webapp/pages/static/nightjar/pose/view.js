// @ts-check
/** Draws the pose page from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, bytes, duration, percent, plural } from "nightjar/core/format.js";
import {
  adaptationToShow,
  bySteps,
  capital,
  factsInWords,
  gainOf,
  importToShow,
  intervalOf,
  misfitRows,
  nameOf,
  oftenInWords,
  sizeInWords,
  stageOf,
  teacherName,
} from "nightjar/pose/model.js";
import { lineChart } from "nightjar/training/chart.js";
import { isUnfinished } from "nightjar/training/model.js";

/** @typedef {import("nightjar/pose/model.js").Version} Version */
/** @typedef {import("nightjar/pose/model.js").Facts} Facts */
/** @typedef {import("nightjar/pose/model.js").Adaptation} Adaptation */
/** @typedef {import("nightjar/pose/model.js").Change} Change */
/** @typedef {import("nightjar/pose/model.js").Import} Import */
/** @typedef {import("nightjar/pose/model.js").Pose} Pose */

/**
 * @typedef {object} State
 * @property {Pose | null} pose
 * @property {Version[]} versions
 * @property {Import[]} imports
 * @property {import("nightjar/library/uploader.js").Item[]} uploads
 * @property {Change[]} changes
 * @property {Adaptation[]} adaptations
 * @property {import("nightjar/pose/model.js").CanAdapt | null} canAdapt
 * @property {{id: number, name: string}[]} labels
 * @property {boolean} formOpen
 * @property {string} busy
 * @property {string} error
 */

/** @param {State} state */
export function poseView(state) {
  if (state.error && !state.pose) return failure(state.error);
  if (!state.pose) return h("p", { class: "booting" }, "Loading…");
  const { pose } = state;
  const running = state.adaptations.find(isUnfinished) ?? null;
  const failed = state.adaptations[0]?.state === "failed" ? state.adaptations[0] : null;
  const shown = adaptationToShow(state.adaptations);
  const imported = importToShow(state.imports);
  return h(
    "div",
    { class: "training-inner" },
    head(state, running),
    h("p", { class: "muted lead" }, "The pose network draws the skeletons that everything else is read from. Use the one that comes with Nightjar, adapt it to your own cameras, or import a published one."),
    facts(pose),
    changePanel(pose, state.busy),
    state.uploads.map(uploadPanel),
    imported && importPanel(imported, state.busy),
    state.formOpen && !running && adaptForm(state),
    running && runningPanel(running),
    failed && !running && notice("bad", `The last adaptation failed: ${failed.job?.error_message || "the worker gave no reason"}`, "adaptation-failed"),
    shown && resultPanel(shown, state),
    h("div", { class: "training-foot" }, networks(state, pose), history(state.changes)),
  );
}

/** @param {string} text */
function failure(text) {
  return h("div", { class: "training-inner" }, h("div", { class: "empty", role: "alert" },
    h("h2", null, "The pose networks could not be read"), h("p", null, text),
    h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), "Try again")));
}

/** @param {string} tone @param {string} text @param {string} [id] */
function notice(tone, text, id) {
  return h("p", { class: `notice ${tone}`, role: tone === "bad" ? "alert" : null, "data-testid": id ?? null }, icon("alert"), h("span", null, text));
}

/** @param {State} state @param {Adaptation | null} running */
function head({ canAdapt, busy, formOpen }, running) {
  return h(
    "header",
    { class: "page-head" },
    h("h1", null, "Pose"),
    h("span", { class: "spacer" }),
    canAdapt && !canAdapt.can_adapt && !running && h("span", { class: "muted reason", "data-testid": "adapt-reason" }, canAdapt.reason),
    h("input", { type: "file", id: "import-input", class: "sr-only", tabindex: "-1", accept: ".pth,.pt,.tar,.ckpt,.bin", "data-change": "pick", "data-testid": "import-input", "aria-label": "Checkpoint to import" }),
    h("button", { type: "button", class: "button", "data-click": "browse", "data-testid": "import" }, icon("upload"), "Import a checkpoint"),
    h("button", { type: "button", class: "button primary", "data-click": "adapt-open", "data-testid": "adapt-open", "aria-expanded": String(formOpen), disabled: !canAdapt?.can_adapt || Boolean(running) || Boolean(busy) },
      icon("figure"), running ? "Adapting…" : "Adapt to my cameras"),
  );
}

/** @param {Pose} pose */
function facts({ active, shipped, analysed, outdated }) {
  const used = active?.facts ?? shipped;
  const fact = (/** @type {string} */ title, /** @type {string | number} */ value, /** @type {string} */ detail, /** @type {string} */ id) =>
    h("div", { class: "panel fact", "data-testid": id }, h("p", { class: "muted" }, title), h("p", { class: "fact-value num" }, value), h("p", { class: "muted" }, detail));
  return h(
    "section",
    { class: "facts", "aria-label": "What is used" },
    fact("Active network", active ? `Version ${active.number}` : "Shipped", active ? `${active.kind}, looks at ${oftenInWords(active.every)}` : "came with this installation", "pose-active"),
    fact("Clips analysed by it", `${analysed - outdated} of ${analysed}`, outdated ? "the others show what other networks found" : "all that have results", "pose-clips"),
    fact("Size", sizeInWords(used.parameters), used.is_large ? "large: on a CPU seconds for each skeleton" : "small: made for every frame on a CPU", "pose-size"),
  );
}

/** @param {number} progress */
function bar(progress) {
  return h("div", { class: "bar", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(progress * 100) },
    h("span", { style: { width: `${progress * 100}%` } }));
}

/** @param {Pose} pose @param {string} busy */
function changePanel({ running, active, outdated }, busy) {
  if (running) {
    const { total, done, failed, progress } = running.clips;
    return h(
      "section",
      { class: "panel work", "data-testid": "change-progress", role: "status" },
      h("div", { class: "work-head" },
        h("h2", null, `The library is analysed anew by ${nameOf(running.to_version)}`),
        h("span", { class: "muted num" }, `${done + failed} of ${plural(total, "clip")} · ${percent(progress)}`),
        h("span", { class: "spacer" }),
        h("button", { type: "button", class: "button small", "data-click": "stop-change", "data-id": running.id, "data-testid": "stop-change", disabled: Boolean(busy) }, icon("stop"), "Stop")),
      h("p", { class: "muted" }, `Each clip shows its former results until the new ones are there.${failed ? ` ${plural(failed, "clip")} could not be analysed and ${failed === 1 ? "keeps" : "keep"} what ${failed === 1 ? "it" : "they"} had.` : ""}`),
      bar(progress),
    );
  }
  if (!outdated) return null;
  return h(
    "div",
    { class: "notice warm with-button", "data-testid": "outdated" },
    icon("alert"),
    h("span", { class: "grow" }, `${plural(outdated, "clip")} ${outdated === 1 ? "was" : "were"} analysed by other weights or settings than ${nameOf(active)} has now. Labels that people gave are carried over.`),
    h("button", { type: "button", class: "button small", "data-click": "analyse-rest", "data-testid": "analyse-rest", disabled: Boolean(busy) }, "Analyse them anew"),
  );
}

/** @param {import("nightjar/library/uploader.js").Item} item */
function uploadPanel({ key, name, size, sent, state, message }) {
  if (state === "done") return null;
  return h(
    "section",
    { class: "panel work", "data-key": `upload-${key}`, "data-testid": "import-upload", "data-state": state },
    h("div", { class: "work-head" },
      h("h2", null, state === "refused" ? "Not uploaded" : "Uploading"),
      h("span", { class: "muted num" }, `${name} · ${percent(size ? sent / size : 0)} of ${bytes(size)}`),
      h("span", { class: "spacer" }),
      state === "refused" && h("button", { type: "button", class: "button small", "data-click": "retry-upload", "data-key-of": key }, icon("again"), "Try again"),
      h("button", { type: "button", class: "button small quiet", "data-click": "cancel-upload", "data-key-of": key }, "Remove")),
    message && h("p", { class: state === "refused" ? "form-error" : "muted", role: "alert" }, message),
    state !== "refused" && bar(size ? sent / size : 0),
  );
}

/** @param {Import} one @param {string} busy */
function importPanel(one, busy) {
  const isOver = one.state === "failed";
  return h(
    "section",
    { class: "panel work", "data-testid": "import-panel", "data-state": one.state, "data-key": `import-${one.id}` },
    h("div", { class: "work-head" },
      h("h2", null, isOver ? "This file cannot be used" : "Importing"),
      h("span", { class: "muted" }, `${one.name} · ${bytes(one.size_bytes)}`),
      h("span", { class: "spacer" }),
      !isOver && h("button", { type: "button", class: "button small", "data-click": "cancel-import", "data-id": one.id, disabled: Boolean(busy) }, icon("stop"), "Cancel")),
    isOver
      ? [h("p", { class: "form-error", role: "alert", "data-testid": "import-error" }, one.job?.error_message || "The worker gave no reason."), misfits(one.misfits)]
      : [h("p", { class: "muted", role: "status" }, stageOf(one.job)), bar(one.job?.progress ?? 0)],
  );
}

/** @param {Record<string, string[]>} found */
function misfits(found) {
  return misfitRows(found).map(({ kind, title, count, names, more }) =>
    h("details", { class: "misfits", "data-testid": "misfits", "data-kind": kind, "data-count": count, "data-key": kind },
      h("summary", null, `${title}: ${plural(count, "name")}`),
      h("ul", { class: "names" }, names.map((name) => h("li", null, name)), more > 0 && h("li", { class: "muted" }, `and ${more} more`)))
  );
}

/** @param {State} state */
function adaptForm({ canAdapt, versions, labels, busy }) {
  const teachers = versions.filter(({ state }) => state !== "discarded");
  return h(
    "form",
    { class: "panel work adapt-form", "data-submit": "adapt", "data-testid": "adapt-form" },
    h("h2", null, "Adapt to my cameras"),
    h("p", { class: "muted" }, `A teacher looks at your clips brightened and mirrored and says where the joints are; ${nameOf(canAdapt?.start)} then learns that from the clips as they are, and darker. Nearly a third of the clips are held out, or those that you name: on them both are measured. You decide afterwards.`),
    h("div", { class: "fields" },
      field("Clips whose name contains", h("input", { type: "text", name: "q", placeholder: `all ${plural(canAdapt?.clips ?? 0, "clip")} with people`, autocomplete: "off" })),
      field("Clips with the label", h("select", { name: "label" }, h("option", { value: "" }, "any"), labels.map(({ id, name }) => h("option", { value: id }, name)))),
      field("Teacher", h("select", { name: "teacher", "data-testid": "adapt-teacher" }, h("option", { value: "" }, "the shipped network"), h("option", { value: "keypoints", disabled: (canAdapt?.with_keypoints ?? 0) < 2 }, `keypoint files (of ${plural(canAdapt?.with_keypoints ?? 0, "clip")})`), teachers.map((version) => h("option", { value: version.id }, `version ${version.number}: ${version.facts.name || version.source_name}`)))),
      field("Measure on", h("input", { type: "text", name: "held_out", placeholder: "three in ten clips", autocomplete: "off", title: "Or names of clips or takes, such as Jump_8 for Jump_8_4.mp4, with commas", "data-testid": "adapt-held-out" })),
      field("Minutes of learning", h("input", { type: "number", name: "minutes", min: "0.1", max: "300", step: "any", value: "5", required: true, "data-testid": "adapt-minutes" }))),
    keypointFiles(canAdapt, busy),
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", class: "button quiet", "data-click": "adapt-close" }, "Not now"),
      h("button", { type: "submit", class: "button primary", "data-testid": "adapt-start", disabled: Boolean(busy) }, busy === "adapt" ? "Starting…" : "Start")),
  );
}

/** @param {State["canAdapt"]} canAdapt @param {string} busy */
function keypointFiles(canAdapt, busy) {
  const count = canAdapt?.keypoint_files ?? 0;
  return h(
    "div",
    { class: "keypoint-files" },
    h("p", { class: "muted", "data-testid": "keypoint-count", "data-count": count }, count
      ? `${plural(count, "keypoint file")}, ${canAdapt?.with_keypoints} of them for clips here.`
      : "If another tool or person has labelled clips, bring its keypoints: one .npz a clip, by the clip's name."),
    h("span", { class: "spacer" }),
    h("input", { type: "file", id: "keypoint-input", class: "sr-only", tabindex: "-1", multiple: true, accept: ".npz", "data-change": "keypoints", "data-testid": "keypoint-input", "aria-label": "Keypoint files" }),
    h("button", { type: "button", class: "button small", "data-click": "browse-keypoints", disabled: Boolean(busy) }, icon("upload"), busy === "keypoints" ? "Bringing…" : "Bring keypoint files"),
    count > 0 && h("button", { type: "button", class: "button small quiet", "data-click": "forget-keypoints", disabled: Boolean(busy) }, "Drop them"),
  );
}

/** @param {string} title @param {Node} input */
function field(title, input) {
  return h("label", { class: "field" }, h("span", null, title), input);
}

/** @param {Adaptation} adaptation */
function runningPanel(adaptation) {
  const { job, curve, clips } = adaptation;
  return h(
    "section",
    { class: "panel work", "data-testid": "adaptation-progress", "data-state": adaptation.state },
    h("div", { class: "work-head" },
      h("h2", null, adaptation.state === "queued" ? "Waiting for a free worker" : "Adapting"),
      h("span", { class: "muted num", role: "status" }, adaptation.state === "queued" ? "" : `${stageOf(job)} · ${percent(job?.progress ?? 0)}`),
      h("span", { class: "spacer" }),
      h("button", { type: "button", class: "button small", "data-click": "cancel-adaptation", "data-id": adaptation.id, "data-testid": "cancel-adaptation" }, icon("stop"), "Cancel")),
    h("p", { class: "muted" }, howInWords(adaptation, clips.length)),
    bar(job?.progress ?? 0),
    curve.length > 0 && h("div", { class: "charts" }, curveChart(curve)),
  );
}

/** @param {Adaptation} adaptation @param {number} count */
function howInWords({ teacher, start, config }, count) {
  const measured = config.held_out?.length ? ` · measured on ${config.held_out.join(", ")}` : "";
  const length = config.steps ? plural(config.steps, "step") : plural(config.minutes, "minute");
  return `${plural(count, "clip")} · ${capital(nameOf(start))} learns from ${teacherName({ teacher, config })} · ${length} of learning${measured}`;
}

/** @param {import("nightjar/pose/model.js").Point[]} curve */
function curveChart(curve) {
  return lineChart({ title: "Training loss", curves: bySteps(curve), field: "loss", colour: "var(--accent)", format: (v) => v.toFixed(2), unit: "step" });
}

/** @param {Adaptation} adaptation @param {State} state */
function resultPanel(adaptation, { versions, pose, busy }) {
  const { before, after, clips_used, clips_skipped, curve } = adaptation;
  const candidate = versions.find(({ id }) => id === adaptation.candidate?.id) ?? adaptation.candidate;
  if (!candidate) return null;
  const isOpen = candidate.state === "candidate";
  const gain = gainOf(before, after);
  const off = Boolean(busy || pose?.running);
  return h(
    "section",
    { class: "panel comparison", "data-testid": "adaptation-result", "data-version": candidate.number, "data-version-state": candidate.state, "data-before": before.pck ?? "", "data-after": after.pck ?? "" },
    h(
      "header",
      { class: "work-head" },
      h("div", null,
        h("h2", null, isOpen ? `Version ${candidate.number} waits for your decision` : `Version ${candidate.number}`, " ", stateChip(candidate.state)),
        h("p", { class: "muted" }, `Adapted ${ago(adaptation.finished_at)} by ${adaptation.created_by} in ${duration(adaptation.seconds)} · ${howInWords(adaptation, clips_used)}`)),
      h("span", { class: "spacer" }),
      isOpen && [
        h("button", { type: "button", class: "button", "data-click": "discard", "data-id": candidate.id, "data-testid": "discard", disabled: off }, "Discard"),
        h("button", { type: "button", class: "button primary", "data-click": "choose", "data-id": candidate.id, "data-testid": "choose-adapted", disabled: off }, icon("check"), `Use version ${candidate.number}`),
      ],
    ),
    h(
      "div",
      { class: "figures" },
      figure("Joints right before", before.pck, intervalOf(before, "pck")),
      figure("Joints right after", after.pck, intervalOf(after, "pck"), gain),
      h("div", { class: "figure" }, h("p", { class: "muted" }, "Verdict"), h("p", { class: "figure-value" }, gain.tone === "better" ? "Better" : gain.tone === "worse" ? "Worse" : adaptation.improved ? "Perhaps better" : "No better"),
        h("p", { class: "muted num" }, intervalOf(after, "gain") ? `gain ${intervalOf(after, "gain")} points` : "too few clips for an interval")),
    ),
    h("p", { class: "muted small-print" }, `Share of joints within 0.2 torso lengths of the teacher's, on ${plural(after.clips ?? 0, "held-out clip")} that neither was trained on (${plural(after.keypoints ?? 0, "joint")}); with 95 % intervals over clips. The teacher is no ground truth: look at some clips yourself.`),
    clips_skipped.length > 0 && h("details", { class: "misfits", "data-testid": "skipped" }, h("summary", null, `${plural(clips_skipped.length, "clip")} gave nothing`),
      h("ul", { class: "names" }, clips_skipped.map(([name, why]) => h("li", null, `${name}: ${why}`)))),
    curve.length > 1 && h("details", { class: "more-figures", "data-key": `curve-${adaptation.id}` }, h("summary", null, "Learning curve"), h("div", { class: "charts" }, curveChart(curve))),
  );
}

/** @param {string} title @param {number} value percent @param {string} interval @param {{text: string, tone: string}} [gain] */
function figure(title, value, interval, gain) {
  return h(
    "div",
    { class: "figure" },
    h("p", { class: "muted" }, title),
    h("p", { class: "figure-value num" }, Number.isFinite(value) ? `${value.toFixed(1)} %` : "–", gain?.text && h("span", { class: `delta ${gain.tone}`, "data-testid": "gain" }, gain.text)),
    interval && h("p", { class: "muted num" }, interval),
  );
}

/** @param {string} state */
function stateChip(state) {
  const tones = { active: "ok", candidate: "warm", retired: "", discarded: "" };
  return h("span", { class: `chip ${tones[/** @type {keyof typeof tones} */ (state)] ?? ""}` }, state);
}

/** @param {State} state @param {Pose} pose */
function networks({ versions, busy }, pose) {
  const off = Boolean(busy || pose.running);
  const buttons = (/** @type {Version} */ { id, state }) => [
    state === "candidate" && h("button", { type: "button", class: "button small quiet", "data-click": "discard", "data-id": id, disabled: off }, "Discard"),
    ["candidate", "retired"].includes(state) && h("button", { type: "button", class: "button small", "data-click": "choose", "data-id": id, "data-testid": "choose", disabled: off }, state === "retired" ? "Roll back" : "Use"),
  ];
  return h(
    "section",
    { class: "panel", "aria-labelledby": "networks-title" },
    h("h2", { id: "networks-title", class: "panel-title" }, "Networks"),
    h("table", { "data-testid": "networks" }, h("tbody", null,
      versions.map((version) => networkRow(String(version.number), version.state, `${version.kind}${version.created_by ? ` by ${version.created_by}` : ""}, ${ago(version.created_at)}`, version.facts, version.source_name, buttons(version))),
      networkRow("0", pose.active ? "ready" : "active", "shipped", pose.shipped, "", [
        pose.active && h("button", { type: "button", class: "button small", "data-click": "choose-shipped", "data-testid": "choose", disabled: off }, "Roll back"),
      ]))),
  );
}

/** @param {string} number @param {string} state @param {string} origin @param {Facts} facts @param {string} file @param {unknown[]} buttons */
function networkRow(number, state, origin, facts, file, buttons) {
  return h(
    "tr",
    { "data-testid": "pose-row", "data-number": number, "data-version-state": state, "data-key": number },
    h("td", { class: "num" }, h("strong", null, number === "0" ? "–" : `v${number}`)),
    h("td", { class: "wide-cell" },
      h("p", { class: "network-name" }, facts.name || file, " ", stateChip(state)),
      h("p", { class: "muted small-print" }, [file && file !== facts.name ? file : "", origin].filter(Boolean).join(" · ")),
      h("p", { class: "muted small-print" }, factsInWords(facts)),
      facts.is_large && h("p", { class: "small-print slow" }, "Slow: on a CPU one to three seconds for each skeleton."),
      facts.note && h("details", { class: "misfits" }, h("summary", null, "Card"), h("p", { class: "muted small-print" }, facts.note))),
    h("td", { class: "right" }, h("div", { class: "row-buttons" }, buttons)),
  );
}

/** @param {Change[]} changes */
function history(changes) {
  return h(
    "section",
    { class: "panel", "aria-labelledby": "changes-title" },
    h("h2", { id: "changes-title", class: "panel-title" }, "Changes"),
    changes.length === 0
      ? h("p", { class: "muted pad" }, "The shipped network has been used from the start.")
      : h("ol", { class: "audit", "data-testid": "pose-changes" }, changes.slice(0, 12).map(({ id, state, to_version, from_version, is_rollback, clips, created_by, created_at }) =>
        h("li", { "data-key": String(id), "data-state": state },
          h("span", null, `${is_rollback ? "Back to" : "To"} ${nameOf(to_version)} from ${nameOf(from_version)}`),
          h("span", { class: `chip ${state === "done" ? "" : state === "running" ? "busy" : "warm"}` }, state === "done" ? plural(clips.done, "clip") : state),
          h("span", { class: "muted" }, `${created_by}, ${ago(created_at)}`))
      )),
  );
}

// @ts-check
/** Draws the pose page from its state. */

import { h, icon } from "nightjar/core/dom.js";
import { ago, bytes, duration, percent } from "nightjar/core/format.js";
import { t, tn, number } from "nightjar/core/i18n.js";
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
import { stateInWords } from "nightjar/core/words.js";
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
  if (!state.pose) return h("p", { class: "booting" }, t("Loading…"));
  const { pose } = state;
  const running = state.adaptations.find(isUnfinished) ?? null;
  const failed = state.adaptations[0]?.state === "failed" ? state.adaptations[0] : null;
  const shown = adaptationToShow(state.adaptations);
  const imported = importToShow(state.imports);
  return h(
    "div",
    { class: "training-inner" },
    head(state, running),
    h("p", { class: "muted lead" }, t("The pose network draws the skeletons that everything else is read from. Use the one that comes with Nightjar, adapt it to your own cameras, or import a published one.")),
    facts(pose),
    changePanel(pose, state.busy),
    state.uploads.map(uploadPanel),
    imported && importPanel(imported, state.busy),
    state.formOpen && !running && adaptForm(state),
    running && runningPanel(running),
    failed && !running && notice("bad", t("The last adaptation failed: {reason}", { reason: failed.job?.error_message || t("the worker gave no reason") }), "adaptation-failed"),
    shown && resultPanel(shown, state),
    h("div", { class: "training-foot" }, networks(state, pose), history(state.changes)),
  );
}

/** @param {string} text */
function failure(text) {
  return h("div", { class: "training-inner" }, h("div", { class: "empty", role: "alert" },
    h("h2", null, t("The pose networks could not be read")), h("p", null, text),
    h("button", { type: "button", class: "button", "data-click": "reload" }, icon("again"), t("Try again"))));
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
    h("h1", null, t("Pose")),
    h("span", { class: "spacer" }),
    canAdapt && !canAdapt.can_adapt && !running && h("span", { class: "muted reason", "data-testid": "adapt-reason" }, canAdapt.reason),
    h("input", { type: "file", id: "import-input", class: "sr-only", tabindex: "-1", accept: ".pth,.pt,.tar,.ckpt,.bin", "data-change": "pick", "data-testid": "import-input", "aria-label": t("Checkpoint to import") }),
    h("button", { type: "button", class: "button", "data-click": "browse", "data-testid": "import" }, icon("upload"), t("Import a checkpoint")),
    h("button", { type: "button", class: "button primary", "data-click": "adapt-open", "data-testid": "adapt-open", "aria-expanded": String(formOpen), disabled: !canAdapt?.can_adapt || Boolean(running) || Boolean(busy) },
      icon("figure"), running ? t("Adapting…") : t("Adapt to my cameras")),
  );
}

/** @param {Pose} pose */
function facts({ active, shipped, analysed, outdated }) {
  const used = active?.facts ?? shipped;
  const fact = (/** @type {string} */ title, /** @type {string | number} */ value, /** @type {string} */ detail, /** @type {string} */ id) =>
    h("div", { class: "panel fact", "data-testid": id }, h("p", { class: "muted" }, title), h("p", { class: "fact-value num" }, value), h("p", { class: "muted" }, detail));
  return h(
    "section",
    { class: "facts", "aria-label": t("What is used") },
    fact(t("Active network"), active ? t("Version {number}", { number: active.number }) : t("Shipped"), active ? t("{kind}, looks at {frames}", { kind: stateInWords(active.kind), frames: oftenInWords(active.every) }) : t("came with this installation"), "pose-active"),
    fact(t("Clips analysed by it"), t("{part} of {whole}", { part: analysed - outdated, whole: analysed }), outdated ? t("the others show what other networks found") : t("all that have results"), "pose-clips"),
    fact(t("Size"), sizeInWords(used.parameters), used.is_large ? t("large: on a CPU seconds for each skeleton") : t("small: made for every frame on a CPU"), "pose-size"),
  );
}

/** @param {number} progress */
function bar(progress) {
  return h("div", { class: "bar", role: "progressbar", "aria-label": t("Progress"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(progress * 100) },
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
        h("h2", null, t("The library is analysed anew by {version}", { version: nameOf(running.to_version) })),
        h("span", { class: "muted num" }, tn(total, "{done} of {count} clip · {share}", "{done} of {count} clips · {share}", { done: done + failed, share: percent(progress) })),
        h("span", { class: "spacer" }),
        h("button", { type: "button", class: "button small", "data-click": "stop-change", "data-id": running.id, "data-testid": "stop-change", disabled: Boolean(busy) }, icon("stop"), t("Stop"))),
      h("p", { class: "muted" }, t("Each clip shows its former results until the new ones are there."), failed > 0 && [" ", tn(failed, "{count} clip could not be analysed and keeps what it had.", "{count} clips could not be analysed and keep what they had.")]),
      bar(progress),
    );
  }
  if (!outdated) return null;
  return h(
    "div",
    { class: "notice warm with-button", "data-testid": "outdated" },
    icon("alert"),
    h("span", { class: "grow" }, tn(outdated, "{count} clip was analysed by other weights or settings than {version} has now. Labels that people gave are carried over.", "{count} clips were analysed by other weights or settings than {version} has now. Labels that people gave are carried over.", { version: nameOf(active) })),
    h("button", { type: "button", class: "button small", "data-click": "analyse-rest", "data-testid": "analyse-rest", disabled: Boolean(busy) }, t("Analyse them anew")),
  );
}

/** @param {import("nightjar/library/uploader.js").Item} item */
function uploadPanel({ key, name, size, sent, state, message }) {
  if (state === "done") return null;
  return h(
    "section",
    { class: "panel work", "data-key": `upload-${key}`, "data-testid": "import-upload", "data-state": state },
    h("div", { class: "work-head" },
      h("h2", null, state === "refused" ? t("Not uploaded") : t("Uploading")),
      h("span", { class: "muted num" }, `${name} · ${t("{share} of {whole}", { share: percent(size ? sent / size : 0), whole: bytes(size) })}`),
      h("span", { class: "spacer" }),
      state === "refused" && h("button", { type: "button", class: "button small", "data-click": "retry-upload", "data-key-of": key }, icon("again"), t("Try again")),
      h("button", { type: "button", class: "button small quiet", "data-click": "cancel-upload", "data-key-of": key }, t("Remove"))),
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
      h("h2", null, isOver ? t("This file cannot be used") : t("Importing")),
      h("span", { class: "muted" }, `${one.name} · ${bytes(one.size_bytes)}`),
      h("span", { class: "spacer" }),
      !isOver && h("button", { type: "button", class: "button small", "data-click": "cancel-import", "data-id": one.id, disabled: Boolean(busy) }, icon("stop"), t("Cancel"))),
    isOver
      ? [h("p", { class: "form-error", role: "alert", "data-testid": "import-error" }, one.job?.error_message || t("The worker gave no reason.")), misfits(one.misfits)]
      : [h("p", { class: "muted", role: "status" }, stageOf(one.job)), bar(one.job?.progress ?? 0)],
  );
}

/** @param {Record<string, string[]>} found */
function misfits(found) {
  return misfitRows(found).map(({ kind, title, count, names, more }) =>
    h("details", { class: "misfits", "data-testid": "misfits", "data-kind": kind, "data-count": count, "data-key": kind },
      h("summary", null, `${title}: ${tn(count, "{count} name", "{count} names")}`),
      h("ul", { class: "names" }, names.map((name) => h("li", null, name)), more > 0 && h("li", { class: "muted" }, t("and {count} more", { count: more }))))
  );
}

/** @param {State} state */
function adaptForm({ canAdapt, versions, labels, busy }) {
  const teachers = versions.filter(({ state }) => state !== "discarded");
  return h(
    "form",
    { class: "panel work adapt-form", "data-submit": "adapt", "data-testid": "adapt-form" },
    h("h2", null, t("Adapt to my cameras")),
    h("p", { class: "muted" }, t("A teacher looks at your clips brightened and mirrored and says where the joints are; {network} then learns that from the clips as they are, and darker. Nearly a third of the clips are held out, or those that you name: on them both are measured. You decide afterwards.", { network: nameOf(canAdapt?.start) })),
    h("div", { class: "fields" },
      field(t("Clips whose name contains"), h("input", { type: "text", name: "q", placeholder: tn(canAdapt?.clips ?? 0, "all {count} clip with people", "all {count} clips with people"), autocomplete: "off" })),
      field(t("Clips with the label"), h("select", { name: "label" }, h("option", { value: "" }, t("any")), labels.map(({ id, name }) => h("option", { value: id }, name)))),
      field(t("Teacher"), h("select", { name: "teacher", "data-testid": "adapt-teacher" }, h("option", { value: "" }, t("the shipped network")), h("option", { value: "keypoints", disabled: (canAdapt?.with_keypoints ?? 0) < 2 }, tn(canAdapt?.with_keypoints ?? 0, "keypoint files (of {count} clip)", "keypoint files (of {count} clips)")), teachers.map((version) => h("option", { value: version.id }, `${nameOf(version)}: ${version.facts.name || version.source_name}`)))),
      field(t("Measure on"), h("input", { type: "text", name: "held_out", placeholder: t("three in ten clips"), autocomplete: "off", title: t("Or names of clips or takes, such as Jump_8 for Jump_8_4.mp4, with commas"), "data-testid": "adapt-held-out" })),
      field(t("Minutes of learning"), h("input", { type: "number", name: "minutes", min: "0.1", max: "300", step: "any", value: "5", required: true, "data-testid": "adapt-minutes" }))),
    keypointFiles(canAdapt, busy),
    h("div", { class: "dialog-foot" },
      h("button", { type: "button", class: "button quiet", "data-click": "adapt-close" }, t("Not now")),
      h("button", { type: "submit", class: "button primary", "data-testid": "adapt-start", disabled: Boolean(busy) }, busy === "adapt" ? t("Starting…") : t("Start"))),
  );
}

/** @param {State["canAdapt"]} canAdapt @param {string} busy */
function keypointFiles(canAdapt, busy) {
  const count = canAdapt?.keypoint_files ?? 0;
  return h(
    "div",
    { class: "keypoint-files" },
    h("p", { class: "muted", "data-testid": "keypoint-count", "data-count": count }, count
      ? tn(count, "{count} keypoint file, {here} of them for clips here.", "{count} keypoint files, {here} of them for clips here.", { here: canAdapt?.with_keypoints })
      : t("If another tool or person has labelled clips, bring its keypoints: one .npz a clip, by the clip's name.")),
    h("span", { class: "spacer" }),
    h("input", { type: "file", id: "keypoint-input", class: "sr-only", tabindex: "-1", multiple: true, accept: ".npz", "data-change": "keypoints", "data-testid": "keypoint-input", "aria-label": t("Keypoint files") }),
    h("button", { type: "button", class: "button small", "data-click": "browse-keypoints", disabled: Boolean(busy) }, icon("upload"), busy === "keypoints" ? t("Bringing…") : t("Bring keypoint files")),
    count > 0 && h("button", { type: "button", class: "button small quiet", "data-click": "forget-keypoints", disabled: Boolean(busy) }, t("Drop them")),
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
      h("h2", null, adaptation.state === "queued" ? t("Waiting for a free worker") : t("Adapting")),
      h("span", { class: "muted num", role: "status" }, adaptation.state === "queued" ? "" : `${stageOf(job)} · ${percent(job?.progress ?? 0)}`),
      h("span", { class: "spacer" }),
      h("button", { type: "button", class: "button small", "data-click": "cancel-adaptation", "data-id": adaptation.id, "data-testid": "cancel-adaptation" }, icon("stop"), t("Cancel"))),
    h("p", { class: "muted" }, howInWords(adaptation, clips.length)),
    bar(job?.progress ?? 0),
    curve.length > 0 && h("div", { class: "charts" }, curveChart(curve)),
  );
}

/** @param {Adaptation} adaptation @param {number} count */
function howInWords({ teacher, start, config }, count) {
  return [
    tn(count, "{count} clip", "{count} clips"),
    t("{pupil} learns from {teacher}", { pupil: capital(nameOf(start)), teacher: teacherName({ teacher, config }) }),
    config.steps ? tn(config.steps, "{count} step of learning", "{count} steps of learning") : tn(config.minutes, "{count} minute of learning", "{count} minutes of learning"),
    config.held_out?.length ? t("measured on {names}", { names: config.held_out.join(", ") }) : "",
  ].filter(Boolean).join(" · ");
}

/** @param {import("nightjar/pose/model.js").Point[]} curve */
function curveChart(curve) {
  return lineChart({ title: t("Training loss"), curves: bySteps(curve), field: "loss", colour: "var(--accent)", format: (v) => v.toFixed(2), unit: "step" });
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
        h("h2", null, isOpen ? t("Version {number} waits for your decision", { number: candidate.number }) : t("Version {number}", { number: candidate.number }), " ", stateChip(candidate.state)),
        h("p", { class: "muted" }, t("Adapted {when} by {name} in {time} · {how}", { when: ago(adaptation.finished_at), name: adaptation.created_by, time: duration(adaptation.seconds), how: howInWords(adaptation, clips_used) }))),
      h("span", { class: "spacer" }),
      isOpen && [
        h("button", { type: "button", class: "button", "data-click": "discard", "data-id": candidate.id, "data-testid": "discard", disabled: off }, t("Discard")),
        h("button", { type: "button", class: "button primary", "data-click": "choose", "data-id": candidate.id, "data-testid": "choose-adapted", disabled: off }, icon("check"), t("Use version {number}", { number: candidate.number })),
      ],
    ),
    h(
      "div",
      { class: "figures" },
      figure(t("Joints right before"), before.pck, intervalOf(before, "pck")),
      figure(t("Joints right after"), after.pck, intervalOf(after, "pck"), gain),
      h("div", { class: "figure" }, h("p", { class: "muted" }, t("Verdict")), h("p", { class: "figure-value" }, gain.tone === "better" ? t("Better") : gain.tone === "worse" ? t("Worse") : adaptation.improved ? t("Perhaps better") : t("No better")),
        h("p", { class: "muted num" }, intervalOf(after, "gain") ? t("gain {range} points", { range: intervalOf(after, "gain") }) : t("too few clips for an interval"))),
    ),
    h("p", { class: "muted small-print" }, tn(after.clips ?? 0, "Share of joints within 0.2 torso lengths of the teacher's, on {count} held-out clip that neither was trained on (joints: {joints}); with 95 % intervals over clips. The teacher is no ground truth: look at some clips yourself.", "Share of joints within 0.2 torso lengths of the teacher's, on {count} held-out clips that neither was trained on (joints: {joints}); with 95 % intervals over clips. The teacher is no ground truth: look at some clips yourself.", { joints: number(after.keypoints ?? 0) })),
    clips_skipped.length > 0 && h("details", { class: "misfits", "data-testid": "skipped" }, h("summary", null, tn(clips_skipped.length, "{count} clip gave nothing", "{count} clips gave nothing")),
      h("ul", { class: "names" }, clips_skipped.map(([name, why]) => h("li", null, `${name}: ${why}`)))),
    curve.length > 1 && h("details", { class: "more-figures", "data-key": `curve-${adaptation.id}` }, h("summary", null, t("Learning curve")), h("div", { class: "charts" }, curveChart(curve))),
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
  return h("span", { class: `chip ${tones[/** @type {keyof typeof tones} */ (state)] ?? ""}` }, stateInWords(state));
}

/** @param {State} state @param {Pose} pose */
function networks({ versions, busy }, pose) {
  const off = Boolean(busy || pose.running);
  const buttons = (/** @type {Version} */ { id, state }) => [
    state === "candidate" && h("button", { type: "button", class: "button small quiet", "data-click": "discard", "data-id": id, disabled: off }, t("Discard")),
    ["candidate", "retired"].includes(state) && h("button", { type: "button", class: "button small", "data-click": "choose", "data-id": id, "data-testid": "choose", disabled: off }, state === "retired" ? t("Roll back") : t("Use")),
  ];
  return h(
    "section",
    { class: "panel", "aria-labelledby": "networks-title" },
    h("h2", { id: "networks-title", class: "panel-title" }, t("Networks")),
    h("table", { "data-testid": "networks" }, h("tbody", null,
      versions.map((version) => networkRow(String(version.number), version.state, version.created_by ? t("{kind} by {name}, {when}", { kind: stateInWords(version.kind), name: version.created_by, when: ago(version.created_at) }) : `${stateInWords(version.kind)}, ${ago(version.created_at)}`, version.facts, version.source_name, buttons(version))),
      networkRow("0", pose.active ? "ready" : "active", t("shipped"), pose.shipped, "", [
        pose.active && h("button", { type: "button", class: "button small", "data-click": "choose-shipped", "data-testid": "choose", disabled: off }, t("Roll back")),
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
      facts.is_large && h("p", { class: "small-print slow" }, t("Slow: on a CPU one to three seconds for each skeleton.")),
      facts.note && h("details", { class: "misfits" }, h("summary", null, t("Card")), h("p", { class: "muted small-print" }, facts.note))),
    h("td", { class: "right" }, h("div", { class: "row-buttons" }, buttons)),
  );
}

/** @param {Change[]} changes */
function history(changes) {
  return h(
    "section",
    { class: "panel", "aria-labelledby": "changes-title" },
    h("h2", { id: "changes-title", class: "panel-title" }, t("Changes")),
    changes.length === 0
      ? h("p", { class: "muted pad" }, t("The shipped network has been used from the start."))
      : h("ol", { class: "audit", "data-testid": "pose-changes" }, changes.slice(0, 12).map(({ id, state, to_version, from_version, is_rollback, clips, created_by, created_at }) =>
        h("li", { "data-key": String(id), "data-state": state },
          h("span", null, is_rollback ? t("Back to {version} from {former}", { version: nameOf(to_version), former: nameOf(from_version) }) : t("To {version} from {former}", { version: nameOf(to_version), former: nameOf(from_version) })),
          h("span", { class: `chip ${state === "done" ? "" : state === "running" ? "busy" : "warm"}` }, state === "done" ? tn(clips.done, "{count} clip", "{count} clips") : stateInWords(state)),
          h("span", { class: "muted" }, `${created_by}, ${ago(created_at)}`))
      )),
  );
}

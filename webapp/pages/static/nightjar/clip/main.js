// @ts-check
/** The clip page: state, keys, events and requests; `view.js` draws. */

import { ApiError, getJson, messageOf, postJson, request } from "nightjar/core/api.js";
import { delegate, h, show } from "nightjar/core/dom.js";
import { goLive } from "nightjar/core/live.js";
import { toast } from "nightjar/core/notices.js";
import { appRoot, createState, readBoot } from "nightjar/core/page.js";
import { exposureFor, nextPreset, PRESETS } from "nightjar/clip/exposure.js";
import { FrameClock } from "nightjar/clip/frames.js";
import { actionOf } from "nightjar/clip/keys.js";
import { idBeside, mainSegment, neighbour, newestOf, peopleAt, segmentById, withSegment } from "nightjar/clip/model.js";
import { drawScene } from "nightjar/clip/overlay.js";
import { NjPlayer } from "nightjar/clip/player.js";
import { Poses } from "nightjar/clip/poses.js";
import { loadPreferences, savePreferences } from "nightjar/clip/preferences.js";
import { scrubbing, timelineView } from "nightjar/clip/timeline.js";
import { helpView, sideView, transportView } from "nightjar/clip/view.js";
import { createReader } from "nightjar/library/reader.js";
import { choiceFrom, choiceKey } from "nightjar/review/model.js";

/** @typedef {import("nightjar/clip/view.js").State} State */
/** @typedef {import("nightjar/clip/keys.js").Action} Action */

const boot = readBoot();
const root = appRoot();
const project = `projects/${boot.project.id}`;

const player = new NjPlayer();
const transport = h("div", { class: "transport" });
const lanes = h("div", { class: "lanes", "data-testid": "timeline" });
const side = h("aside", { class: "side", "aria-label": "Judge" });
const veil = h("div", { class: "veil", role: "alert", hidden: true });
const help = /** @type {HTMLDialogElement} */ (helpView());
root.replaceChildren(
  h("div", { class: "theatre" }, h("div", { class: "stage" }, player, veil), transport, lanes),
  side,
  help,
);

const page = createState(
  /** @type {State} */ ({
    boot,
    id: boot.video_id ?? 0,
    clip: null,
    frames: 0,
    found: null,
    labels: [],
    selected: null,
    history: [],
    saving: { state: "idle", text: "" },
    queue: { remaining: 0, next: null, segment: null, why: "", rank: null },
    suggestions: [],
    order: [],
    error: "",
    fault: "",
    playing: false,
    exposureOpen: false,
    ...loadPreferences(),
  }),
  render,
);

/** @type {Poses | null} */
let poses = null;
/** @type {FrameClock | null} */
let clock = null;
let posesOfRun = 0;

/** @param {State} state */
function render(state) {
  show(transport, transportView(state));
  show(lanes, timelineView(state.found, state.frames, state.selected));
  show(side, sideView(state));
  veil.hidden = !state.fault;
  veil.textContent = state.fault;
  player.loop = state.loop;
  player.rate = state.rate;
  player.redraw();
  showFrame();
}

player.paintWith((context, frame, scale, unit) => {
  const { found, selected, showSkeleton, showBoxes } = page.get();
  if (!poses || !found?.run) return [];
  const people = peopleAt(found, frame, selected);
  return drawScene(context, { poses, skeleton: found.run.skeleton, people, showSkeleton, showBoxes }, frame, scale, unit);
});

function showFrame() {
  const { frames } = page.get();
  const frame = player.frame;
  const put = (/** @type {string} */ id, /** @type {string} */ text) => {
    const place = document.getElementById(id);
    if (place) place.textContent = text;
  };
  put("frame-now", frame < 0 ? "–" : String(frame));
  put("frame-last", frames ? ` / ${frames - 1}` : "");
  put("time-now", clock && frame >= 0 ? `${(clock.start(frame) - clock.start(0)).toFixed(3)} s` : "");
  lanes.style.setProperty("--at", String(frames ? (Math.max(0, frame) + 0.5) / frames : 0));
}

player.addEventListener("frame", () => {
  showFrame();
  if (!isExposed) expose();
});
player.addEventListener("playing", (event) => page.set({ playing: /** @type {CustomEvent} */ (event).detail }));
player.addEventListener("fault", (event) => page.set({ fault: `The clip cannot be played: ${/** @type {CustomEvent} */ (event).detail}` }));

/** The segment that the address names, until it was found once. @type {number | null} */
let wanted = null;

// What is on the page, read from the server ---------------------------------------------

/**
 * @param {number} id @param {"push" | "replace" | "none"} [way]
 * @param {number | null} [segment] to look at; null: the one that stands for the clip
 */
async function openClip(id, way = "push", segment = null) {
  const url = `${boot.library_url}clips/${id}/${segment === null ? "" : `?segment=${segment}`}`;
  if (way === "push") history.pushState({ id, segment }, "", url);
  if (way === "replace") history.replaceState({ id, segment }, "", url);
  wanted = segment;
  player.unload();
  [poses, clock, posesOfRun, isExposed] = [null, null, 0, false];
  page.set({ id, clip: null, found: null, frames: 0, selected: null, history: [], suggestions: [], error: "", fault: "", saving: { state: "idle", text: "" } });
  await readClip();
  if (page.get().id === id && segment !== null) lookAt(segment);
  readQueue();
}

/** Shows the frames of a segment that was asked for. @param {number} id */
function lookAt(id) {
  const segment = segmentById(page.get().found, id);
  if (segment && segment.start_frame > 0) player.seek(segment.start_frame);
}

async function readClip() {
  const { id } = page.get();
  try {
    const clip = await getJson(`videos/${id}/`);
    if (page.get().id !== id) return;
    document.title = `${clip.name} · ${boot.project.name} · Nightjar`;
    page.set({ clip, error: "" });
    await Promise.all([readFrames(id, clip), readTracks(id)]);
  } catch (error) {
    if (page.get().id !== id) return;
    // What is on the page already stays there: only a first reading that fails leaves nothing to show.
    if (page.get().found) toast(messageOf(error), "bad");
    else page.set({ error: messageOf(error) });
  }
}

/** @param {number} id @param {State["clip"]} clip */
async function readFrames(id, clip) {
  if (clock || !clip || clip.frames === null) return;
  const table = await getJson(`videos/${id}/frames/`);
  if (page.get().id !== id) return;
  clock = new FrameClock(table.times_s);
  page.set({ frames: clock.count });
  const src = clip.proxy_url ?? clip.urls?.proxy_url ?? `/api/videos/${id}/proxy.mp4`;
  player.load({ src, clock, width: table.width, height: table.height });
}

/** @param {number} id */
async function readTracks(id) {
  const found = await getJson(`videos/${id}/tracks/`).catch((error) => {
    if (error instanceof ApiError && [404, 409].includes(error.status)) return null;
    throw error;
  });
  if (page.get().id !== id) return;
  if (found?.run) await readPoses(found);
  if (page.get().id !== id) return;
  const newest = newestOf(page.get().found, found);
  const kept = segmentById(newest, page.get().selected) ?? segmentById(newest, wanted);
  const selected = (kept ?? mainSegment(newest))?.id ?? null;
  wanted = null;
  page.set({ found: newest, selected });
  readHistory();
}

/** @param {import("nightjar/clip/model.js").Found} found */
async function readPoses({ run, poses_url }) {
  if (!run || run.id === posesOfRun) return;
  const response = await request((poses_url ?? `/api/runs/${run.id}/poses/`).replace(/^\/api\//, ""), { headers: { Accept: "*/*" } });
  const [people, frames, joints] = ["X-People", "X-Frames", "X-Joints"].map((name) => Number(response.headers.get(name)));
  poses = new Poses(await response.arrayBuffer(), people, frames, joints);
  posesOfRun = run.id;
}

async function readHistory() {
  const { selected } = page.get();
  if (selected === null) return page.set({ history: [] });
  const answer = await getJson(`segments/${selected}/corrections/`).catch(() => null);
  if (page.get().selected === selected && answer) page.set({ history: answer.results ?? answer });
}

/** The queue in the order that the person chose on the review page. */
async function readQueue() {
  const { selected } = page.get();
  const choice = choiceFrom(JSON.parse(localStorage.getItem(choiceKey(boot.project.id)) ?? "null"));
  const query = { ...choice, after: page.get().id, after_segment: selected, at: selected, page_size: 0 };
  const found = await getJson(`${project}/review-queue/`, { query }).catch(() => null);
  if (found) {
    const { remaining, next, next_segment, here } = found;
    page.set({ queue: { remaining, next, segment: next_segment, why: here?.why ?? "", rank: here?.rank ?? null } });
  }
  return page.get().queue;
}

/** What the label of the selected segment, once a person gave it, suggests for others. */
async function readSuggestions() {
  const { selected, found } = page.get();
  const isJudged = segmentById(found, selected)?.current?.source === "correction";
  if (!boot.can.review || !isJudged) return page.set({ suggestions: [] });
  const answer = await getJson(`${project}/suggestions/`, { query: { like: selected, page_size: 20 } }).catch(() => null);
  if (answer && page.get().selected === selected) page.set({ suggestions: answer.results });
}

async function readLabels() {
  const answer = await getJson(`${project}/label-set/`).catch(() => null);
  if (answer) page.set({ labels: answer.labels });
}

/** The order in which the library showed the clips, else the order that it starts with. */
async function readOrder() {
  const kept = JSON.parse(sessionStorage.getItem(`nightjar.order:${boot.project.id}`) ?? "[]");
  if (kept.includes(page.get().id)) return page.set({ order: kept });
  const answer = await getJson(`${project}/videos/`, { query: { ordering: "-created_at", page_size: 200 } }).catch(() => null);
  if (answer) page.set({ order: answer.results.map((/** @type {{id: number}} */ { id }) => id) });
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
  page.set({ saving: { state: "saving", text: `Saving ${name}…` } });
  try {
    const headers = { "If-Match": `"${segment.version}"` };
    const answer = await postJson(`segments/${segmentId}/corrections/`, { label: labelId }, { headers });
    adopt(answer.segment);
    page.set({ saving: { state: "saved", text: `Saved: ${name}` } });
    readHistory();
    readQueue();
    if (page.get().selected === segmentId) readSuggestions();
    return true;
  } catch (error) {
    page.set({ saving: { state: "failed", text: `Not saved: ${messageOf(error)}` } });
    if (error instanceof ApiError && error.status === 412) await afterConflict(segmentId, name, error);
    else if (error instanceof ApiError && error.status === 409) await readTracks(page.get().id);
    else toast(`${name} was not saved. ${messageOf(error)}`, "bad");
    return false;
  }
}

/** @param {import("nightjar/clip/model.js").Segment} segment */
function adopt(segment) {
  page.set((state) => (state.found ? { ...state, found: withSegment(state.found, segment) } : state));
}

/** @param {number} segmentId @param {string} name @param {ApiError} error */
async function afterConflict(segmentId, name, error) {
  if (error.extra?.segment) adopt(error.extra.segment);
  else await readTracks(page.get().id);
  readHistory();
  const current = segmentById(page.get().found, segmentId)?.current;
  const who = current?.author ? `${current.author} gave ${current.label.name}` : "Somebody changed this segment";
  const text = `${who} while you looked. It was read again; your ${name} is not saved.`;
  page.set({ saving: { state: "failed", text } });
  toast(text, "warm");
}

async function accept() {
  const { found, selected, id } = page.get();
  const current = segmentById(found, selected)?.current;
  if (!boot.can.review || !current) return;
  await saves;
  if (current.source === "prediction" && !await give(current.label.id)) return;
  if (page.get().id !== id) return;
  const { next, segment } = await readQueue();
  if (next === id && segment !== null) select(segment);
  else if (next) openClip(next, "push", segment);
  else toast("The queue is empty: everything has been reviewed.");
}

/** @param {"accept" | "dismiss"} decision */
async function answerSuggestion(decision) {
  const [first] = page.get().suggestions;
  if (!first || !boot.can.review) return;
  page.set((state) => ({ ...state, suggestions: state.suggestions.filter(({ segment }) => segment !== first.segment) }));
  try {
    const headers = { "If-Match": `"${first.version}"` };
    const said = { correction: first.correction, decision };
    const { segment } = await postJson(`segments/${first.segment}/suggestion-decisions/`, said, { headers });
    if (decision === "accept") {
      adopt(segment);
      toast(`${first.name}: ${first.suggested?.name}.`);
      readQueue();
    }
  } catch (error) {
    const isStale = error instanceof ApiError && [409, 412].includes(error.status);
    toast(isStale ? `${first.name} was changed meanwhile; nothing was saved.` : messageOf(error), isStale ? "warm" : "bad");
  }
}

/** @param {number} by */
function goBeside(by) {
  const next = idBeside(page.get().order, page.get().id, by);
  if (next) openClip(next);
  else toast(by > 0 ? "This is the last clip of the list." : "This is the first clip of the list.", "warm");
}

/** @param {number} id @param {boolean} [jump] */
function select(id, jump = true) {
  const segment = segmentById(page.get().found, id);
  if (!segment) return;
  if (id !== page.get().selected) {
    page.set({ selected: id, history: [], suggestions: [], saving: { state: "idle", text: "" } });
    readQueue();
  }
  const isInside = segment.start_frame <= player.target && player.target < segment.end_frame;
  if (jump && !isInside) player.seek(segment.start_frame);
  readHistory();
}

let isExposed = false;

/** Puts the chosen exposure on; the automatic one is found once a clip, so that it never flickers. */
function expose() {
  const { preset, exposure, id } = page.get();
  const chosen = PRESETS.find((one) => one.id === preset);
  const pixels = chosen && !chosen.exposure ? player.sample() : null;
  const fitting = chosen ? chosen.exposure ?? (pixels && exposureFor(pixels)) : exposure;
  isExposed = Boolean(fitting);
  if (fitting) {
    page.set({ exposure: fitting });
    player.exposure = fitting;
  } else if (player.frame >= 0) {
    // While the player seeks, its picture cannot be read.
    setTimeout(() => isExposed || page.get().id !== id || expose(), 40);
  }
}

/** @param {Partial<State>} change */
function prefer(change) {
  page.set(change);
  savePreferences(page.get());
}

/** @param {string} preset */
function choosePreset(preset) {
  isExposed = false;
  prefer({ preset });
  expose();
  savePreferences(page.get());
}

async function rerun() {
  try {
    await postJson(`videos/${page.get().id}/runs/`, {});
    toast("The analysis starts as soon as a worker is free.");
  } catch (error) {
    toast(messageOf(error), "bad");
  }
  reader.ask("all");
}

/** @type {Record<string, (action: Action) => unknown>} */
const ACTIONS = {
  toggle: () => player.toggle(),
  step: ({ by = 1 }) => player.step(by),
  first: () => player.seek(0),
  last: () => player.seek(page.get().frames - 1),
  segment: ({ by = 1 }) => {
    const { found, selected } = page.get();
    const next = found && neighbour(found, selected, by);
    if (next) select(next.id);
  },
  accept: () => accept(),
  next: () => goBeside(1),
  previous: () => goBeside(-1),
  skeleton: () => prefer({ showSkeleton: !page.get().showSkeleton }),
  boxes: () => prefer({ showBoxes: !page.get().showBoxes }),
  loop: () => prefer({ loop: !page.get().loop }),
  exposure: () => choosePreset(nextPreset(page.get().preset).id),
  label: ({ label = 0 }) => give(label),
  help: () => help.open || help.showModal(),
  "suggest-accept": () => answerSuggestion("accept"),
  "suggest-dismiss": () => answerSuggestion("dismiss"),
};

/** @param {HTMLElement} element */
const actionFrom = (element) => ({ do: element.dataset.click ?? "", by: Number(element.dataset.by ?? 1) });

delegate(root, "click", {
  ...Object.fromEntries(Object.keys(ACTIONS).map((name) => [name, (/** @type {HTMLElement} */ element) => ACTIONS[name](actionFrom(element))])),
  label: (element) => give(Number(element.dataset.labelId)),
  select: (element) => select(Number(element.dataset.segment), false),
  preset: (element) => choosePreset(element.dataset.preset ?? "auto"),
  "exposure-open": () => page.set({ exposureOpen: !page.get().exposureOpen }),
  rerun: () => rerun(),
  reload: () => readClip(),
});

delegate(root, "input", {
  exposure: (element) => {
    const { name, value } = /** @type {HTMLInputElement} */ (element);
    const exposure = { ...page.get().exposure, [name]: Number(value) };
    player.exposure = exposure;
    prefer({ preset: "own", exposure });
  },
});

delegate(root, "change", {
  rate: (element) => prefer({ rate: Number(/** @type {HTMLSelectElement} */ (element).value) }),
});

scrubbing(lanes, () => page.get().frames, (frame) => player.seek(frame));

/** A button that was clicked must not swallow the next Space or Enter. */
root.addEventListener("click", (event) => {
  if (event.detail > 0 && document.activeElement instanceof HTMLButtonElement) document.activeElement.blur();
});
addEventListener("pointerdown", (event) => {
  const isInside = event.target instanceof Element && event.target.closest(".exposure");
  if (page.get().exposureOpen && !isInside) page.set({ exposureOpen: false });
});

addEventListener("keydown", (event) => {
  const focus = document.activeElement;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && page.get().exposureOpen) return page.set({ exposureOpen: false });
  if (focus instanceof HTMLInputElement || focus instanceof HTMLSelectElement || focus instanceof HTMLTextAreaElement) return;
  // People who move by Tab use Space and Enter on what they have reached.
  const isPress = event.key === " " || event.key === "Enter";
  if (isPress && focus?.matches("button:focus-visible, a:focus-visible, summary:focus-visible")) return;
  const action = actionOf(event, page.get().labels);
  if (!action) return;
  event.preventDefault();
  // A held key may step through frames, but must not judge clip after clip.
  if (event.repeat && !["step", "segment"].includes(action.do)) return;
  ACTIONS[action.do](action);
});

addEventListener("popstate", (event) => openClip(event.state?.id ?? boot.video_id, "none", event.state?.segment ?? null));

// What others do -------------------------------------------------------------------------

const reader = createReader({ readAll: async () => void await Promise.all([readClip(), readQueue(), readLabels()]), readSome: readClip });

/** @param {import("nightjar/core/events.js").ProjectEvent} event */
function onEvent(event) {
  const { id, clip } = page.get();
  if (event.kind === "video" && event.id === id) reader.ask(id);
  else if (event.kind === "correction") event.video === id ? reader.ask(id) : readQueue();
  else if (event.kind === "labels") readLabels();
  else if (event.kind === "relabel" || event.kind === "classifier" || (event.kind === "promotion" && event.state === "done")) reader.ask("all");
  else if (event.kind === "job" && clip?.job?.id === event.id) {
    const { id: job, state, stage, progress } = event;
    page.set({ clip: { ...clip, job: { id: job, state, stage, progress } } });
  }
}

render(page.get());
expose();
await goLive(boot.project.id, onEvent, () => reader.ask("all"));
const named = Number(new URLSearchParams(location.search).get("segment")) || null;
await Promise.all([openClip(page.get().id, "replace", named), readLabels()]);
await readOrder();

// @ts-check
/** Opens clips on the page without loading it anew, and keeps what is on it fresh. */

import { ApiError, getJson, messageOf } from "nightjar/core/api.js";
import { t } from "nightjar/core/i18n.js";
import { toast } from "nightjar/core/notices.js";
import { Clips } from "nightjar/clip/clips.js";
import { FrameClock } from "nightjar/clip/frames.js";
import { mainSegment, newestOf, segmentById } from "nightjar/clip/model.js";
import { BLANK } from "nightjar/clip/state.js";
import { createReader } from "nightjar/library/reader.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/clips.js").Ready} Ready */
/** @typedef {import("nightjar/clip/clips.js").Table} Table */
/** @typedef {import("nightjar/clip/state.js").Clip} Clip */

const READERS = {
  clip: (/** @type {number} */ id) => getJson(`videos/${id}/`),
  table: (/** @type {number} */ id) => getJson(`videos/${id}/frames/`),
  /** @param {number} id */
  found: (id) => getJson(`videos/${id}/tracks/`).catch((error) => {
    if (error instanceof ApiError && [404, 409].includes(error.status)) return null;
    throw error;
  }),
};

/** What the player needs of a clip. @param {Clip} clip @param {Table} table @param {FrameClock} clock */
function mediaOf(clip, { width, height }, clock) {
  const src = clip.proxy_url ?? clip.urls?.proxy_url ?? `/api/videos/${clip.id}/proxy.mp4`;
  return { src, clock, width, height };
}

/** @param {Bench} bench */
export function install(bench) {
  const { page, player, boot } = bench;
  const clips = new Clips(READERS);
  /** Clocks are made once a table. @type {WeakMap<Table, FrameClock>} */
  const clocks = new WeakMap();
  /** The segment that the address names, until it was found once. @type {number | null} */
  let wanted = null;
  let shownId = 0;

  /** @param {Table | null} table */
  function clockOf(table) {
    if (!table) return null;
    const clock = clocks.get(table) ?? new FrameClock(table.times_s);
    clocks.set(table, clock);
    return clock;
  }

  /** @param {number} id @param {{segment?: number | null, way?: "push" | "replace" | "none"}} [how] */
  async function open(id, { segment = null, way = "push" } = {}) {
    const url = `${boot.library_url}clips/${id}/${segment === null ? "" : `?segment=${segment}`}`;
    if (way === "push") history.pushState({ id, segment }, "", url);
    if (way === "replace") history.replaceState({ id, segment }, "", url);
    bench.emit("leave", { id: page.get().id, to: id });
    [wanted, shownId, bench.clock] = [segment, 0, null];
    const bundle = clips.bundle(id);
    page.set({ ...BLANK, id });
    if (bundle.ready) return arrive(bundle.ready, bundle.isStale);
    player.unload();
    await fill(id);
  }

  /** Shows a clip that is still being read, part by part. @param {number} id */
  async function fill(id) {
    const bundle = clips.bundle(id);
    try {
      const clip = await bundle.clip;
      if (page.get().id !== id) return;
      page.set({ clip, error: "" });
      const table = await bundle.table;
      if (page.get().id !== id) return;
      play(clip, table);
      arrive(await bundle.all);
    } catch (error) {
      if (page.get().id !== id) return;
      // What is on the page already stays there: only a first reading that fails leaves nothing to show.
      if (page.get().found) toast(messageOf(error), "bad");
      else page.set({ error: messageOf(error) });
    }
  }

  /** @param {Clip} clip @param {Table | null} table @param {number} [frame] */
  function play(clip, table, frame = 0) {
    if (bench.clock || !table) return;
    bench.clock = clockOf(table);
    if (!bench.clock) return;
    page.set({ frames: bench.clock.count });
    player.load({ ...mediaOf(clip, table, bench.clock), frame });
  }

  /** @param {Ready} ready @param {boolean} [isStale] */
  function arrive(ready, isStale = false) {
    const { id, clip, table } = ready;
    if (page.get().id !== id) return;
    document.title = `${clip.name} · ${boot.project.name} · Nightjar`;
    const found = newestOf(page.get().found, ready.found);
    const kept = segmentById(found, page.get().selected) ?? segmentById(found, wanted);
    const start = segmentById(found, wanted)?.start_frame ?? 0;
    const isFirst = shownId !== id;
    [shownId, wanted] = [id, null];
    page.set({ clip, found, error: "" });
    const clock = clockOf(table);
    // Tools have the clip before its first frame is painted, so that frame and skeleton come together.
    bench.choose({ selected: (kept ?? mainSegment(found))?.id ?? null });
    bench.emit("clip", { ...ready, found, clock, isFirst });
    const isLoaded = bench.clock !== null;
    play(clip, table, start);
    if (isLoaded && isFirst && start > 0) player.seek(start);
    if (isStale) bench.reread();
  }

  /** Reads what is on the page again; it stays there until the answer has come. */
  async function readAgain() {
    const { id } = page.get();
    clips.again(id);
    await fill(id);
  }

  /** @param {number} id @param {number | null} segment */
  async function prefetch(id, segment) {
    if (id === page.get().id) return;
    const { clip, table, found } = await clips.bundle(id).all;
    const clock = clockOf(table);
    if (!table || !clock) return;
    player.prefetch({ ...mediaOf(clip, table, clock), frame: segmentById(found, segment)?.start_frame ?? 0 });
    bench.root.dataset.ahead = String(id);
  }

  const reader = createReader({ readAll: readAgain, readSome: readAgain });

  bench.open = open;
  bench.reread = () => reader.ask("all");
  bench.addLoader = (name, loader) => clips.addLoader(name, loader);
  bench.prefetch = (id, segment = null) => void prefetch(id, segment).catch(() => clips.forget(id));

  bench.on("live", (event) => {
    const { id } = page.get();
    const clip = /** @type {Clip | null} */ (page.get().clip);
    const about = event.kind === "video" ? event.id : event.video;
    const isOfAll = ["relabel", "classifier"].includes(event.kind) || (event.kind === "promotion" && event.state === "done");
    if (isOfAll) clips.spoil("all");
    else if (["video", "correction", "edit", "edits"].includes(event.kind)) clips.spoil(about);
    if (isOfAll || (about === id && ["video", "correction"].includes(event.kind))) reader.ask("all");
    else if (clip && event.kind === "job" && clip.job?.id === event.id) {
      const { id: job, state, stage, progress } = event;
      page.set({ clip: { ...clip, job: { id: job, state, stage, progress } } });
    }
  });
  bench.on("reopened", () => {
    clips.spoil("all");
    reader.ask("all");
  });
  player.addEventListener("playing", (event) => page.set({ playing: /** @type {CustomEvent} */ (event).detail }));
  player.addEventListener("fault", (event) => page.set({ fault: t("The clip cannot be played: {reason}", { reason: /** @type {CustomEvent} */ (event).detail }) }));
  addEventListener("popstate", (event) => open(event.state?.id ?? boot.video_id, { segment: event.state?.segment ?? null, way: "none" }));
}

// @ts-check
/** Skeletons on the workbench: shows them over the frame, and lets people put them right. */

import { beforePaint, delegate, show } from "nightjar/core/dom.js";
import { t } from "nightjar/core/i18n.js";
import { preference, remember } from "nightjar/core/preferences.js";
import { colour, onTheme } from "nightjar/core/theme.js";
import { drawScene, hueOf, PALETTE } from "nightjar/clip/overlay.js";
import { middleOf } from "nightjar/clip/skeleton/changes.js";
import { addActions } from "nightjar/clip/skeleton/doings.js";
import { drawDraft, BoxMaker } from "nightjar/clip/skeleton/box_maker.js";
import { Editor } from "nightjar/clip/skeleton/editor.js";
import { EditedPoses } from "nightjar/clip/skeleton/edited.js";
import { Estimates } from "nightjar/clip/skeleton/estimates.js";
import { lookFrom } from "nightjar/clip/skeleton/look.js";
import { barView, panelView } from "nightjar/clip/skeleton/panel.js";
import { jointAt, nearestOther, personAt } from "nightjar/clip/skeleton/pick.js";
import { bindPointer } from "nightjar/clip/skeleton/pointer.js";
import { PoseStore, readPages } from "nightjar/clip/skeleton/store.js";
import { chosenPerson, nameOf, peopleAt } from "nightjar/clip/skeleton/who.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/clips.js").Facts} Facts */
/** @typedef {import("nightjar/clip/skeleton/look.js").Look} Look */
/** @typedef {"look" | "joints" | "draw"} Mode */

/** Frames of a page, of which the first comes with the clip. */
const FIRST_FRAMES = 256;
/** @type {readonly any[]} */
const NOTHING = [];

/** The first skeletons of a clip, read with all else that it needs. @param {Facts} facts */
async function readFirst({ found }) {
  if (!found?.run) return null;
  const buffer = await readPages(found.run.id, [0, Math.max(1, Math.min(FIRST_FRAMES, found.run.frames))]);
  return { run: found.run.id, buffer };
}

/** What the tool knows of the clip on the page; the rest of the page reads it through the bench. */
export class Skeletons {
  /** @type {PoseStore | null} */
  store = null;
  /** @type {EditedPoses | null} */
  edited = null;
  /** @type {Mode} */
  mode = "look";
  /** @type {number | null} of the chosen person, that keys move */
  joint = null;
  /** @type {number | null} whom a swap or a merge means, where a person chose it */
  other = null;
  isOpen = false;

  /** @param {Bench} bench */
  constructor(bench) {
    this.bench = bench;
    /** @type {any} */
    const kept = preference("skeleton", {});
    this.isOpen = Boolean(kept.isOpen);
    /** @type {Look} */
    this.look = lookFrom(kept);
    this.redraw = beforePaint(() => bench.redraw());
    this.refresh = () => bench.page.draw();
    this.editor = new Editor(bench, () => this.edited, this.redraw);
    this.boxes = new BoxMaker(this);
    this.estimates = new Estimates({
      found: (id, poses) => {
        this.edited?.estimated(id, poses);
        this.refresh();
      },
      changed: (estimate) => {
        this.boxes.ended(estimate);
        this.refresh();
      },
    });
  }

  get frame() {
    return Math.max(0, this.bench.player.frame);
  }

  /** @returns {number | null} */
  get person() {
    const { found, person, selected } = this.bench.page.get();
    return chosenPerson(found, person, selected);
  }

  /** @returns {import("nightjar/clip/skeleton/edited.js").Pose | null} */
  get pose() {
    return this.person === null ? null : this.edited?.pose(this.person, this.frame) ?? null;
  }

  /** @returns {number | null} */
  get partner() {
    const { person, edited } = this;
    if (person === null || !edited) return null;
    const isKnown = this.other !== null && this.other !== person && edited.people.includes(this.other);
    return isKnown ? this.other : nearestOther(edited, person, this.frame, 60);
  }

  /** @returns {ReadonlySet<number>} */
  get hidden() {
    const joints = this.edited?.names ?? [];
    return new Set(joints.flatMap((name, at) => (this.look.hidden.includes(name) ? [at] : [])));
  }

  /** @param {Partial<Look>} change */
  prefer(change) {
    this.look = { ...this.look, ...change };
    remember("skeleton", { ...this.look, isOpen: this.isOpen });
    this.refresh();
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.isOpen = isOpen;
    this.prefer({});
  }

  /** @param {Mode} mode */
  enter(mode) {
    this.editor.commit();
    if (this.mode === "draw" && mode !== "draw") this.boxes.end();
    this.mode = mode;
    this.bench.places.stage.dataset.mode = mode;
    if (mode === "joints" && this.joint === null) this.joint = 0;
    if (mode === "look") this.joint = null;
    this.refresh();
  }

  /** @param {number} person @param {number | null} [joint] */
  choose(person, joint = null) {
    if (person !== this.person) this.editor.commit();
    this.bench.choose({ person });
    if (joint !== null) {
      this.joint = joint;
      if (this.mode !== "joints") this.enter("joints");
    }
    this.refresh();
  }

  /** @param {{id: number, found: import("nightjar/clip/model.js").Found | null, loaded: Record<string, any>}} clip */
  show({ found, loaded }) {
    const run = found?.run ?? null;
    if (!run) return this.leave();
    if (this.store?.run.id !== run.id) {
      this.store?.close();
      this.store = new PoseStore(run, () => this.redraw());
      this.edited = new EditedPoses(this.store.pages, run.skeleton.joints);
    }
    if (loaded.poses?.run === run.id) this.store.take(loaded.poses.buffer);
    this.store.ensure(this.frame);
    this.readEdits();
    this.redraw();
  }

  leave() {
    this.editor.commit();
    this.store?.close();
    [this.store, this.edited, this.joint, this.other, this.mode] = [null, null, null, null, "look"];
    this.boxes.end();
  }

  readEdits() {
    const { annotations } = this.bench.page.get();
    this.edited?.update(annotations?.poses ?? NOTHING, annotations?.tracks ?? NOTHING);
    for (const id of this.edited?.missing ?? []) this.estimates.watch(id);
    this.redraw();
  }
}

/** @param {Bench} bench */
export function install(bench) {
  const { page, player, places } = bench;
  const tool = new Skeletons(bench);
  let palette = PALETTE;
  const readPalette = () => {
    const read = (/** @type {string} */ token) => colour(token, places.stage);
    palette = { ...PALETTE, left: read("--left"), right: read("--right"), low: read("--bad"), mid: read("--accent"), high: read("--ok"), accent: read("--accent") };
    bench.redraw();
  };
  readPalette();
  onTheme(readPalette);

  bench.addLoader("poses", readFirst);
  bench.on("leave", () => tool.leave());
  bench.on("clip", (clip) => tool.show(clip));
  bench.on("annotations", () => tool.readEdits());
  let last = { selected: page.get().selected, person: page.get().person };
  bench.on("selection", ({ selected, person }) => {
    const isOther = selected !== last.selected && person !== null && person === last.person;
    last = { selected, person };
    // Another segment is about its own person, also where whoever chose it did not say so.
    if (isOther) bench.choose({ person: null });
  });
  bench.on("live", (event) => tool.estimates.hint(event));
  bench.on("frame", () => {
    tool.editor.commit();
    tool.store?.ensure(tool.frame);
    if (tool.isOpen && !player.isPlaying) tool.refresh();
  });
  player.addEventListener("playing", () => tool.isOpen && tool.refresh());

  bench.addPainter(20, (context, frame, scale, unit) => {
    const { edited, store } = tool;
    const { found, showSkeleton, showBoxes } = page.get();
    if (!edited || !store || !found?.run) return [];
    const people = peopleAt(found, edited.people, frame, tool.person);
    const { colouring, heat, trail } = tool.look;
    const isEditing = tool.mode === "joints";
    const drawn = drawScene(context, { edited, skeleton: found.run.skeleton, people, showSkeleton, showBoxes, colouring, heat, trail, hidden: tool.hidden, joint: tool.joint, isEditing, palette }, frame, scale, unit);
    drawDraft(context, tool.boxes.box, palette, scale, unit);
    return drawn;
  });

  const pointer = bindPointer(places.stage, player, {
    canEdit: () => tool.editor.canEdit && (page.get().showSkeleton || tool.mode === "draw"),
    isDrawing: () => tool.mode === "draw",
    hit: ([x, y], reach) => tool.edited && jointAt(tool.edited, tool.frame, x, y, reach, { person: tool.person, isHidden: (joint) => tool.hidden.has(joint) }),
    personAt: ([x, y]) => tool.edited && personAt(tool.edited, tool.frame, x, y),
    placeOf: ({ person, joint }) => {
      const place = tool.edited?.pose(person, tool.frame)?.joints[joint];
      return place ? [place.x, place.y] : null;
    },
    middleOf: (person) => {
      const pose = tool.edited?.pose(person, tool.frame);
      return pose ? middleOf(pose) : null;
    },
    choose: ({ person, joint }) => {
      player.pause();
      tool.choose(person, joint);
    },
    choosePerson: (person) => {
      player.pause();
      tool.choose(person);
    },
    moveJoint: ({ person, joint }, [x, y]) => tool.editor.moveJoint(person, tool.frame, joint, x, y),
    moveWhole: (person, by) => tool.editor.moveWhole(person, tool.frame, by),
    drawBox: (box, isDone) => (isDone && box ? tool.boxes.finish(box) : tool.boxes.show(box)),
    commit: () => tool.editor.commit(t("Saved")),
    cancel: () => tool.editor.cancel(),
  });
  addActions(bench, tool, pointer);

  const bar = bench.tools("skeleton", 20);
  const panel = bench.section("skeleton", 40);
  delegate(panel, "change", {
    other: (element) => {
      tool.other = Number(/** @type {HTMLSelectElement} */ (element).value);
      tool.refresh();
    },
  });
  bench.on("render", ({ showSkeleton, showBoxes }) => {
    const shown = shownOf(tool);
    show(bar, barView(bench, shown, showSkeleton, showBoxes));
    show(panel, tool.edited && panelView(bench, shown));
  });
}

/** @param {Skeletons} tool @returns {import("nightjar/clip/skeleton/panel.js").Shown} */
function shownOf(tool) {
  const { edited, frame, person, isOpen } = tool;
  const people = edited?.people ?? [];
  return {
    people: people.map((key, order) => ({
      key,
      name: nameOf(key, people),
      hue: hueOf(order),
      isHere: isOpen && Boolean(edited?.pose(key, frame)),
      isChosen: key === person,
    })),
    person,
    other: isOpen ? tool.partner : null,
    pose: tool.pose,
    joints: [...edited?.names ?? []],
    joint: tool.joint,
    look: tool.look,
    mode: tool.mode,
    isOpen,
    keyframes: isOpen && person !== null ? edited?.keyframesOf(person).length ?? 0 : 0,
    estimates: tool.estimates.waiting.map(({ id, job }) => ({ id, progress: job?.progress ?? 0 })),
    canEdit: tool.editor.canEdit,
  };
}

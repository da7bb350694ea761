// @ts-check
/** Drawing a missing person: a box by pointer or by keys, then a worker is asked for the pose. */

import { ApiError, messageOf } from "nightjar/core/api.js";
import { announce, toast } from "nightjar/core/notices.js";
import { t } from "nightjar/core/i18n.js";
import { figureIn, personAdded } from "nightjar/clip/skeleton/changes.js";

/** @typedef {[number, number, number, number]} Box */
/** @typedef {import("nightjar/clip/skeleton/tool.js").Skeletons} Skeletons */

/** Frames that a worker follows somebody through. */
const FOLLOWED = 60;
const LEAST_SIDE = 6;

export class BoxMaker {
  /** @type {Box | null} */
  box = null;
  /** Those that were asked for here: person and place by estimate. @type {Map<number, {clip: number, person: number, frame: number, box: Box}>} */
  #asked = new Map();

  /** @param {Skeletons} tool */
  constructor(tool) {
    this.tool = tool;
  }

  /** A box in the middle, for keys to move. */
  begin() {
    const { width, height } = this.tool.bench.player;
    this.show([width * 0.4, height * 0.25, width * 0.6, height * 0.85]);
    // No toast: it would lie over the picture that is drawn on.
    announce(t("Drawing a person: arrows move the box, with Shift they change its size, Enter looks for the pose, Escape gives up."));
  }

  end() {
    this.show(null);
  }

  /** @param {Box | null} box */
  show(box) {
    this.box = box;
    this.tool.redraw();
  }

  /** @param {number} dx @param {number} dy @param {boolean} isSize */
  nudge(dx, dy, isSize) {
    if (!this.box) return;
    const [x1, y1, x2, y2] = this.box;
    this.show(isSize ? [x1, y1, Math.max(x1 + LEAST_SIDE, x2 + dx), Math.max(y1 + LEAST_SIDE, y2 + dy)] : [x1 + dx, y1 + dy, x2 + dx, y2 + dy]);
  }

  /** Asks for the pose and adds the person. @param {Box | null} [box] */
  async finish(box = this.box) {
    const { tool } = this;
    const { bench, frame } = tool;
    if (!box || box[2] - box[0] < LEAST_SIDE || box[3] - box[1] < LEAST_SIDE) {
      this.show(null);
      return toast(t("Draw a box around the whole person."), "warm");
    }
    const { id, frames } = bench.page.get();
    tool.enter("look");
    const estimate = await this.#ask(id, frame, Math.min(frames, frame + FOLLOWED), box);
    if (estimate === undefined || bench.page.get().id !== id || !tool.edited) return;
    const change = personAdded(bench.edits.newId(), frame, box, estimate);
    const { person } = change.data;
    if (estimate !== null) this.#asked.set(estimate, { clip: id, person, frame, box });
    bench.edits.group(() => {
      bench.edits.make(change);
      if (estimate === null) this.#putFigure(person, frame, box);
    });
    tool.choose(person);
    announce(estimate === null ? t("A figure was put into the box; move its joints.") : t("A worker looks for the person you drew."));
  }

  /** Where a worker could not find anybody, a figure is left to be placed by hand. @param {import("nightjar/clip/skeleton/estimates.js").Estimate} estimate */
  ended({ id, state, job }) {
    const asked = this.#asked.get(id);
    if (!asked || !["done", "failed", "cancelled"].includes(state)) return;
    this.#asked.delete(id);
    if (state === "done" || asked.clip !== this.tool.bench.page.get().id || !this.tool.edited) return;
    toast(job?.error_message || t("The pose was not looked for: place the figure by hand."), "warm");
    this.#putFigure(asked.person, asked.frame, asked.box);
  }

  /** @param {number} person @param {number} frame @param {Box} box */
  #putFigure(person, frame, box) {
    const joints = figureIn(box, this.tool.edited?.names ?? []);
    this.tool.bench.edits.make({ kind: "pose.set", target: `${person}:${frame}`, data: { joints, keyframe: true, tween: false } });
  }

  /** @param {number} video @param {number} frame @param {number} end @param {Box} box @returns {Promise<number | null | undefined>} null: nobody can be asked now; undefined: refused */
  async #ask(video, frame, end, box) {
    try {
      return (await this.tool.estimates.ask(video, frame, end, box)).id;
    } catch (error) {
      if (error instanceof ApiError && error.isPassing) {
        toast(t("No worker can be asked now: place the figure by hand."), "warm");
        return null;
      }
      toast(messageOf(error), "bad");
      return undefined;
    }
  }
}

/** @param {CanvasRenderingContext2D} context @param {Box | null} box @param {import("nightjar/clip/overlay.js").Palette} palette @param {number} scale @param {number} unit */
export function drawDraft(context, box, palette, scale, unit) {
  if (!box) return;
  const [x1, y1, x2, y2] = box.map((value) => (value + 0.5) * scale);
  context.globalAlpha = 1;
  context.lineWidth = 2 * unit;
  context.strokeStyle = palette.shade;
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  context.setLineDash([6 * unit, 4 * unit]);
  context.strokeStyle = palette.accent;
  context.strokeRect(x1, y1, x2 - x1, y2 - y1);
  context.setLineDash([]);
  drawHint(context, t("Draw a box around the whole person."), palette, unit);
}

/** What to do, at the foot of the picture. @param {CanvasRenderingContext2D} context @param {string} text @param {import("nightjar/clip/overlay.js").Palette} palette @param {number} unit */
function drawHint(context, text, palette, unit) {
  const { width, height } = context.canvas;
  context.font = `600 ${13 * unit}px system-ui, sans-serif`;
  const wide = context.measureText(text).width + 20 * unit;
  context.fillStyle = palette.shade;
  context.fillRect((width - wide) / 2, height - 34 * unit, wide, 26 * unit);
  context.fillStyle = palette.ink;
  context.textBaseline = "middle";
  context.fillText(text, (width - wide) / 2 + 10 * unit, height - 21 * unit);
}

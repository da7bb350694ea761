// @ts-check
/** Carries out what people do to segments, as edits of the log; the label set's rule is kept here. */

import { t } from "nightjar/core/i18n.js";
import { announce, toast } from "nightjar/core/notices.js";
import { segmentById } from "nightjar/clip/model.js";
import { barOf } from "nightjar/clip/timeline/bars_model.js";
import { freePart, limits, overlaps, rivals } from "nightjar/clip/timeline/overlap_model.js";
import { drop, following, join, paint, reshape, split } from "nightjar/clip/timeline/plan_model.js";
import { finish, press, release } from "nightjar/clip/timeline/record_model.js";

/** @typedef {import("nightjar/clip/bench.js").Bench} Bench */
/** @typedef {import("nightjar/clip/timeline/board.js").Board} Board */
/** @typedef {import("nightjar/clip/timeline/bars_model.js").Bar} Bar */
/** @typedef {import("nightjar/clip/timeline/plan_model.js").Plan} Plan */

/** Segments that are begun by a key last so long at first. */
const FIRST_SECONDS = 1;

export class Editor {
  /** @type {Bench} */
  #bench;
  /** @type {Board} */
  #board;
  /** @type {import("nightjar/clip/timeline/field.js").Field} */
  #field;

  /** @param {Bench} bench @param {Board} board @param {import("nightjar/clip/timeline/field.js").Field} field */
  constructor(bench, board, field) {
    [this.#bench, this.#board, this.#field] = [bench, board, field];
  }

  get isAllowed() {
    return this.#bench.boot.can.review && Boolean(this.#bench.edits) && this.#board.frames > 0;
  }

  get frame() {
    return Math.max(0, this.#bench.player.target);
  }

  /** Looks at a segment. @param {Bar} bar @param {boolean} [jump] */
  choose(bar, jump = false) {
    this.#board.person = bar.person;
    const { selected } = this.#bench.page.get();
    if (bar.kind === "predicted") this.#bench.choose({ selected: bar.id, annotated: null, person: bar.person });
    else {
      const isThere = bar.origin !== null && segmentById(this.#bench.page.get().found, bar.origin);
      this.#bench.choose({ selected: isThere ? bar.origin : selected, annotated: bar.target, person: bar.person });
    }
    const { player } = this.#bench;
    if (jump && !(bar.start <= player.target && player.target < bar.end)) player.seek(bar.start);
    this.#field.chosen();
  }

  /** Puts one end of the segment at hand at the frame on screen. @param {"start" | "end"} edge */
  setEdge(edge) {
    const bar = this.#board.bar;
    if (!bar) return this.add();
    const wanted = edge === "start" ? this.frame : this.frame + 1;
    this.moveEdge(bar, edge, wanted);
  }

  /** @param {Bar} bar @param {"start" | "end"} edge @param {number} wanted */
  moveEdge(bar, edge, wanted) {
    const [least, most] = this.limitsOf(bar, edge);
    const frame = Math.max(least, Math.min(most, wanted));
    if (frame !== wanted) this.#stop(edge === "start" ? wanted >= bar.end : wanted <= bar.start);
    if (bar.kind === "predicted") return this.#draw(bar, { [edge]: frame });
    this.#carryOut(reshape(bar, { [edge]: frame }, this.#newId), edge === "start" ? t("Starts at frame {frame}", { frame }) : t("Ends with frame {frame}", { frame: frame - 1 }));
  }

  /** @param {Bar} bar @param {"start" | "end"} edge */
  limitsOf(bar, edge) {
    const { drawn, rule, frames } = this.#board;
    return limits(bar, edge, rivals(drawn, rule, bar.person, bar.key), frames);
  }

  /** A drawn segment above a predicted one, where there is room for it. @param {Bar} bar @param {{start?: number, end?: number, label?: number | null}} wanted */
  #draw(bar, wanted) {
    const { drawn, rule } = this.#board;
    const range = { start: bar.start, end: bar.end, ...wanted };
    const others = rivals(drawn, rule, bar.person).filter((one) => overlaps(one, range));
    const at = Math.max(range.start, Math.min(range.end - 1, this.frame));
    const free = others.length ? freePart(range, at, others) : range;
    if (!free) return void toast(t("Another segment is here: the labels' rule lets none overlap."), "warm");
    this.#carryOut(reshape(bar, { ...wanted, ...free }, this.#newId), t("Drawn: frames {first} to {last}", { first: free.start, last: free.end - 1 }));
  }

  /** A new segment from the frame on screen, or over a range. @param {{start: number, end: number} | null} [range] @param {number | null} [person] */
  add(range = null, person = this.#board.person) {
    const { drawn, rule, frames, labels } = this.#board;
    const length = Math.max(1, Math.round(FIRST_SECONDS * this.#rate()));
    const wanted = range ?? { start: this.frame, end: Math.min(frames, this.frame + length) };
    const free = freePart(wanted, range ? this.#firstFree(wanted, person) : this.frame, rivals(drawn, rule, person));
    if (!free) return void toast(t("Another segment is here: the labels' rule lets none overlap."), "warm");
    const guess = this.#board.curves.likeliest(person, free.start, free.end) ?? [...labels.keys()][0] ?? null;
    if (guess === null) return void toast(t("There is no label yet. An admin adds them on the labels page."), "warm");
    const plan = paint({ person, ...free, label: guess }, [], "allow", this.#newId);
    this.#carryOut(plan, t("Drawn: frames {first} to {last}", { first: free.start, last: free.end - 1 }));
  }

  /** The first frame of a range that no rival has. @param {{start: number, end: number}} range @param {number | null} person */
  #firstFree({ start, end }, person) {
    const others = rivals(this.#board.drawn, this.#board.rule, person);
    for (let frame = start; frame < end; frame += 1) {
      const taken = others.find((bar) => bar.start <= frame && frame < bar.end);
      if (!taken) return frame;
      frame = taken.end - 1;
    }
    return start;
  }

  split() {
    const bar = this.#board.barHere(this.frame);
    if (!bar || this.frame <= bar.start) return void toast(t("Go to a frame inside a segment: it is parted before that frame."), "warm");
    if (bar.kind === "predicted" && !this.#hasRoom(bar)) return;
    this.#carryOut(split(bar, this.frame, this.#newId), t("Parted before frame {frame}", { frame: this.frame }));
  }

  join() {
    const bar = this.#board.bar ?? this.#board.barHere(this.frame);
    const lane = this.#board.lanes.find(({ person }) => person === bar?.person);
    const next = bar && lane && following(lane[bar.kind], bar);
    if (!bar || !next) return void toast(t("There is no segment after this one to join with."), "warm");
    const { drawn, rule } = this.#board;
    const between = rivals(drawn, rule, bar.person).some((one) => one.key !== bar.key && one.key !== next.key && overlaps(one, { start: bar.start, end: next.end }));
    if (between) return void toast(t("Another segment is here: the labels' rule lets none overlap."), "warm");
    this.#carryOut(join(bar, next, this.#newId), t("Joined: frames {first} to {last}", { first: bar.start, last: next.end - 1 }));
  }

  remove() {
    const bar = this.#board.bar;
    if (bar?.kind !== "drawn") return void toast(t("Only segments that people drew can be deleted."), "warm");
    const origin = barOf(this.#board.lanes, `p:${bar.origin}`);
    this.#carryOut({ edits: [drop(bar.target)], select: null }, t("Segment deleted"));
    if (origin) this.choose(origin);
    else this.#bench.choose({ annotated: null });
  }

  /**
   * A label key, or a click on a label: while labels are recorded it begins and ends one, for a
   * drawn segment it is its label.
   * @param {{label: number, down: boolean}} pressed @returns {boolean} whether it was ours
   */
  takeLabel({ label, down }) {
    const board = this.#board;
    if (!this.isAllowed) return false;
    if (!board.isRecording) {
      const bar = board.bar;
      if (bar?.kind !== "drawn") return false;
      if (down) this.#carryOut(reshape(bar, { label }, this.#newId), board.labelName(label));
      return true;
    }
    const frame = Math.max(0, this.#bench.player.frame);
    const step = (down ? press : release)(board.stroke, label, frame, performance.now());
    this.#take(step);
    return true;
  }

  /** @param {boolean} isOn */
  record(isOn) {
    this.#take(finish(this.#board.stroke, Math.max(0, this.#bench.player.frame)));
    this.#board.isRecording = isOn;
    this.#field.chosen();
  }

  /** Ends the label that is being given, without keeping it. */
  forgetStroke() {
    this.#board.stroke = null;
    this.#field.touched();
  }

  /** @param {import("nightjar/clip/timeline/record_model.js").Step} step */
  #take({ open, done }) {
    const board = this.#board;
    board.stroke = open;
    this.#field.touched();
    if (!done) return;
    const plan = paint({ person: board.person, ...done }, board.drawn, board.rule, this.#newId);
    this.#carryOut(plan, t("{label}: frames {first} to {last}", { label: board.labelName(done.label), first: done.start, last: done.end - 1 }));
  }

  /** @param {Bar} bar */
  #hasRoom(bar) {
    const { drawn, rule } = this.#board;
    const isFree = !rivals(drawn, rule, bar.person).some((one) => overlaps(one, bar));
    if (!isFree) toast(t("Another segment is here: the labels' rule lets none overlap."), "warm");
    return isFree;
  }

  /** Says why an edge did not go where it was sent. @param {boolean} isPastOther */
  #stop(isPastOther) {
    toast(isPastOther ? t("A segment has at least one frame.") : t("Another segment is here: the labels' rule lets none overlap."), "warm");
  }

  /** @param {Plan} plan @param {string} said */
  #carryOut({ edits, select }, said) {
    if (!edits.length || !this.isAllowed) return;
    const log = this.#bench.edits;
    const makeAll = () => edits.forEach((edit) => log.make({ ...edit, name: said }));
    if (edits.length > 1) log.group(makeAll);
    else makeAll();
    announce(said);
    if (select !== null) {
      const made = edits.find(({ kind, target }) => kind === "segment.create" && target === select);
      const person = made ? /** @type {number | null} */ (made.data.person) : this.#board.person;
      this.#board.person = person;
      this.#bench.choose({ annotated: select, person });
    }
  }

  #newId = () => this.#bench.edits.newId();

  /** Frames a second, about. */
  #rate() {
    const { clock } = this.#bench;
    return clock ? clock.count / Math.max(1e-3, clock.end - clock.start(0)) : 25;
  }
}

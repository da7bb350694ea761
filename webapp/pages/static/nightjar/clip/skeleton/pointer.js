// @ts-check
/** Pointer on the stage: a joint is dragged, with a modifier the whole skeleton, a new box is drawn. */

import { boxBetween } from "nightjar/clip/skeleton/pick.js";

/** @typedef {[number, number]} Point px of the frame */
/** @typedef {{person: number, joint: number}} Hit */
/**
 * @typedef {object} Own what the tool lets a pointer do
 * @property {() => boolean} canEdit
 * @property {() => boolean} isDrawing a box
 * @property {(at: Point, reach: number) => Hit | null} hit
 * @property {(at: Point) => number | null} personAt
 * @property {(hit: Hit) => Point | null} placeOf a joint
 * @property {(person: number) => Point | null} middleOf
 * @property {(hit: Hit) => void} choose
 * @property {(person: number) => void} choosePerson
 * @property {(hit: Hit, at: Point) => void} moveJoint
 * @property {(person: number, by: {dx?: number, dy?: number, factor?: number}) => void} moveWhole
 * @property {(box: [number, number, number, number] | null, isDone: boolean) => void} drawBox
 * @property {() => void} commit
 * @property {() => void} cancel
 */
/** @typedef {{x: number, y: number}} Spot of the page */
/** @typedef {{move: (at: Point, event: PointerEvent) => void, end: () => void, cancel?: () => void}} Drag */

const REACH_PX = { mouse: 9, pen: 12, touch: 22 };
/** A press that moves less than this only chooses. */
const STILL_PX = 3;

/**
 * @param {HTMLElement} stage
 * @param {import("nightjar/clip/player.js").NjPlayer} player
 * @param {Own} own
 * @returns {{cancel: () => boolean}} cancel: gives up a drag; false where there was none
 */
export function bindPointer(stage, player, own) {
  /** @type {{id: number, drag: Drag, from: Spot, isMoved: boolean} | null} */
  let held = null;
  const reachOf = (/** @type {PointerEvent} */ { pointerType, clientX, clientY }) => {
    const px = REACH_PX[/** @type {keyof typeof REACH_PX} */ (pointerType)] ?? REACH_PX.mouse;
    const [a, b] = [player.toVideo(clientX, clientY), player.toVideo(clientX + px, clientY)];
    return Math.hypot(b[0] - a[0], b[1] - a[1]);
  };

  /** What this press takes hold of. @param {PointerEvent} event @returns {Drag | null} */
  function dragOf(event) {
    const from = player.toVideo(event.clientX, event.clientY);
    if (own.isDrawing()) return boxDrag(from);
    const hit = own.hit(from, reachOf(event));
    const person = event.altKey ? hit?.person ?? own.personAt(from) : null;
    if (person !== null && person !== undefined) return wholeDrag(person, from, event.shiftKey);
    return hit && !event.altKey && !event.ctrlKey && !event.metaKey ? jointDrag(hit, from) : null;
  }

  /** @param {Hit} hit @param {Point} from @returns {Drag} */
  function jointDrag(hit, from) {
    own.choose(hit);
    // The joint keeps its place under the finger: it does not jump to the pointer.
    const start = own.placeOf(hit) ?? from;
    return { move: ([x, y]) => own.moveJoint(hit, [start[0] + x - from[0], start[1] + y - from[1]]), end: own.commit };
  }

  /** @param {number} person @param {Point} from @param {boolean} isScaling @returns {Drag} */
  function wholeDrag(person, from, isScaling) {
    own.choosePerson(person);
    const middle = own.middleOf(person) ?? from;
    const before = Math.max(2, Math.hypot(from[0] - middle[0], from[1] - middle[1]));
    return {
      move: ([x, y]) => own.moveWhole(person, isScaling
        ? { factor: Math.max(0.1, Math.hypot(x - middle[0], y - middle[1]) / before) }
        : { dx: x - from[0], dy: y - from[1] }),
      end: own.commit,
    };
  }

  /** @param {Point} from @returns {Drag} */
  function boxDrag(from) {
    const box = (/** @type {Point} */ to) => boxBetween(from, to, player.width, player.height);
    let last = from;
    return {
      move: (to) => own.drawBox(box(last = to), false),
      end: () => own.drawBox(box(last), true),
      cancel: () => own.drawBox(null, false),
    };
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || held || !own.canEdit() || !(event.target instanceof Node) || !player.contains(event.target)) return;
    const drag = dragOf(event);
    if (!drag) return;
    // The player would pan or play otherwise.
    event.preventDefault();
    held = { id: event.pointerId, drag, from: { x: event.clientX, y: event.clientY }, isMoved: false };
    stage.setPointerCapture(event.pointerId);
    stage.dataset.dragging = "true";
  }, { capture: true });

  stage.addEventListener("pointermove", (event) => {
    if (!held) return hover(event);
    if (event.pointerId !== held.id) return;
    const away = Math.hypot(event.clientX - held.from.x, event.clientY - held.from.y);
    if (!held.isMoved && away < STILL_PX) return;
    held.isMoved = true;
    held.drag.move(player.toVideo(event.clientX, event.clientY), event);
  });

  /** @param {PointerEvent} event */
  function hover(event) {
    if (event.pointerType !== "mouse" || event.buttons || player.isPlaying) return;
    const isOver = own.canEdit() && !own.isDrawing() && own.hit(player.toVideo(event.clientX, event.clientY), reachOf(event)) !== null;
    if (isOver) stage.dataset.over = "joint";
    else delete stage.dataset.over;
  }

  /** @param {boolean} isDone */
  function release(isDone) {
    const was = held;
    held = null;
    delete stage.dataset.dragging;
    if (!was) return false;
    if (isDone && was.isMoved) was.drag.end();
    else {
      was.drag.cancel?.();
      own.cancel();
    }
    return true;
  }
  stage.addEventListener("pointerup", (event) => event.pointerId === held?.id && release(true));
  stage.addEventListener("pointercancel", (event) => event.pointerId === held?.id && release(false));
  return { cancel: () => release(false) };
}

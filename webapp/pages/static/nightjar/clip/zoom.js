// @ts-check
/** Wheel, pinch and drag on the picture: zooming, moving, and a click. */

import { panned, wheelFactor, zoomedAt } from "nightjar/clip/zoom_model.js";

/** @typedef {import("nightjar/clip/zoom_model.js").View} View */
/** @typedef {{x: number, y: number}} Spot */

const CLICK_PX = 4;

/**
 * A tool that wants a pointer for itself calls `preventDefault` on its `pointerdown` before.
 * @param {HTMLElement} element
 * @param {{view: () => View, change: (view: View) => void, click: () => void}} own
 */
export function bindZoom(element, { view, change, click }) {
  /** @type {Map<number, Spot>} */
  const spots = new Map();
  let isClick = false;
  const shares = (/** @type {Spot} */ { x, y }) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { u: (x - left) / width, v: (y - top) / height, width, height };
  };

  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    const { u, v } = shares({ x: event.clientX, y: event.clientY });
    change(zoomedAt(view(), wheelFactor(event), u, v));
  }, { passive: false });

  element.addEventListener("pointerdown", (event) => {
    if (event.defaultPrevented || event.button > 1) return;
    isClick = spots.size === 0 && event.button === 0;
    spots.set(event.pointerId, { x: event.clientX, y: event.clientY });
    element.setPointerCapture(event.pointerId);
  });

  element.addEventListener("pointermove", (event) => {
    const before = spots.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    if (isClick && Math.hypot(now.x - before.x, now.y - before.y) < CLICK_PX) return;
    isClick = false;
    const { width, height } = shares(now);
    const other = [...spots].find(([id]) => id !== event.pointerId)?.[1];
    spots.set(event.pointerId, now);
    if (!other) return change(panned(view(), (now.x - before.x) / width, (now.y - before.y) / height));
    const [was, is] = [middle(before, other), middle(now, other)];
    const { u, v } = shares(is);
    const moved = panned(view(), (is.x - was.x) / width, (is.y - was.y) / height);
    change(zoomedAt(moved, apart(now, other) / Math.max(1, apart(before, other)), u, v));
  });

  const end = (/** @type {PointerEvent} */ event) => {
    if (!spots.delete(event.pointerId)) return;
    if (isClick && event.type === "pointerup") click();
    isClick = false;
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
}

/** @param {Spot} a @param {Spot} b */
const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });

/** @param {Spot} a @param {Spot} b */
const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

// @ts-check
/** Which part of the picture is seen; pure. */

/**
 * @typedef {object} View
 * @property {number} zoom 1: the whole picture fits
 * @property {number} x left edge of the picture, as a share of the window's width; 0 or less
 * @property {number} y its upper edge, as a share of the height
 */

/** @type {View} */
export const FIT = Object.freeze({ zoom: 1, x: 0, y: 0 });
export const MAX_ZOOM = 16;
const WHEEL_STEP = 0.0015;
const PINCH_STEP = 0.01; // trackpads send a pinch as a wheel with Ctrl, in small steps
const LINE_PX = 18;

/** @param {number} value @param {number} least @param {number} most */
const within = (value, least, most) => Math.max(least, Math.min(most, value));

/** The picture always fills the window. @param {View} view @returns {View} */
function kept({ zoom, x, y }) {
  return { zoom, x: within(x, 1 - zoom, 0), y: within(y, 1 - zoom, 0) };
}

/**
 * What lies under the point stays under it.
 * @param {View} view
 * @param {number} factor
 * @param {number} u point in the window, as a share of its width
 * @param {number} v and of its height
 */
export function zoomedAt(view, factor, u = 0.5, v = 0.5) {
  const zoom = within(view.zoom * factor, 1, MAX_ZOOM);
  const k = zoom / view.zoom;
  return kept({ zoom, x: u - (u - view.x) * k, y: v - (v - view.y) * k });
}

/** @param {View} view @param {number} du @param {number} dv shares of the window */
export function panned(view, du, dv) {
  return kept({ zoom: view.zoom, x: view.x + du, y: view.y + dv });
}

/** @param {View} view @param {number} u @param {number} v @returns {[number, number]} shares of the picture */
export function pictureAt({ zoom, x, y }, u, v) {
  return [(u - x) / zoom, (v - y) / zoom];
}

/** @param {View} view @param {number} p @param {number} q shares of the picture @returns {[number, number]} of the window */
export function windowAt({ zoom, x, y }, p, q) {
  return [x + p * zoom, y + q * zoom];
}

/** @param {{deltaY: number, deltaMode: number, ctrlKey: boolean}} wheel */
export function wheelFactor({ deltaY, deltaMode, ctrlKey }) {
  const px = within(deltaMode === 0 ? deltaY : deltaY * LINE_PX, -400, 400);
  return Math.exp(-px * (ctrlKey ? PINCH_STEP : WHEEL_STEP));
}

/** @param {View} a @param {View} b */
export function isSameView(a, b) {
  return a.zoom === b.zoom && a.x === b.x && a.y === b.y;
}

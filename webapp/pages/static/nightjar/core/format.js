// @ts-check
/** Puts numbers and times into words; pure. */

import { language, t, tn } from "nightjar/core/i18n.js";

/** @param {number} fraction 0 to 1 */
export function percent(fraction, digits = 0) {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** @param {number} size */
export function bytes(size) {
  const units = ["B", "KB", "MB", "GB"];
  let n = size;
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1000;
    unit += 1;
  }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** @param {[number, number] | null | undefined} fps */
export function rate(fps) {
  if (!fps || !fps[1]) return "";
  const value = fps[0] / fps[1];
  return t("{rate} fps", { rate: Number.isInteger(value) ? value : value.toFixed(2) });
}

/** @param {string | null | undefined} stamp ISO time @param {number} [now] ms */
export function ago(stamp, now = Date.now()) {
  if (!stamp) return "";
  const seconds = Math.max(0, (now - Date.parse(stamp)) / 1000);
  if (seconds < 45) return t("just now");
  if (seconds < 3600) return t("{count} min ago", { count: Math.max(1, Math.round(seconds / 60)) });
  if (seconds < 86_400) return t("{count} h ago", { count: Math.round(seconds / 3600) });
  if (seconds < 86_400 * 30) return tn(Math.round(seconds / 86_400), "{count} day ago", "{count} days ago");
  return new Date(stamp).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });
}

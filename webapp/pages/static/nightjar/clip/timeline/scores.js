// @ts-check
/** Reads the stored window scores of a run, and asks a worker for them where there are none. */

import { postJson, request } from "nightjar/core/api.js";
import { readCurves } from "nightjar/clip/timeline/curves_model.js";

/** @typedef {import("nightjar/clip/timeline/curves_model.js").Curves} Curves */

/** Runs and classifiers whose scores were asked for already. @type {Set<string>} */
const asked = new Set();

/** @param {number} run @returns {Promise<Curves | null>} null: not there (yet) */
export async function readScores(run) {
  const response = await request(`runs/${run}/curves/`, { headers: { Accept: "*/*" } }).catch(() => null);
  if (!response || response.status === 204) return null;
  const labels = (response.headers.get("X-Labels") ?? "").split(",").filter(Boolean).map(Number);
  return readCurves(await response.arrayBuffer(), Number(response.headers.get("X-Windows")), labels);
}

/** Once a visit; a worker that is lost is asked again on the next one. @param {number} run @param {number | undefined} classifier */
export async function askForScores(run, classifier) {
  const key = `${run}:${classifier}`;
  if (asked.has(key)) return;
  asked.add(key);
  await postJson(`runs/${run}/curves/`, {}).catch(() => asked.delete(key));
}

// @ts-check
/** Speaks with the REST API: one way to ask, one kind of error. */

import { t } from "nightjar/core/i18n.js";

/** An answer that is not a success, in the server's own words where it gave some. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 where no answer came at all
   * @param {string} code
   * @param {string} message
   * @param {any} [extra]
   */
  constructor(status, code, message, extra) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.extra = extra ?? null;
  }

  /** Whether asking again may help: no answer, or the server is in trouble. */
  get isPassing() {
    return this.status === 0 || this.status === 429 || (this.status >= 500 && this.status !== 507);
  }
}

/**
 * @typedef {object} Ask
 * @property {string} [method]
 * @property {unknown} [json] body to send as JSON
 * @property {BodyInit} [body] body to send as it is
 * @property {Record<string, string>} [headers]
 * @property {Record<string, unknown>} [query] empty values are left out
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive] the request outlives the page
 * @property {boolean} [stay] who has to log in is told by the caller; the page stays
 */

/**
 * @param {string} path below /api/
 * @param {Record<string, unknown>} [query]
 */
export function apiUrl(path, query = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return `/api/${path}${text ? `?${text}` : ""}`;
}

/**
 * @param {string} path below /api/
 * @param {Ask} [ask]
 * @returns {Promise<Response>}
 */
export async function request(path, ask = {}) {
  const method = ask.method ?? "GET";
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...ask.headers };
  if (ask.json !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  let response;
  try {
    response = await fetch(apiUrl(path, ask.query), {
      method,
      headers,
      body: ask.json === undefined ? ask.body : JSON.stringify(ask.json),
      signal: ask.signal,
      keepalive: ask.keepalive,
      credentials: "same-origin",
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "no_answer", t("The server does not answer. Is the connection up?"));
  }
  if (response.ok) return response;
  throw await errorOf(response, ask.stay);
}

/**
 * @param {string} path
 * @param {Ask} [ask]
 * @returns {Promise<any>}
 */
export async function getJson(path, ask) {
  const response = await request(path, ask);
  return response.status === 204 ? null : response.json();
}

/** @param {string} path @param {unknown} json @param {Ask} [ask] */
export const postJson = (path, json, ask = {}) => getJson(path, { ...ask, method: "POST", json });

/** @param {string} path @param {unknown} json @param {Ask} [ask] */
export const patchJson = (path, json, ask = {}) => getJson(path, { ...ask, method: "PATCH", json });

/** @param {string} path @param {Ask} [ask] */
export const remove = (path, ask = {}) => getJson(path, { ...ask, method: "DELETE" });

/** @param {Response} response @param {boolean} [stay] @returns {Promise<ApiError>} */
export async function errorOf(response, stay = false) {
  const body = await response.json().catch(() => null);
  const { code, message, extra } = body?.error ?? {};
  if (response.status === 401 && !stay) goToLogin();
  return new ApiError(
    response.status,
    code ?? `http_${response.status}`,
    explain(code, message, extra) ?? t("The server answered with {status}.", { status: response.status }),
    extra,
  );
}

/**
 * Validation errors name their fields; people need the sentences.
 * @param {string | undefined} code
 * @param {string | undefined} message
 * @param {any} extra
 * @returns {string | undefined}
 */
export function explain(code, message, extra) {
  if (code !== "invalid" || !extra || typeof extra !== "object") return message;
  const fields = extra.fields ?? extra;
  const parts = Object.entries(fields).map(([field, said]) => {
    const text = [said].flat(2).map(String).join(" ");
    return field === "non_field_errors" ? text : `${field}: ${text}`;
  });
  return parts.join(" ") || message;
}

function csrfToken() {
  // A login in another tab makes a new token: the cookie has it, this page's field does not.
  const cookie = /(?:^|; )nightjar_csrf=([^;]+)/.exec(document.cookie)?.[1];
  if (cookie) return cookie;
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
}

function goToLogin() {
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`/login/?next=${next}`);
}

/** @param {unknown} error @returns {string} */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

// @ts-check
/** Buttons that say which key does the same. */

import { h, icon } from "nightjar/core/dom.js";
import { ariaKey, capsOf } from "nightjar/clip/keys.js";

/** @typedef {import("nightjar/clip/actions.js").Actions} Actions */

/**
 * @param {Actions} actions @param {string} id @param {string} picture name of an icon
 * @param {Record<string, unknown> & {pressed?: boolean, text?: string}} [more] `text`: shown beside
 *   the icon; `name`: in place of the action's own name
 */
export function actionButton(actions, id, picture, { pressed, text, name, class: kind, ...more } = {}) {
  const said = String(name ?? actions.get(id)?.name ?? text ?? id);
  const keys = actions.keysOf(id);
  return h(
    "button",
    {
      type: "button", class: kind ?? (text ? "button small quiet" : "icon-button"), "data-action": id,
      title: keys.length ? `${said} (${actions.keysText(id)})` : said, "aria-label": text ? null : said,
      "aria-keyshortcuts": keys.map(ariaKey).join(" ") || null,
      "aria-pressed": pressed === undefined ? null : String(pressed), disabled: !actions.canRun(id), ...more,
    },
    picture && icon(picture), text,
  );
}

/** The first key of an action, as caps. @param {Actions} actions @param {string} id */
export function keyCaps(actions, id) {
  const [key] = actions.keysOf(id);
  return key ? capsOf(key).map((cap) => h("kbd", null, cap)) : null;
}

// @ts-check
/** Simplified Chinese: what the pages' scripts say, under the English that they say it in. */

export const language = "zh-Hans";

/** @type {Record<string, string>} */
export const messages = {
  "Close": "关闭",
};

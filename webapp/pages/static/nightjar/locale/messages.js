// @ts-check
/** English needs no catalogue; the import map puts another language's file in this place. */

export const language = "en";

/** @type {Record<string, string>} */
export const messages = {};

// @ts-check
/** Says things in the person's language: English is the source, a catalogue holds the others. */

import { language, messages } from "nightjar/locale/messages.js";

export { language };

/** @typedef {string | number | null | undefined} Value */

const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/**
 * The text in the person's language, or as it is where the catalogue has none. The text is a
 * literal in the source, so that `make messages` finds it; what changes comes in as values.
 * @param {string} text such as "Saved: {name}"
 * @param {Record<string, Value>} [values]
 * @returns {string}
 */
export function t(text, values) {
  return fill(messages[text] || text, values);
}

/**
 * A text that depends on a count, which it may name as {count}.
 * @param {number} count
 * @param {string} one such as "{count} clip"
 * @param {string} many such as "{count} clips"; catalogues have their text under this one
 * @param {Record<string, Value>} [values]
 * @returns {string}
 */
export function tn(count, one, many, values) {
  const text = messages[many] || (plurals.select(count) === "one" ? one : many);
  return fill(text, { count: numbers.format(count), ...values });
}

/** A number as the person's language writes it. @param {number} value */
export function number(value) {
  return numbers.format(value);
}

/** @param {string} text @param {Record<string, Value>} [values] */
function fill(text, values) {
  if (!values) return text;
  return text.replaceAll(/\{(\w+)\}/g, (place, name) => name in values ? String(values[name] ?? "") : place);
}

// @ts-check
/** How keys are named, whatever board they come from; pure. */

/**
 * @typedef {object} Press
 * @property {string} key
 * @property {string} [code] the place on the board
 * @property {boolean} shiftKey
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} altKey
 * @property {(name: string) => boolean} [getModifierState]
 */

const MODIFIERS = ["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "NumLock", "Fn", "Dead"];

/** Signs of a US board by place, for boards that have them elsewhere. @type {Record<string, string>} */
const PLACES = {
  Comma: ",", Period: ".", BracketLeft: "[", BracketRight: "]", Semicolon: ";", Quote: "'",
  Backslash: "\\", Slash: "/", Minus: "-", Equal: "=", Backquote: "`",
};

/** @type {Record<string, string>} */
const ALIASES = {
  " ": "Space", "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown",
  Left: "ArrowLeft", Right: "ArrowRight", Up: "ArrowUp", Down: "ArrowDown",
  Esc: "Escape", Del: "Delete", Ctrl: "Mod", Cmd: "Mod", Meta: "Mod", Control: "Mod",
};

/** @type {Record<string, string>} */
const SIGNS = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Enter: "↵", Escape: "Esc",
  Delete: "Del", Backspace: "⌫", Mod: "Ctrl",
};

const ORDER = ["Mod", "Alt", "Shift"];

/** @param {string} key */
const isLetter = (key) => key.length === 1 && key.toLowerCase() !== key.toUpperCase();

/** @param {string} key */
const isPlain = (key) => key.length > 1 || /^[\x20-\x7e]$/.test(key);

/**
 * One way to write a key: modifiers in a fixed order, letters as capitals, no other names for one.
 * @param {string} name such as `shift+k` or `Ctrl+→`
 */
export function tidy(name) {
  // The plus sign may be the key itself.
  const parts = name.endsWith("+") && name.length > 1 ? [...name.slice(0, -2).split("+"), "+"] : name.split("+");
  const known = parts.filter(Boolean).map((part) => ALIASES[part] ?? ALIASES[capital(part)] ?? part);
  const key = known.at(-1) ?? "+";
  const held = ORDER.filter((one) => known.slice(0, -1).some((part) => capital(part) === one));
  return [...held, isLetter(key) ? key.toUpperCase() : key].join("+");
}

/** @param {string} text */
const capital = (text) => text.length > 1 ? text[0].toUpperCase() + text.slice(1) : text;

/**
 * The names that a press may be bound under, the most telling first; none for a bare modifier.
 * @param {Press} press
 * @returns {string[]}
 */
export function namesOf(press) {
  const { key, code = "", shiftKey, ctrlKey, metaKey, altKey } = press;
  if (MODIFIERS.includes(key) && !code.startsWith("Key") && key !== "Dead") return [];
  const isThird = press.getModifierState?.("AltGraph") ?? false;
  const held = isThird ? [] : [ctrlKey || metaKey ? "Mod" : "", altKey ? "Alt" : ""].filter(Boolean);
  const shifted = shiftKey ? ["Shift"] : [];
  /** @type {string[]} */
  const names = [];
  const add = (/** @type {string[]} */ extra, /** @type {string} */ name) => names.push([...held, ...extra, name].join("+"));
  if (key.length > 1) {
    if (key !== "Process" && key !== "Dead" && key !== "Unidentified") add(shifted, key);
  } else if (key === " ") add(shifted, "Space");
  else if (isLetter(key)) {
    if (isPlain(key)) add(shifted, key.toUpperCase());
  } else add([], key);
  const placed = atPlace(code);
  // Where the writing is not Latin, the place on the board tells the letter.
  if (placed && (!isLetter(placed) || !(isLetter(key) && isPlain(key)))) add(shifted, placed);
  return [...new Set(names)];
}

/** @param {string} code */
function atPlace(code) {
  if (/^Key[A-Z]$/.test(code)) return code[3];
  if (/^(Digit|Numpad)\d$/.test(code)) return code.at(-1) ?? "";
  return PLACES[code] ?? "";
}

/** A key as people read it: the caps to draw. @param {string} name @returns {string[]} */
export function capsOf(name) {
  const tidied = tidy(name);
  const parts = tidied.endsWith("+") ? [...tidied.slice(0, -1).split("+").filter(Boolean), "+"] : tidied.split("+");
  return parts.map((part) => SIGNS[part] ?? part);
}

/** @param {string} name */
export const keyText = (name) => capsOf(name).join(" ");

/** As `aria-keyshortcuts` wants it. @param {string} name */
export const ariaKey = (name) => tidy(name).replace("Mod", "Control");

// @ts-check
import { strict as assert } from "node:assert";
import { ariaKey, capsOf, namesOf, tidy } from "nightjar/clip/keys.js";

/** @param {string} key @param {object} [more] */
const press = (key, more = {}) => namesOf({ key, code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });

Deno.test("letters are named by their capital, with caps lock too, and shift is said", () => {
  assert.deepEqual(press("k"), ["K"]);
  assert.deepEqual(press("K"), ["K"]);
  assert.deepEqual(press("K", { shiftKey: true }), ["Shift+K"]);
});

Deno.test("a shifted sign goes by what comes out and by what is on the key", () => {
  assert.deepEqual(press("<", { shiftKey: true, code: "Comma" }), ["<", "Shift+,"]);
  assert.deepEqual(press("{", { shiftKey: true, code: "BracketLeft" }), ["{", "Shift+["]);
  assert.deepEqual(press("?", { shiftKey: true, code: "Slash" }), ["?", "Shift+/"]);
});

Deno.test("digits are found on boards that shift them, and on the number block", () => {
  assert.deepEqual(press("&", { code: "Digit1" }), ["&", "1"]);
  assert.deepEqual(press("1", { code: "Numpad1" }), ["1"]);
});

Deno.test("the place on the board tells the letter where the writing is another or composed", () => {
  assert.deepEqual(press("л", { code: "KeyK" }), ["K"]);
  assert.deepEqual(press("Process", { code: "KeyK", shiftKey: true }), ["Shift+K"]);
  assert.deepEqual(press("q", { code: "KeyA" }), ["Q"]);
});

Deno.test("control and command are one modifier, and come first", () => {
  assert.deepEqual(press("z", { ctrlKey: true }), ["Mod+Z"]);
  assert.deepEqual(press("Z", { metaKey: true, shiftKey: true }), ["Mod+Shift+Z"]);
  assert.deepEqual(press("ArrowRight", { ctrlKey: true }), ["Mod+ArrowRight"]);
});

Deno.test("a sign of the third level is no shortcut with control and alt", () => {
  const third = { code: "Digit8", ctrlKey: true, altKey: true, getModifierState: (/** @type {string} */ name) => name === "AltGraph" };
  assert.equal(press("[", third)[0], "[");
});

Deno.test("modifiers alone are no key", () => {
  for (const key of ["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]) assert.deepEqual(press(key, { code: "ShiftLeft" }), []);
});

Deno.test("a key has one way to be written", () => {
  assert.equal(tidy("shift+ctrl+z"), "Mod+Shift+Z");
  assert.equal(tidy("Shift+←"), "Shift+ArrowLeft");
  assert.equal(tidy("k"), "K");
  assert.equal(tidy("+"), "+");
  assert.equal(tidy("Ctrl++"), "Mod++");
  assert.equal(tidy(" "), "Space");
});

Deno.test("people and screen readers read keys", () => {
  assert.deepEqual(capsOf("Mod+Shift+ArrowLeft"), ["Ctrl", "Shift", "←"]);
  assert.deepEqual(capsOf("+"), ["+"]);
  assert.equal(ariaKey("Mod+Z"), "Control+Z");
});

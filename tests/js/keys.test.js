// @ts-check
import { strict as assert } from "node:assert";
import { actionOf, RESERVED } from "nightjar/clip/keys.js";

const LABELS = [
  { id: 1, hotkey: "1", archived: false },
  { id: 10, hotkey: "0", archived: false },
  { id: 11, hotkey: "-", archived: false },
  { id: 12, hotkey: "5", archived: true },
];

/** @param {string} key @param {object} [more] */
const press = (key, more = {}) => actionOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more }, LABELS);

Deno.test("digits and the dash give their label", () => {
  assert.deepEqual(["1", "0", "-"].map((key) => press(key)), [1, 10, 11].map((label) => ({ do: "label", label })));
});

Deno.test("keys of archived labels and of none do nothing", () => {
  assert.equal(press("5"), null);
  assert.equal(press("q"), null);
});

Deno.test("arrows step one frame, with shift ten", () => {
  assert.deepEqual(press("ArrowLeft"), { do: "step", by: -1 });
  assert.deepEqual(press("ArrowRight", { shiftKey: true }), { do: "step", by: 10 });
});

Deno.test("letters work with caps lock on", () => {
  assert.deepEqual(press("H"), press("h"));
});

Deno.test("shortcuts of the browser are left alone", () => {
  for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.equal(press("1", { [held]: true }), null);
});

Deno.test("every reserved key has its fixed meaning", () => {
  for (const key of RESERVED) assert.ok(press(key) && press(key)?.do !== "label", key);
});

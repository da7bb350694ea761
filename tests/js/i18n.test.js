// @ts-check
import { strict as assert } from "node:assert";
import { messages } from "nightjar/locale/messages.js";
import { t, tn } from "nightjar/core/i18n.js";

Deno.test("a text without a translation is said as it is, with its values", () => {
  assert.equal(t("Saved: {name}", { name: "Walk" }), "Saved: Walk");
  assert.equal(t("100 {percent"), "100 {percent");
  assert.equal(t("{unknown} stays", { other: 1 }), "{unknown} stays");
});

Deno.test("values are never read as places for other values", () => {
  assert.equal(t("{a}{b}", { a: "{b}", b: "x" }), "{b}x");
});

Deno.test("counts choose between one and many, and are written as the language writes numbers", () => {
  const clips = (/** @type {number} */ count) => tn(count, "{count} clip", "{count} clips");
  assert.deepEqual([clips(0), clips(1), clips(1200)], ["0 clips", "1 clip", "1,200 clips"]);
});

Deno.test("a catalogue's text takes the place of both", () => {
  Object.assign(messages, { "Saved: {name}": "已保存：{name}", "{count} clips": "{count} 个片段" });
  try {
    assert.equal(t("Saved: {name}", { name: "Walk" }), "已保存：Walk");
    assert.equal(tn(1, "{count} clip", "{count} clips"), "1 个片段");
  } finally {
    for (const key of Object.keys(messages)) delete messages[key];
  }
});

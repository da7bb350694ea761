// @ts-check
import { strict as assert } from "node:assert";
import { FINE, fineLevels, IDENTITY, levelsOf, lumaOf, quantileOf, toneFor } from "nightjar/clip/light/curve.js";
import { BINS, TILES, tablesOf } from "nightjar/clip/light/equalise.js";
import { isPlain, lookOf, lookOfLevels, PLAIN, variantOf } from "nightjar/clip/light/look.js";
import { barsOf, lightInWords, measure, percentOf } from "nightjar/clip/light/meter_model.js";
import { curveLevels, exactWords, gammaLevels, modelView } from "nightjar/clip/light/model_view.js";
import { farthest, nearest, spreadOf, wantedAround } from "nightjar/clip/light/neighbour_model.js";
import { paletteOf } from "nightjar/clip/light/palettes.js";
import { isNeutral, keptFrom, LIMITS, NEUTRAL, OWN, presetBeside, presetOf, PRESETS, settingsFrom, USUAL, withOwn, withoutOwn } from "nightjar/clip/light/settings.js";

/** @param {number[]} lumas */
const grey = (lumas) => Uint8Array.from(lumas.flatMap((luma) => [luma, luma, luma, 255]));
/** @template T @param {number} count @param {T} value @returns {T[]} */
const many = (count, value) => Array(count).fill(value);

Deno.test("the neutral tone changes nothing", () => assert.deepEqual(levelsOf(NEUTRAL), IDENTITY));

Deno.test("gain comes before gamma, and the levels never fall", () => {
  const levels = levelsOf({ gain: 4, gamma: 0.5, contrast: 1.2 });
  assert.equal(levelsOf({ gain: 4, gamma: 0.5, contrast: 1 })[26], Math.round(255 * Math.sqrt(4 * 26 / 255)));
  assert.ok(levels.every((value, i) => !i || value >= levels[i - 1]));
});

Deno.test("finer steps hold the levels themselves, and what lies between in between", () => {
  const levels = levelsOf({ gain: 4, gamma: 0.5, contrast: 1 });
  const fine = fineLevels(levels);
  assert.equal(fine.length, 255 * FINE + 1);
  for (let level = 0; level < 256; level++) assert.equal(fine[level * FINE], levels[level]);
  assert.ok(fine.every((value, i) => !i || value >= fine[i - 1]));
});

Deno.test("a dark picture is lifted until its middle can be seen, with or without a lamp", () => {
  for (const bright of [40, 255]) {
    const lifted = levelsOf(toneFor(grey([...many(95, 8), ...many(5, bright)])))[8] / 255;
    assert.ok(lifted > 0.2 && lifted < 0.6, `${bright}: ${lifted}`);
  }
});

Deno.test("an even dark picture turns grey, not white", () => {
  const shown = levelsOf(toneFor(grey(many(100, 32))))[32] / 255;
  assert.ok(shown > 0.3 && shown < 0.5, String(shown));
});

Deno.test("a bright picture stays as it is; black and empty ones do not break", () => {
  assert.deepEqual(toneFor(grey(many(100, 230))), { gain: 1, gamma: 1, contrast: 1 });
  for (const pixels of [grey(many(10, 0)), grey([])]) assert.ok(Object.values(toneFor(pixels)).every(Number.isFinite));
});

Deno.test("the quantile of counted levels is that of the sorted ones", () => {
  const lumas = Array.from({ length: 501 }, (_, i) => (i * i * 7919) % 256);
  const counts = new Uint32Array(256);
  for (const luma of lumas) counts[luma]++;
  const sorted = lumas.toSorted((a, b) => a - b);
  for (const share of [0, 0.25, 0.5, 0.97, 1]) assert.equal(quantileOf(counts, 501, share), sorted[Math.floor(500 * share)]);
});

Deno.test("local contrast leaves even light as it is and spreads what is flat, tile by tile", () => {
  const ramp = grey(Array.from({ length: 64 * 64 }, (_, i) => ((i % 8) * 8 + (Math.floor(i / 64) % 8)) * 4 + 2));
  const tables = tablesOf(ramp, 64, 64, IDENTITY);
  assert.equal(tables.length, TILES * TILES * BINS);
  for (let bin = 0; bin < BINS; bin++) assert.ok(Math.abs(tables[bin] - 255 * bin / (BINS - 1)) < 6, `${bin}: ${tables[bin]}`);
  const flat = tablesOf(grey(Array.from({ length: 64 * 64 }, (_, i) => i % 64 < 32 ? 20 + (i % 8) : 2 + i % 4)), 64, 64, IDENTITY);
  const rise = (/** @type {number} */ tile, /** @type {number} */ from, /** @type {number} */ to) => flat[tile * BINS + to] - flat[tile * BINS + from];
  assert.ok(rise(0, 5, 7) > 2 * 255 * 2 / (BINS - 1), "the left tiles stretch their own levels");
  assert.ok(rise(7, 5, 7) < rise(0, 5, 7), "the right tiles do not");
});

Deno.test("no table of local contrast ever falls", () => {
  const noise = grey(Array.from({ length: 48 * 32 }, (_, i) => (i * 7919) % 61));
  const tables = tablesOf(noise, 48, 32, levelsOf({ gain: 3, gamma: 0.6, contrast: 1 }));
  for (let i = 0; i < tables.length; i++) assert.ok(i % BINS === 0 || tables[i] >= tables[i - 1]);
});

Deno.test("the meter counts light and what is lost at both ends", () => {
  const light = measure(Uint8Array.from([0, 0, 0, 255, 1, 1, 1, 255, 0, 0, 200, 255, 255, 10, 10, 255]));
  assert.deepEqual([light.black, light.white], [0.5, 0.25]);
  assert.equal(light.counts.reduce((sum, count) => sum + count, 0), 4);
  assert.equal(light.counts[lumaOf(0, 0, 200)], 1);
  const even = measure(grey([51, 51, 51]));
  assert.equal(even.mean.toFixed(3), "0.200");
  assert.equal(even.middle.toFixed(3), "0.200");
  assert.equal(lightInWords(even), "Mean 20 %, median 20 %; 0 % black, 0 % burnt out");
  assert.deepEqual([measure([]).mean, measure([]).black], [0, 0]);
});

Deno.test("the histogram's bars hold all levels, the fullest is 1", () => {
  const bars = barsOf(measure(grey([...many(100, 3), ...many(25, 200)])), 32);
  assert.equal(bars.length, 32);
  assert.deepEqual([bars[0], bars[25], bars[10]], [1, 0.5, 0]);
});

Deno.test("shares are said with as many digits as say something", () => {
  assert.deepEqual([0, 0.0004, 0.0123, 0.5].map(percentOf), ["0", "< 0.1", "1.2", "50"]);
});

Deno.test("the heat goes up with the light, so that order shows without colour sight", () => {
  const heat = paletteOf("heat");
  const lumas = Array.from({ length: 256 }, (_, i) => lumaOf(heat[4 * i], heat[4 * i + 1], heat[4 * i + 2]));
  assert.ok(lumas.every((luma, i) => !i || luma >= lumas[i - 1] - 1));
  assert.ok(lumas[255] > 230 && lumas[0] < 15);
});

Deno.test("zones mark both ends by colours of their own", () => {
  const zones = paletteOf("zones");
  const at = (/** @type {number} */ luma) => [...zones.subarray(4 * luma, 4 * luma + 3)].join();
  assert.equal(at(0), at(4));
  assert.notEqual(at(4), at(5));
  assert.notEqual(at(251), at(252));
  assert.equal(at(252), at(255));
});

Deno.test("a still wants frames on both sides, fewer at the clip's ends", () => {
  assert.deepEqual(wantedAround(10, 100), [9, 11, 8, 12]);
  assert.deepEqual(wantedAround(0, 100), [1, 2]);
  assert.deepEqual(wantedAround(0, 1), []);
});

Deno.test("the nearest frames at hand are averaged, farther ones never", () => {
  assert.deepEqual(nearest([5, 6, 7, 8, 9], 9), [8, 7, 6, 5]);
  assert.deepEqual(nearest([10, 3, 4, 90], 4), [3]);
  assert.equal(farthest([7, 8, 9, 60], 9), 60);
});

Deno.test("noise is what most of a difference shows, not what moved", () => {
  const levels = [...many(70, 0.5), ...many(30, 80)];
  const packed = Uint8Array.from(levels.flatMap((level) => [Math.floor(level), (level % 1) * 256, 0, 255]));
  assert.ok(Math.abs(spreadOf(packed) - 0.5 * 1.4826) < 0.01);
  assert.ok(spreadOf(new Uint8Array(64)) > 0);
});

Deno.test("one key goes through all presets, the person's own too, and back", () => {
  let kept = withOwn({ ...USUAL, settings: { ...NEUTRAL, gain: 3 } }, "  Garage ");
  assert.equal(presetOf(kept).name, "Garage");
  const seen = [];
  for (let i = 0; i < PRESETS.length + 1; i++) seen.push((kept = { ...kept, preset: presetBeside(kept, 1).id }).preset);
  assert.equal(new Set(seen).size, PRESETS.length + 1);
  assert.equal(presetBeside({ ...kept, preset: "auto" }, -1).id, "own:garage");
  assert.equal(presetBeside({ ...USUAL, preset: OWN }, 1).id, PRESETS[0].id);
});

Deno.test("an own preset of the same name is replaced, a removed one leaves its settings", () => {
  const first = withOwn({ ...USUAL, settings: { ...NEUTRAL, gain: 3 } }, "Garage");
  const second = withOwn({ ...first, settings: { ...NEUTRAL, gain: 5 } }, "garage");
  assert.deepEqual(second.own.map(({ settings }) => settings.gain), [5]);
  const gone = withoutOwn(second, "own:garage");
  assert.deepEqual([gone.own.length, gone.preset, gone.settings.gain], [0, OWN, 5]);
  assert.equal(withOwn(USUAL, "   "), USUAL);
});

Deno.test("what was kept is mended where it is broken", () => {
  for (const broken of [null, 7, "x", {}, { preset: "gone" }, { own: 3 }, { settings: { gain: "much" }, at: "x" }]) {
    const kept = keptFrom(broken);
    assert.equal(kept.preset, "auto");
    assert.deepEqual(kept.settings, NEUTRAL);
  }
  assert.equal(settingsFrom({ gain: 1e9 }).gain, LIMITS.gain.max);
  assert.equal(settingsFrom({ palette: "pink" }).palette, "none");
  const kept = withOwn({ ...USUAL, settings: { ...NEUTRAL, local: 0.3 } }, "Mine");
  assert.deepEqual(keptFrom(JSON.parse(JSON.stringify(kept))), kept);
});

Deno.test("what is off is not in the shader", () => {
  assert.deepEqual(Object.values(variantOf(PLAIN, 4)), [0, 0, 0, 0, 0, 0]);
  assert.equal(variantOf(lookOf({ ...NEUTRAL, denoise: 0.5 }, null), 3).NEIGHBOURS, 3);
  assert.ok(isPlain(lookOf(NEUTRAL, 0.5)) && isNeutral(NEUTRAL));
  assert.ok(!isPlain(lookOf({ ...NEUTRAL, palette: "heat" }, null)));
});

Deno.test("what the model saw is the levels alone", () => {
  const levels = levelsOf({ gain: 2, gamma: 0.5, contrast: 1 });
  const look = lookOfLevels(levels, null);
  assert.deepEqual([look.levels, look.saturation, look.local, look.denoise, look.palette], [levels, 1, 0, 0, "none"]);
});

Deno.test("a run that saw raw frames, or kept its curve, can be shown exactly", () => {
  const raw = modelView({ treatment: "raw", averaged: false });
  assert.deepEqual([raw?.levels, raw?.isExact], [IDENTITY, true]);
  const levels = Array.from(levelsOf({ gain: 2, gamma: 0.5, contrast: 1 }));
  const kept = modelView({ treatment: "curve", levels });
  assert.deepEqual([...kept?.levels ?? []], levels);
  assert.ok(kept?.isExact);
});

Deno.test("what cannot be shown exactly is said, never passed for the truth", () => {
  const cases = /** @type {[any, RegExp][]} */ ([
    [{ treatment: "curve" }, /only near/],
    [{ treatment: "gamma" }, /worked out/],
    [{ treatment: "clahe" }, /cannot be shown/],
    [{ treatment: "nonesuch" }, /cannot be shown/],
    [{ treatment: "raw", averaged: true }, /averaged over neighbouring frames/],
    [{ treatment: "curve", averaged: true, levels: Array.from(IDENTITY) }, /averaged over neighbouring frames/],
    [{ treatment: "averaged+curve" }, /averaged over neighbouring frames/],
  ]);
  for (const [decision, words] of cases) {
    const view = modelView(decision);
    assert.equal(view?.isExact, false, JSON.stringify(decision));
    assert.match(view?.text ?? "", words);
  }
  assert.equal(modelView(undefined), null);
  assert.equal(modelView({ treatment: "curve", levels: [1, 2, 3] })?.levels, null);
});

Deno.test("the estimated curves rise, never darken, and lift the dark", () => {
  const dark = grey(Array.from({ length: 400 }, (_, i) => (i * 7) % 40));
  for (const levels of [curveLevels(dark), gammaLevels(dark)]) {
    assert.ok(levels.every((value, i) => value >= i && (!i || value >= levels[i - 1])));
    assert.ok(levels[20] > 60, String(levels[20]));
  }
  assert.deepEqual(gammaLevels(grey(many(9, 200))), IDENTITY);
});

Deno.test("only the worker's picture is called exact", () => {
  const model = modelView({ treatment: "raw" });
  assert.ok(model);
  assert.match(exactWords(model, "shown"), /^Exactly what the pose network was given/);
  for (const state of /** @type {("none" | "waiting" | "outdated" | "failed")[]} */ (["none", "waiting", "outdated", "failed"])) {
    assert.doesNotMatch(exactWords(model, state), /^Exactly/);
    assert.match(exactWords(model, state), /review copy, which is compressed/);
  }
});

// @ts-check
/** The clip page: puts the tools on the workbench and opens the clip that the address names. */

import { goLive } from "nightjar/core/live.js";
import { appRoot, readBoot } from "nightjar/core/page.js";
import { Bench } from "nightjar/clip/bench.js";
import { install as edits } from "nightjar/clip/edits/tool.js";
import { install as head } from "nightjar/clip/head_tool.js";
import { install as keyboard } from "nightjar/clip/keyboard.js";
import { install as light } from "nightjar/clip/light/tool.js";
import { install as opening } from "nightjar/clip/opening.js";
import { install as comments } from "nightjar/clip/review/comments.js";
import { install as queue } from "nightjar/clip/review/queue.js";
import { install as suggestions } from "nightjar/clip/review/suggestions.js";
import { install as review } from "nightjar/clip/review/tool.js";
import { install as sheet } from "nightjar/clip/sheet.js";
import { install as skeleton } from "nightjar/clip/skeleton/tool.js";
import { install as strip } from "nightjar/clip/strip.js";
import { install as timeline } from "nightjar/clip/timeline/tool.js";
import { install as transport } from "nightjar/clip/transport_tool.js";

const boot = readBoot();
const bench = new Bench(boot, appRoot());

// One line a tool; none knows another, and what is drawn above what is settled by numbers.
const tools = [
  opening,
  edits,
  transport,
  strip,
  review,
  suggestions,
  comments,
  queue,
  head,
  timeline,
  skeleton,
  light,
  sheet,
  keyboard,
];
for (const install of tools) {
  try {
    install(bench);
  } catch (error) {
    // A tool that fails must not take the whole page with it; the fault is still seen as one.
    reportError(error);
  }
}

bench.page.draw();
await goLive(boot.project.id, (event) => bench.emit("live", event), () => bench.emit("reopened"));
const segment = Number(new URLSearchParams(location.search).get("segment")) || null;
bench.emit("started");
await bench.open(bench.page.get().id, { segment, way: "replace" });

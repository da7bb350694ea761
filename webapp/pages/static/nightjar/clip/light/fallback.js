// @ts-check
/** Lights the plain picture by an SVG filter, where WebGL is missing, lost, or not there yet. */

import { h, svg } from "nightjar/core/dom.js";
import { isPlain } from "nightjar/clip/light/look.js";
import { paletteOf } from "nightjar/clip/light/palettes.js";

/** @typedef {import("nightjar/clip/light/look.js").Look} Look */

const ID = "nj-light";
const CHANNELS = ["R", "G", "B"];
const LUMA = "0.2126 0.7152 0.0722 0 0";

/** What it cannot do: local contrast and neighbouring frames. */
export class Fallback {
  #canvas;
  #filter = svg("filter", { id: ID, "color-interpolation-filters": "sRGB", x: 0, y: 0, width: 1, height: 1, primitiveUnits: "objectBoundingBox" });
  #shown = "";

  /** @param {HTMLElement} canvas of the plain picture */
  constructor(canvas) {
    this.#canvas = canvas;
    // In the page, for filters are found by their id.
    document.body.append(h("div", { class: "sr-only", "aria-hidden": "true" }, svg("svg", { width: 0, height: 0 }, this.#filter)));
  }

  /** @param {Look} look */
  show(look) {
    if (isPlain(look)) return this.clear();
    const wanted = JSON.stringify([[...look.levels], look.saturation, look.palette, look.split]);
    if (wanted !== this.#shown) {
      this.#shown = wanted;
      this.#filter.replaceChildren(...stepsOf(look));
    }
    this.#canvas.style.filter = `url(#${ID})`;
  }

  clear() {
    this.#canvas.style.filter = "";
  }
}

/** @param {Look} look @returns {SVGElement[]} */
function stepsOf({ levels, saturation, palette, split }) {
  const steps = [transfer(() => [...levels].map(share))];
  if (saturation !== 1) steps.push(svg("feColorMatrix", { type: "saturate", values: saturation }));
  if (palette !== "none") {
    const rgba = paletteOf(palette);
    steps.push(svg("feColorMatrix", { type: "matrix", values: `${LUMA} ${LUMA} ${LUMA} 0 0 0 1 0` }));
    steps.push(transfer((channel) => Array.from({ length: 256 }, (_, luma) => share(rgba[4 * luma + channel]))));
  }
  if (split === null) return steps;
  // Only right of the divider; left of it the picture comes through as it is.
  const last = steps[steps.length - 1];
  for (const [name, value] of Object.entries({ x: split, y: 0, width: Math.max(0, 1 - split), height: 1, result: "after" })) {
    last.setAttribute(name, String(value));
  }
  return [...steps, svg("feMerge", null, svg("feMergeNode", { in: "SourceGraphic" }), svg("feMergeNode", { in: "after" }))];
}

/** @param {(channel: number) => string[]} values */
function transfer(values) {
  return svg("feComponentTransfer", null, CHANNELS.map((name, channel) => svg(`feFunc${name}`, { type: "table", tableValues: values(channel).join(" ") })));
}

/** @param {number} level */
const share = (level) => (level / 255).toFixed(4);

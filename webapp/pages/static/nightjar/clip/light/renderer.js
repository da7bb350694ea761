// @ts-check
/** Lights frames on the browser's GPU; few reads and small pictures, for machines without one. */

import { fineLevels } from "nightjar/clip/light/curve.js";
import { BINS, TILES, tablesOf } from "nightjar/clip/light/equalise.js";
import { variantOf } from "nightjar/clip/light/look.js";
import { farthest, nearest, spreadOf } from "nightjar/clip/light/neighbour_model.js";
import { paletteOf } from "nightjar/clip/light/palettes.js";
import { SAMPLE } from "nightjar/clip/light/sample.js";
import { CALM, CHANGE, LIKENESS, PICK, pictureShader, VERTEX } from "nightjar/clip/light/shaders.js";

/** @typedef {import("nightjar/clip/light/look.js").Look} Look */
/** @typedef {{texture: WebGLTexture, width: number, height: number}} Picture */
/** @typedef {{picture: Picture, calm: Picture | null, used: [number, number]}} Held used: px of the clip; the rest is padding */
/** @typedef {{frame: number, rgba: Uint8Array}} Sample */
/** @typedef {{program: WebGLProgram, places: Map<string, WebGLUniformLocation>}} Shader */
/** @typedef {HTMLVideoElement | VideoFrame | HTMLCanvasElement | ImageBitmap} Source */

/** A frame and its neighbours stay in memory. */
const HELD = 5;
const LONGEST_SIDE = 1920;

const CHANGE_SAMPLE = { width: 64, height: 36 };
const CALM_BLOCK = 4;
/** Of the noise between two calmed frames, in levels, until it is measured. */
const USUAL_SPREAD = 1;
const POLL_MS = 4;

export class Renderer {
  #gl;
  #canvas;
  /** @type {Map<number, Held>} */
  #held = new Map();
  /** @type {Map<string, Shader>} */
  #shaders = new Map();
  #nearest;
  #linear;
  #empty;
  /** @type {Map<string, {content: unknown, picture: Picture}>} */
  #tables = new Map();
  /** @type {Map<string, Picture & {buffer: WebGLFramebuffer}>} */
  #targets = new Map();
  #spread = USUAL_SPREAD;
  /** @type {Sample | null} */
  #sample = null;
  #isSampling = false;
  /** @type {WebGLTexture | null} */
  #tileTexture = null;
  /** @type {{sample: Sample, levels: Uint8Array} | null} */
  #tilesFor = null;
  #frame = -1;

  /**
   * @param {HTMLCanvasElement} canvas
   * @throws {Error} where the browser has no WebGL 2
   */
  constructor(canvas) {
    const gl = canvas.getContext("webgl2", { alpha: false, depth: false, stencil: false, antialias: false, preserveDrawingBuffer: true });
    if (!gl) throw new Error("This browser has no WebGL 2.");
    this.#canvas = canvas;
    this.#gl = gl;
    this.#nearest = this.#sampler(gl.NEAREST);
    this.#linear = this.#sampler(gl.LINEAR);
    this.#empty = this.#texture(1, 1);
    gl.bindVertexArray(gl.createVertexArray());
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  get isLost() {
    return this.#gl.isContextLost();
  }

  /** The frame that was uploaded last. */
  get frame() {
    return this.#frame;
  }

  get frames() {
    return [...this.#held.keys()];
  }

  /** Forgets all frames: another clip comes. */
  reset() {
    for (const held of this.#held.values()) this.#drop(held);
    this.#held.clear();
    [this.#sample, this.#spread, this.#frame] = [null, USUAL_SPREAD, -1];
  }

  /**
   * Takes over a frame's pixels.
   * @param {Source} source may be padded on the right and at the bottom
   * @param {number} frame @param {number} width of the clip, px @param {number} height
   * @param {boolean} [isNeighbour] it is not what is to be shown
   */
  upload(source, frame, width, height, isNeighbour = false) {
    const size = sizeOf(source);
    if (!size.width || !size.height) return false;
    const [first] = this.#held.values();
    if (first && (first.picture.width !== size.width || first.picture.height !== size.height)) this.reset();
    const held = this.#room(frame, isNeighbour ? this.#frame : frame, size);
    held.used = [Math.min(width, size.width), Math.min(height, size.height)];
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, held.picture.texture);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, gl.RGBA, gl.UNSIGNED_BYTE, source);
    if (held.calm) {
      gl.deleteTexture(held.calm.texture);
      held.calm = null;
    }
    if (!isNeighbour) this.#frame = frame;
    return true;
  }

  /** Draws the frame that was uploaded last. @param {Look} look */
  draw(look) {
    const held = this.#held.get(this.#frame);
    if (!held) return false;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(...held.used));
    const [width, height] = held.used.map((side) => Math.round(side * scale));
    if (this.#canvas.width !== width || this.#canvas.height !== height) [this.#canvas.width, this.#canvas.height] = [width, height];
    this.#compose(held, look, { buffer: null, width, height }, scale === 1);
    this.#gl.flush();
    return true;
  }

  /**
   * Pixels of the frame as it is recorded, which local contrast and denoising go by from then on.
   * It comes a moment later: waiting for it would stall the browser.
   * @param {boolean} [withNoise] measure the noise against a neighbour, too
   * @returns {Promise<Sample | null>} null: the frame is gone, or one is on its way already
   */
  async sample(withNoise = false) {
    const held = this.#held.get(this.#frame);
    if (!held || this.#isSampling) return null;
    this.#isSampling = true;
    try {
      const frame = this.#frame;
      const picked = this.#target("sample", SAMPLE.width, SAMPLE.height);
      this.#run(this.#shader("pick", PICK), picked, { frame: [held.picture, this.#nearest] });
      const near = withNoise ? nearest(this.frames, frame)[0] : undefined;
      const [rgba, change] = await Promise.all([this.#read(picked), near === undefined ? null : this.#readChange(frame, near)]);
      if (!rgba || this.isLost) return null;
      if (change) this.#spread = spreadOf(change);
      return this.#sample = { frame, rgba };
    } finally {
      this.#isSampling = false;
    }
  }

  /** A sample of the frame as it is shown. @param {Look} look @returns {Promise<Uint8Array | null>} */
  async shown(look) {
    const held = this.#held.get(this.#frame);
    if (!held) return null;
    const target = this.#target("shown", SAMPLE.width, SAMPLE.height);
    this.#compose(held, { ...look, split: null }, target, false);
    return await this.#read(target);
  }

  /**
   * @param {Held} held @param {Look} look @param {{buffer: WebGLFramebuffer | null, width: number, height: number}} target
   * @param {boolean} isSame one pixel of the target for one of the frame
   */
  #compose({ picture, used }, look, target, isSame) {
    const near = look.denoise > 0 ? nearest(this.frames, this.#frame) : [];
    const tiles = look.local > 0 ? this.#tiles(look.levels) : null;
    const variant = { ...variantOf(look, near.length), LOCAL: tiles ? 1 : 0, SAME: isSame ? 1 : 0 };
    const shader = this.#shader(JSON.stringify(variant), () => pictureShader(variant));
    const sampler = target.buffer ? this.#nearest : this.#linear;
    /** @type {Record<string, [Picture, WebGLSampler]>} */
    const pictures = { frame: [picture, sampler] };
    if (variant.NEIGHBOURS) {
      pictures.likeness = [this.#likeness(near), this.#linear];
      near.forEach((other, i) => pictures[`n${i}`] = [this.#of(other).picture, sampler]);
    }
    if (variant.TONE) pictures.levels = [this.#levels(look.levels), this.#nearest];
    if (variant.PALETTE && look.palette !== "none") pictures.palette = [this.#palette(look.palette), this.#nearest];
    const { denoise, local, saturation, split } = look;
    const crop = [used[0] / picture.width, used[1] / picture.height];
    this.#run(shader, target, pictures, { size: used, crop, denoise, local, saturation, split: split ?? 0 }, tiles, target.buffer ? 1 : -1);
  }

  /** Weights of the neighbours, one a channel. @param {number[]} near */
  #likeness(near) {
    const one = this.#calm(this.#frame);
    const target = this.#target("likeness", one.width, one.height);
    /** @type {Record<string, [Picture, WebGLSampler]>} */
    const pictures = { one: [one, this.#nearest] };
    for (let i = 0; i < 4; i++) pictures[`n${i}`] = [i < near.length ? this.#calm(near[i]) : one, this.#nearest];
    this.#run(this.#shader("likeness", LIKENESS), target, pictures, { spread: this.#spread });
    return target;
  }

  /** @param {number} frame @param {number} near */
  #readChange(frame, near) {
    const target = this.#target("change", CHANGE_SAMPLE.width, CHANGE_SAMPLE.height);
    this.#run(this.#shader("change", CHANGE), target, { one: [this.#calm(frame), this.#nearest], other: [this.#calm(near), this.#nearest] });
    return this.#read(target);
  }

  /** @param {number} frame @returns {Picture} */
  #calm(frame) {
    const held = this.#of(frame);
    if (!held.calm) {
      const { width, height } = held.picture;
      const target = this.#makeTarget(Math.max(1, width / CALM_BLOCK | 0), Math.max(1, height / CALM_BLOCK | 0));
      this.#run(this.#shader("calm", CALM), target, { frame: [held.picture, this.#linear] }, { texel: [1 / width, 1 / height] });
      this.#gl.deleteFramebuffer(target.buffer);
      held.calm = target;
    }
    return held.calm;
  }

  /** Tables of the newest sample; none before there is one. @param {Uint8Array} levels */
  #tiles(levels) {
    if (!this.#sample) return null;
    const gl = this.#gl;
    this.#tileTexture ??= gl.createTexture();
    const known = this.#tilesFor;
    if (known && known.sample === this.#sample && known.levels === levels) return this.#tileTexture;
    this.#tilesFor = { sample: this.#sample, levels };
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_3D, this.#tileTexture);
    const tables = tablesOf(this.#sample.rgba, SAMPLE.width, SAMPLE.height, levels);
    gl.texImage3D(gl.TEXTURE_3D, 0, gl.R8, BINS, TILES, TILES, 0, gl.RED, gl.UNSIGNED_BYTE, tables);
    return this.#tileTexture;
  }

  /** @param {Uint8Array} levels */
  #levels(levels) {
    return this.#table("levels", levels, (gl) => {
      const fine = fineLevels(levels);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, fine.length, 1, 0, gl.RED, gl.UNSIGNED_BYTE, fine);
    });
  }

  /** @param {"heat" | "zones"} name */
  #palette(name) {
    return this.#table("palette", name, (gl) => gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, paletteOf(name)));
  }

  /** @param {string} name @param {unknown} content @param {(gl: WebGL2RenderingContext) => void} fill */
  #table(name, content, fill) {
    const known = this.#tables.get(name);
    if (known && known.content === content) return known.picture;
    const gl = this.#gl;
    const picture = known?.picture ?? { texture: gl.createTexture(), width: 256, height: 1 };
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, picture.texture);
    fill(gl);
    this.#tables.set(name, { content, picture });
    return picture;
  }

  /**
   * One pass. @param {Shader} shader @param {{buffer: WebGLFramebuffer | null, width: number, height: number}} target
   * @param {Record<string, [Picture, WebGLSampler]>} pictures @param {Record<string, number | number[]>} [values]
   * @param {WebGLTexture | null} [tiles] @param {number} [flip]
   */
  #run({ program, places }, target, pictures, values = {}, tiles = null, flip = 1) {
    const gl = this.#gl;
    gl.useProgram(program);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.buffer);
    gl.viewport(0, 0, target.width, target.height);
    let unit = 0;
    for (const [name, [picture, sampler]] of Object.entries(pictures)) {
      const place = places.get(name);
      if (!place) continue;
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, picture.texture);
      gl.bindSampler(unit, sampler);
      gl.uniform1i(place, unit++);
    }
    if (tiles) {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_3D, tiles);
      gl.bindSampler(unit, this.#linear);
      gl.uniform1i(places.get("tiles") ?? null, unit++);
    }
    for (const [name, value] of Object.entries({ ...values, flip })) {
      const place = places.get(name);
      if (!place) continue;
      if (Array.isArray(value)) gl.uniform2f(place, value[0], value[1]);
      else gl.uniform1f(place, value);
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /**
   * Pixels of a target as soon as they are drawn, rows from the picture's top.
   * @param {Picture & {buffer: WebGLFramebuffer}} target
   * @returns {Promise<Uint8Array | null>} null where the context is lost meanwhile
   */
  async #read({ buffer, width, height }) {
    const gl = this.#gl;
    const store = gl.createBuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, store);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, width * height * 4, gl.STREAM_READ);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    const drawn = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    if (!drawn || !await this.#passed(drawn)) return null;
    const rgba = new Uint8Array(width * height * 4);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, store);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, rgba);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    gl.deleteBuffer(store);
    return rgba;
  }

  /** @param {WebGLSync} fence @returns {Promise<boolean>} false: the context is lost */
  async #passed(fence) {
    const gl = this.#gl;
    while (!gl.isContextLost()) {
      const status = gl.clientWaitSync(fence, 0, 0);
      if (status === gl.ALREADY_SIGNALED || status === gl.CONDITION_SATISFIED) {
        gl.deleteSync(fence);
        return true;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return false;
  }

  /** @param {number} frame @returns {Held} */
  #of(frame) {
    const held = this.#held.get(frame);
    if (!held) throw new RangeError(`Frame ${frame} is not at hand.`);
    return held;
  }

  /** A place for a frame: its own, a free one, or that of the frame farthest off. @param {number} frame @param {number} around @param {{width: number, height: number}} size */
  #room(frame, around, { width, height }) {
    let held = this.#held.get(frame);
    if (held) return held;
    if (this.#held.size >= HELD) {
      const far = farthest(this.frames, around);
      held = this.#of(far);
      this.#held.delete(far);
    }
    held ??= { picture: this.#texture(width, height), calm: null, used: [width, height] };
    this.#held.set(frame, held);
    return held;
  }

  /** @param {Held} held */
  #drop({ picture, calm }) {
    this.#gl.deleteTexture(picture.texture);
    if (calm) this.#gl.deleteTexture(calm.texture);
  }

  /** @param {number} width @param {number} height @returns {Picture} */
  #texture(width, height) {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, width, height);
    return { texture, width, height };
  }

  /** @param {number} filter */
  #sampler(filter) {
    const gl = this.#gl;
    const sampler = gl.createSampler();
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.samplerParameteri(sampler, side, filter);
    for (const way of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R]) gl.samplerParameteri(sampler, way, gl.CLAMP_TO_EDGE);
    return sampler;
  }

  /** @param {string} name @param {number} width @param {number} height */
  #target(name, width, height) {
    const known = this.#targets.get(name);
    if (known && known.width === width && known.height === height) return known;
    if (known) {
      this.#gl.deleteTexture(known.texture);
      this.#gl.deleteFramebuffer(known.buffer);
    }
    const target = this.#makeTarget(width, height);
    this.#targets.set(name, target);
    return target;
  }

  /** @param {number} width @param {number} height */
  #makeTarget(width, height) {
    const gl = this.#gl;
    const picture = this.#texture(width, height);
    const buffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, picture.texture, 0);
    return { ...picture, buffer };
  }

  /** @param {string} name @param {string | (() => string)} source @returns {Shader} */
  #shader(name, source) {
    const known = this.#shaders.get(name);
    if (known) return known;
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [kind, text] of /** @type {[number, string][]} */ ([[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, typeof source === "string" ? source : source()]])) {
      const shader = gl.createShader(kind);
      if (!shader) throw new Error("WebGL made no shader.");
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`The shader ${name} does not link: ${gl.getProgramInfoLog(program)}`);
    }
    /** @type {Map<string, WebGLUniformLocation>} */
    const places = new Map();
    for (let i = 0; i < (gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS) ?? 0); i++) {
      const uniform = gl.getActiveUniform(program, i)?.name ?? "";
      const place = gl.getUniformLocation(program, uniform);
      if (place) places.set(uniform, place);
    }
    const shader = { program, places };
    this.#shaders.set(name, shader);
    return shader;
  }
}

/** @param {Source} source */
function sizeOf(source) {
  if ("videoWidth" in source) return { width: source.videoWidth, height: source.videoHeight };
  if ("displayWidth" in source) return { width: source.displayWidth, height: source.displayHeight };
  return { width: source.width, height: source.height };
}

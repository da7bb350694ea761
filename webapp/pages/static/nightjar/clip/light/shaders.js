// @ts-check
/** The shaders that light a frame. Textures have the picture's top at t = 0. */

import { FINE } from "nightjar/clip/light/curve.js";
import { BINS } from "nightjar/clip/light/equalise.js";

/** One triangle that covers everything; `flip` is -1 for what goes to the screen. */
export const VERTEX = `#version 300 es
uniform float flip;
out vec2 at;
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  at = corner;
  vec2 place = corner * 2.0 - 1.0;
  gl_Position = vec4(place.x, place.y * flip, 0.0, 1.0);
}`;

const HEAD = `#version 300 es
precision highp float;
precision highp sampler3D;
in vec2 at;
out vec4 colour;
const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);
`;

const PACKED = `
float unpacked(vec4 bytes) { return bytes.r * 255.0 + bytes.g * 255.0 / 256.0; }
vec4 packed(float level) {
  float whole = floor(level);
  return vec4(whole / 255.0, floor((level - whole) * 256.0) / 255.0, 0.0, 1.0);
}
`;

/** Pixels picked evenly, not averaged: the noise and the ends of the scale stay in the sample. */
export const PICK = `${HEAD}
uniform sampler2D frame;
void main() { colour = texture(frame, at); }`;

/** Luma of blocks of 4 × 4, in 1/256 levels: four reads between pixels. */
export const CALM = `${HEAD}${PACKED}
uniform sampler2D frame;
uniform vec2 texel;
float luma(vec2 by) { return dot(texture(frame, at + by * texel).rgb, LUMA); }
void main() {
  float sum = luma(vec2(-1.0, -1.0)) + luma(vec2(1.0, -1.0)) + luma(vec2(-1.0, 1.0)) + luma(vec2(1.0, 1.0));
  colour = packed(sum * 255.0 / 4.0);
}`;

/** How far two calmed frames lie apart. */
export const CHANGE = `${HEAD}${PACKED}
uniform sampler2D one;
uniform sampler2D other;
void main() { colour = packed(abs(unpacked(texture(one, at)) - unpacked(texture(other, at)))); }`;

/**
 * How alike each of four neighbours is: 1 where they differ by noise alone, towards 0 elsewhere.
 * Beside what moved they count as little as there, or an edge would leave a ghost.
 */
export const LIKENESS = `${HEAD}${PACKED}
uniform sampler2D one;
uniform sampler2D n0;
uniform sampler2D n1;
uniform sampler2D n2;
uniform sampler2D n3;
uniform float spread;
void main() {
  ivec2 last = textureSize(one, 0) - 1;
  vec4 most = vec4(0.0);
  for (int y = -1; y <= 1; y++) {
    for (int x = -1; x <= 1; x++) {
      ivec2 here = clamp(ivec2(gl_FragCoord.xy) + ivec2(x, y), ivec2(0), last);
      vec4 others = vec4(
        unpacked(texelFetch(n0, here, 0)), unpacked(texelFetch(n1, here, 0)),
        unpacked(texelFetch(n2, here, 0)), unpacked(texelFetch(n3, here, 0)));
      vec4 change = (others - unpacked(texelFetch(one, here, 0))) / spread;
      // What lies beside counts less: its noise is no sign of movement here.
      most = max(most, change * change * (x == 0 && y == 0 ? 1.0 : 0.06));
    }
  }
  colour = exp(-max(most - 1.0, 0.0) / 3.0);
}`;

/**
 * The picture itself. The order: neighbours, tone, local contrast, colour, false colour, split.
 * @param {Record<string, number>} variant
 */
export function pictureShader(variant) {
  const defines = Object.entries(variant).map(([name, value]) => `#define ${name} ${value}`).join("\n");
  return `${HEAD.replace("\n", `\n${defines}\n`)}
uniform sampler2D frame;
uniform sampler2D n0;
uniform sampler2D n1;
uniform sampler2D n2;
uniform sampler2D n3;
uniform sampler2D likeness;
uniform sampler2D levels;
uniform sampler3D tiles;
uniform sampler2D palette;
uniform vec2 size;
uniform vec2 crop;
uniform float denoise;
uniform float local;
uniform float saturation;
uniform float split;
#if SAME
// Texel by texel, which costs software half of what a filtered read does.
ivec2 here;
vec4 read(sampler2D picture) { return texelFetch(picture, here, 0); }
#else
vec4 read(sampler2D picture) { return texture(picture, at * crop); }
#endif
void main() {
#if SAME
  here = ivec2(at * size);
#endif
  colour = read(frame);
#if SPLIT
  if (at.x < split) return;
#endif
  vec3 c = colour.rgb;
#if NEIGHBOURS
  vec4 like = texture(likeness, at * crop) * denoise;
  float weight = 1.0 + like.x;
  c += like.x * read(n0).rgb;
#if NEIGHBOURS > 1
  c += like.y * read(n1).rgb;
  weight += like.y;
#endif
#if NEIGHBOURS > 2
  c += like.z * read(n2).rgb;
  weight += like.z;
#endif
#if NEIGHBOURS > 3
  c += like.w * read(n3).rgb;
  weight += like.w;
#endif
  c /= weight;
#endif
#if TONE
  ivec3 place = ivec3(c * ${255 * FINE}.0 + 0.5);
  c = vec3(texelFetch(levels, ivec2(place.r, 0), 0).r, texelFetch(levels, ivec2(place.g, 0), 0).r, texelFetch(levels, ivec2(place.b, 0), 0).r);
#endif
#if LOCAL
  float luma = dot(c, LUMA);
  float evened = texture(tiles, vec3((luma * ${BINS - 1}.0 + 0.5) / ${BINS}.0, at)).r;
  c += local * (evened - luma);
#endif
#if SATURATION
  c = mix(vec3(dot(c, LUMA)), c, saturation);
#endif
#if PALETTE
  c = texelFetch(palette, ivec2(int(clamp(dot(c, LUMA), 0.0, 1.0) * 255.0 + 0.5), 0), 0).rgb;
#endif
  colour = vec4(c, 1.0);
}`;
}

// @ts-check
/** Draws people over a frame: boxes, limbs, joints, where they went, and how sure all that is. */

/** @typedef {import("nightjar/clip/skeleton/edited.js").EditedPoses} EditedPoses */
/** @typedef {import("nightjar/clip/skeleton/edited.js").Joint} Joint */
/** @typedef {import("nightjar/clip/skeleton/edited.js").Pose} Pose */
/** @typedef {{joints: string[], limbs: [number, number][]}} Skeleton */
/** @typedef {{key: number, title: string, colour: string, hue: string, isSelected: boolean}} Person hue: the person's own colour, colour: the label's */
/** @typedef {{person: number, joint: number, x: number, y: number, score: number}} DrawnJoint */
/** @typedef {"side" | "person" | "score"} Colouring */
/** @typedef {Record<"left" | "right" | "middle" | "low" | "mid" | "high" | "accent" | "ink" | "shade", string>} Palette */

/**
 * @typedef {object} Scene
 * @property {EditedPoses} edited
 * @property {Skeleton} skeleton
 * @property {Person[]} people
 * @property {boolean} showSkeleton
 * @property {boolean} showBoxes
 * @property {Colouring} colouring
 * @property {boolean} heat
 * @property {number} trail frames; 0: none
 * @property {ReadonlySet<number>} hidden joints
 * @property {number | null} joint of the selected person, that keys move
 * @property {boolean} isEditing
 * @property {Palette} palette
 */
/** @typedef {{context: CanvasRenderingContext2D, scale: number, unit: number}} Canvas */

/** @type {Palette} */
export const PALETTE = {
  left: "rgb(240, 178, 94)", right: "rgb(104, 195, 207)", middle: "rgb(217, 210, 195)",
  low: "rgb(255, 107, 107)", mid: "rgb(240, 178, 94)", high: "rgb(120, 210, 160)",
  accent: "rgb(240, 178, 94)", ink: "rgb(236, 236, 230)", shade: "rgb(13, 15, 16)",
};

const FAINTEST_SCORE = 0.05;
/** Below this a joint is uncertain enough to glow. */
const DOUBTFUL = 0.65;
const TRAILED = /wrist|ankle|nose/;

/** @param {string} name @returns {"left" | "right" | "middle"} */
export function sideOf(name) {
  return name.startsWith("left_") ? "left" : name.startsWith("right_") ? "right" : "middle";
}

/** A limb belongs to a side where both of its joints do. @param {string} a @param {string} b */
export function limbSide(a, b) {
  const [one, two] = [sideOf(a), sideOf(b)];
  if (one === two) return one;
  return one === "middle" ? two : two === "middle" ? one : "middle";
}

/** @param {number} score 0 to 1 */
export function opacityOf(score) {
  return Math.max(0.28, Math.min(1, (score - FAINTEST_SCORE) / 0.45));
}

/** A colour of its own for each person, far from the neighbours'. @param {number} order */
export const hueOf = (order) => `hsl(${Math.round((order * 137.508 + 25) % 360)} 75% 66%)`;

/** From low over mid to high. @param {number} share 0 to 1 @param {Palette} palette */
export function rampOf(share, { low, mid, high }) {
  const at = Math.max(0, Math.min(1, share)) * 2;
  const [from, to] = at < 1 ? [low, mid] : [mid, high];
  const [a, b] = [numbersOf(from), numbersOf(to)];
  return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * (at % 1 || (at === 2 ? 1 : 0)))).join(", ")})`;
}

/** @param {string} colour as `rgb(1, 2, 3)` */
const numbersOf = (colour) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {number} frame
 * @param {number} scale canvas pixels a video pixel
 * @param {number} unit canvas pixels a CSS pixel
 * @returns {DrawnJoint[]} what was drawn, in video pixels
 */
export function drawScene(context, scene, frame, scale, unit) {
  const canvas = { context, scale, unit };
  const drawn = [];
  for (const person of scene.people) {
    const pose = scene.edited.pose(person.key, frame);
    if (!pose) continue;
    if (scene.heat) drawHeat(canvas, scene, pose);
    if (scene.trail) drawTrail(canvas, scene, person, frame);
    if (scene.showBoxes) drawBox(canvas, scene, person, pose);
    if (scene.showSkeleton) drawn.push(...drawPerson(canvas, scene, person, pose));
  }
  context.globalAlpha = 1;
  return drawn;
}

/** @param {Canvas} canvas @param {Scene} scene @param {Person} person @param {Pose} pose @returns {DrawnJoint[]} */
function drawPerson(canvas, scene, person, { joints }) {
  drawLimbs(canvas, scene, person, joints);
  return joints.flatMap((joint, at) => {
    if (!joint || scene.hidden.has(at)) return [];
    if (joint.state === "outside" && !(scene.isEditing && person.isSelected)) return [];
    drawJoint(canvas, scene, person, joint, at);
    return [{ person: person.key, joint: at, x: joint.x, y: joint.y, score: joint.score }];
  });
}

/** @param {Canvas} canvas @param {Scene} scene @param {Person} person @param {(Joint | null)[]} joints */
function drawLimbs({ context, scale, unit }, scene, person, joints) {
  const { skeleton, hidden } = scene;
  const width = (person.isSelected ? 3 : 2) * unit;
  context.lineCap = "round";
  for (const [a, b] of skeleton.limbs) {
    const [from, to] = [joints[a], joints[b]];
    if (!from || !to || hidden.has(a) || hidden.has(b) || from.state === "outside" || to.state === "outside") continue;
    const path = new Path2D();
    path.moveTo(edge(from.x, scale), edge(from.y, scale));
    path.lineTo(edge(to.x, scale), edge(to.y, scale));
    const score = Math.min(from.score, to.score);
    const isHiddenPart = from.state === "occluded" || to.state === "occluded";
    context.globalAlpha = opacityOf(score) * (person.isSelected ? 1 : 0.7);
    // A dark line below keeps bright limbs readable on bright ground.
    stroke(context, path, "rgb(0 0 0 / 0.55)", width + 2 * unit);
    if (isHiddenPart) context.setLineDash([4 * unit, 4 * unit]);
    stroke(context, path, colourOf(scene, person, limbSide(skeleton.joints[a], skeleton.joints[b]), score), width);
    context.setLineDash([]);
  }
}

/** Filled: seen; a ring: occluded; a cross: outside; a light rim: placed by a person. @param {Canvas} canvas @param {Scene} scene @param {Person} person @param {Joint} joint @param {number} at */
function drawJoint({ context, scale, unit }, scene, person, joint, at) {
  const [x, y] = [edge(joint.x, scale), edge(joint.y, scale)];
  const isChosen = person.isSelected && at === scene.joint;
  const colour = colourOf(scene, person, sideOf(scene.skeleton.joints[at]), joint.score);
  const radius = (isChosen ? 5.5 : person.isSelected ? (scene.isEditing ? 4.2 : 3.2) : 2.4) * unit;
  context.globalAlpha = isChosen || joint.edited ? 1 : opacityOf(joint.score);
  const path = new Path2D();
  if (joint.state === "outside") {
    path.moveTo(x - radius, y - radius);
    path.lineTo(x + radius, y + radius);
    path.moveTo(x + radius, y - radius);
    path.lineTo(x - radius, y + radius);
    stroke(context, path, "rgb(0 0 0 / 0.6)", 4 * unit);
    stroke(context, path, colour, 2 * unit);
  } else {
    path.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = joint.state === "occluded" ? "rgb(0 0 0 / 0.45)" : colour;
    context.fill(path);
    if (joint.state === "occluded") stroke(context, path, colour, 2 * unit);
    else stroke(context, path, joint.edited ? scene.palette.ink : "rgb(0 0 0 / 0.6)", unit);
  }
  if (isChosen) drawChosen({ context, scale, unit }, scene, x, y, at);
}

/** @param {Canvas} canvas @param {Scene} scene @param {number} x @param {number} y @param {number} at */
function drawChosen({ context, unit }, { palette, skeleton }, x, y, at) {
  const ring = new Path2D();
  ring.arc(x, y, 10 * unit, 0, 2 * Math.PI);
  stroke(context, ring, "rgb(0 0 0 / 0.6)", 3.5 * unit);
  stroke(context, ring, palette.accent, 1.5 * unit);
  drawLabel({ context, scale: 1, unit }, palette, skeleton.joints[at].replaceAll("_", " "), palette.accent, x + 14 * unit, y - 8 * unit);
}

/** @param {Scene} scene @param {Person} person @param {"left" | "right" | "middle"} side @param {number} score */
function colourOf({ colouring, palette }, person, side, score) {
  if (colouring === "person") return person.hue;
  return colouring === "score" ? rampOf(score, palette) : palette[side];
}

/** A glow where joints are uncertain, the wider and stronger the less sure. @param {Canvas} canvas @param {Scene} scene @param {Pose} pose */
function drawHeat({ context, scale }, { hidden, palette }, { joints, box }) {
  const size = box ? Math.max(box[2] - box[0], box[3] - box[1]) : 60;
  const [r, g, b] = numbersOf(palette.low);
  joints.forEach((joint, at) => {
    if (!joint || hidden.has(at) || joint.state === "outside" || joint.score >= DOUBTFUL) return;
    const doubt = 1 - joint.score / DOUBTFUL;
    const [x, y, radius] = [edge(joint.x, scale), edge(joint.y, scale), size * scale * (0.05 + 0.11 * doubt)];
    const glow = context.createRadialGradient(x, y, 0, x, y, radius);
    glow.addColorStop(0, `rgba(${r}, ${g}, ${b}, ${0.2 + 0.6 * doubt})`);
    glow.addColorStop(1, `rgba(${r}, ${g}, ${b}, 0)`);
    context.globalAlpha = 1;
    context.fillStyle = glow;
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
  });
}

/** Where hands, feet and head came from: thin where it is long ago. @param {Canvas} canvas @param {Scene} scene @param {Person} person @param {number} frame */
function drawTrail({ context, scale, unit }, scene, person, frame) {
  const { edited, trail, skeleton, hidden, joint: chosen } = scene;
  const joints = skeleton.joints.flatMap((name, at) => (!hidden.has(at) && (TRAILED.test(name) || (person.isSelected && at === chosen)) ? [at] : []));
  const step = Math.max(1, Math.floor(trail / 24));
  let later = edited.pose(person.key, frame);
  for (let back = step; back <= trail; back += step) {
    const pose = edited.pose(person.key, frame - back);
    context.globalAlpha = 0.85 * (1 - back / (trail + step));
    for (const at of pose && later ? joints : []) {
      const [from, to] = [pose?.joints[at], later?.joints[at]];
      if (!from || !to || from.state === "outside" || to.state === "outside") continue;
      const path = new Path2D();
      path.moveTo(edge(from.x, scale), edge(from.y, scale));
      path.lineTo(edge(to.x, scale), edge(to.y, scale));
      stroke(context, path, colourOf(scene, person, sideOf(skeleton.joints[at]), from.score), 1.6 * unit);
    }
    later = pose;
  }
}

/** @param {Canvas} canvas @param {Scene} scene @param {Person} person @param {Pose} pose */
function drawBox({ context, scale, unit }, { palette }, person, { box, keyframe }) {
  if (!box) return;
  const [x1, y1, x2, y2] = box.map((value) => edge(value, scale));
  context.globalAlpha = person.isSelected ? 0.95 : 0.7;
  const path = new Path2D();
  path.rect(x1, y1, x2 - x1, y2 - y1);
  stroke(context, path, "rgb(0 0 0 / 0.5)", 3 * unit);
  stroke(context, path, person.colour, (person.isSelected ? 1.6 : 1) * unit);
  context.globalAlpha = person.isSelected ? 1 : 0.85;
  const height = 17 * unit;
  drawLabel({ context, scale, unit }, palette, `${person.title}${keyframe ? " ◆" : ""}`, person.colour, x1, Math.max(0, y1 - height >= 0 ? y1 - height : y1));
}

/** @param {Canvas} canvas @param {Palette} palette @param {string} text @param {string} colour @param {number} x @param {number} y */
function drawLabel({ context, unit }, palette, text, colour, x, y) {
  context.font = `600 ${11 * unit}px system-ui, sans-serif`;
  const [width, height] = [context.measureText(text).width + 10 * unit, 17 * unit];
  const left = Math.max(0, Math.min(x, context.canvas.width - width));
  context.fillStyle = palette.shade;
  context.fillRect(left, y, width, height);
  context.fillStyle = colour;
  context.fillRect(left, y, 3 * unit, height);
  context.fillStyle = palette.ink;
  context.textBaseline = "middle";
  context.fillText(text, left + 6 * unit, y + height / 2 + 0.5 * unit);
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} colour @param {number} width */
function stroke(context, path, colour, width) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(path);
}

/** Coordinates count from the middle of the first pixel, a canvas from its corner. @param {number} value @param {number} scale */
function edge(value, scale) {
  return (value + 0.5) * scale;
}

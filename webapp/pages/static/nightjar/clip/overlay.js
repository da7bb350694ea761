// @ts-check
/** Draws people over a frame: boxes, limbs coloured by side, joints as bright as they are sure. */

/** @typedef {import("nightjar/clip/poses.js").Poses} Poses */
/** @typedef {{joints: string[], limbs: [number, number][]}} Skeleton */
/** @typedef {{index: number, title: string, colour: string, isSelected: boolean}} Person */
/** @typedef {{person: number, joint: number, x: number, y: number, score: number}} DrawnJoint */

/**
 * @typedef {object} Scene
 * @property {Poses} poses
 * @property {Skeleton} skeleton
 * @property {Person[]} people
 * @property {boolean} showSkeleton
 * @property {boolean} showBoxes
 */

export const SIDES = { left: "#f0b25e", right: "#68c3cf", middle: "#d9d2c3" };
const FAINTEST_SCORE = 0.05;

/** @param {string} name @returns {keyof typeof SIDES} */
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

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {number} frame
 * @param {number} scale canvas pixels a video pixel
 * @param {number} unit canvas pixels a CSS pixel
 * @returns {DrawnJoint[]} what was drawn, in video pixels
 */
export function drawScene(context, scene, frame, scale, unit) {
  const drawn = [];
  for (const person of scene.people) {
    if (scene.showBoxes) drawBox(context, scene.poses, person, frame, scale, unit);
    if (scene.showSkeleton) drawn.push(...drawPerson(context, scene, person, frame, scale, unit));
  }
  context.globalAlpha = 1;
  return drawn;
}

/**
 * @param {CanvasRenderingContext2D} context @param {Scene} scene @param {Person} person
 * @param {number} frame @param {number} scale @param {number} unit
 */
function drawPerson(context, { poses, skeleton }, person, frame, scale, unit) {
  const joints = skeleton.joints.map((_, joint) => poses.joint(person.index, frame, joint));
  const width = (person.isSelected ? 3 : 2) * unit;
  context.lineCap = "round";
  for (const [a, b] of skeleton.limbs) {
    const [from, to] = [joints[a], joints[b]];
    if (!from || !to) continue;
    const path = new Path2D();
    path.moveTo(edge(from[0], scale), edge(from[1], scale));
    path.lineTo(edge(to[0], scale), edge(to[1], scale));
    context.globalAlpha = opacityOf(Math.min(from[2], to[2])) * (person.isSelected ? 1 : 0.7);
    // A dark line below keeps bright limbs readable on bright ground.
    stroke(context, path, "rgb(0 0 0 / 0.55)", width + 2 * unit);
    stroke(context, path, SIDES[limbSide(skeleton.joints[a], skeleton.joints[b])], width);
  }
  return joints.flatMap((found, joint) => {
    if (!found) return [];
    const [x, y, score] = found;
    context.globalAlpha = opacityOf(score);
    context.beginPath();
    context.arc(edge(x, scale), edge(y, scale), (person.isSelected ? 3.2 : 2.4) * unit, 0, 2 * Math.PI);
    context.fillStyle = SIDES[sideOf(skeleton.joints[joint])];
    context.fill();
    context.lineWidth = unit;
    context.strokeStyle = "rgb(0 0 0 / 0.6)";
    context.stroke();
    return [{ person: person.index, joint, x, y, score }];
  });
}

/**
 * @param {CanvasRenderingContext2D} context @param {Poses} poses @param {Person} person
 * @param {number} frame @param {number} scale @param {number} unit
 */
function drawBox(context, poses, person, frame, scale, unit) {
  const box = poses.box(person.index, frame);
  if (!box) return;
  const [x1, y1, x2, y2] = box.map((value) => edge(value, scale));
  context.globalAlpha = person.isSelected ? 0.95 : 0.7;
  const path = new Path2D();
  path.rect(x1, y1, x2 - x1, y2 - y1);
  stroke(context, path, "rgb(0 0 0 / 0.5)", 3 * unit);
  stroke(context, path, person.colour, (person.isSelected ? 1.6 : 1) * unit);
  drawTag(context, person, x1, y1, unit);
}

/** @param {CanvasRenderingContext2D} context @param {Person} person @param {number} x @param {number} y @param {number} unit */
function drawTag(context, person, x, y, unit) {
  context.font = `600 ${11 * unit}px system-ui, sans-serif`;
  const [width, height] = [context.measureText(person.title).width + 10 * unit, 17 * unit];
  const left = Math.max(0, Math.min(x, context.canvas.width - width));
  const top = y - height >= 0 ? y - height : y;
  context.globalAlpha = person.isSelected ? 1 : 0.85;
  context.fillStyle = "rgb(13 15 16 / 0.85)";
  context.fillRect(left, top, width, height);
  context.fillStyle = person.colour;
  context.fillRect(left, top, 3 * unit, height);
  context.fillStyle = "#ecece6";
  context.textBaseline = "middle";
  context.fillText(person.title, left + 6 * unit, top + height / 2 + 0.5 * unit);
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

// @ts-check
/** Reads the poses of a run out of their binary form; pure. */

/** x1, y1, x2, y2 before the joints. */
const BOX = 4;

export class Poses {
  /**
   * @param {ArrayBuffer} buffer little-endian float32 [people, frames, 4 + 3 × joints]
   * @param {number} people @param {number} frames @param {number} joints
   */
  constructor(buffer, people, frames, joints) {
    this.people = people;
    this.frames = frames;
    this.joints = joints;
    this.stride = BOX + 3 * joints;
    const wanted = people * frames * this.stride * 4;
    if (buffer.byteLength !== wanted) {
      throw new RangeError(`Expected ${wanted} bytes of poses, got ${buffer.byteLength}.`);
    }
    this.values = littleEndian(buffer);
  }

  /** @param {number} person @param {number} frame @returns {[number, number, number, number] | null} */
  box(person, frame) {
    const at = this.#at(person, frame);
    if (at < 0 || Number.isNaN(this.values[at])) return null;
    const [x1, y1, x2, y2] = this.values.subarray(at, at + BOX);
    return [x1, y1, x2, y2];
  }

  /** @param {number} person @param {number} frame @param {number} joint @returns {[number, number, number] | null} */
  joint(person, frame, joint) {
    const row = this.#at(person, frame);
    if (row < 0) return null;
    const at = row + BOX + 3 * joint;
    const [x, y, score] = this.values.subarray(at, at + 3);
    return Number.isNaN(x) || Number.isNaN(y) ? null : [x, y, score];
  }

  /** @param {number} person @param {number} frame */
  #at(person, frame) {
    const isThere = person >= 0 && person < this.people && frame >= 0 && frame < this.frames;
    return isThere ? (person * this.frames + frame) * this.stride : -1;
  }
}

/** @param {ArrayBuffer} buffer */
function littleEndian(buffer) {
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  if (isLittle) return new Float32Array(buffer);
  const view = new DataView(buffer);
  return Float32Array.from({ length: buffer.byteLength / 4 }, (_, i) => view.getFloat32(i * 4, true));
}

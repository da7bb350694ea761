// @ts-check
/** Packs skeletons as docs/formats.md has it, by hand: two joints a person, four frames a page. */

export const [JOINTS, UNITS, PAGE] = [2, 16, 4];
export const RECORD = 18; // 8 bytes of box, 8 of joints, 2 scores

/**
 * @param {{start: number, frames: number, there: Record<number, (frame: number) => number[] | null>}[]} pages
 *   for each person a function from the frame to [x1, y1, x2, y2, x, y, x, y, score, score]
 */
export function message(pages, frames = 10, people = 3) {
  const parts = pages.map(({ start, frames, there }) => {
    const keys = Object.keys(there).map(Number);
    const head = 12 + 4 * Math.ceil(keys.length / 2);
    const size = head + Math.ceil((keys.length * frames * RECORD) / 4) * 4;
    const view = new DataView(new ArrayBuffer(size));
    view.setUint32(0, start, true);
    view.setUint16(4, frames, true);
    view.setUint16(6, keys.length, true);
    view.setUint32(8, size, true);
    keys.forEach((key, row) => {
      view.setUint16(12 + 2 * row, key, true);
      for (let n = 0; n < frames; n++) {
        const at = head + (row * frames + n) * RECORD;
        const values = there[key](start + n);
        for (let i = 0; i < 8; i++) view.setInt16(at + 2 * i, values ? Math.round(values[i] * UNITS) : -32768, true);
        for (let i = 0; i < 2; i++) view.setUint8(at + 16 + i, values ? Math.round(values[8 + i] * 255) : 0);
      }
    });
    return new Uint8Array(view.buffer);
  });
  const head = new DataView(new ArrayBuffer(32 + 4 * parts.length));
  [..."NJPS"].forEach((letter, i) => head.setUint8(i, letter.charCodeAt(0)));
  [1, UNITS, JOINTS, PAGE, 32, RECORD].forEach((value, i) => head.setUint16(4 + 2 * i, value, true));
  [people, frames, parts.length, pages[0]?.start ?? 0].forEach((value, i) => head.setUint32(16 + 4 * i, value, true));
  let at = head.byteLength;
  parts.forEach((part, i) => {
    head.setUint32(32 + 4 * i, at, true);
    at += part.byteLength;
  });
  const bytes = new Uint8Array(at);
  bytes.set(new Uint8Array(head.buffer));
  at = head.byteLength;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes.buffer;
}

/** Somebody who walks to the right. */
export const walker = (/** @type {number} */ n) => [n, 2, n + 5, 40, n + 0.25, 10.5, -3, n, 0.6, 1];


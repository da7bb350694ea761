// @ts-check
/** Which key does what on the clip page; pure. */

/** @typedef {{id: number, hotkey: string, archived: boolean}} KeyedLabel */
/** @typedef {{do: string, by?: number, label?: number}} Action */
/** @typedef {{key: string, shiftKey: boolean, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} Press */

/** Keys with a fixed meaning, which no label may take. */
export const RESERVED = ["n", "p", "h", "g", "b", "l", "y", "x", "?", " "];

/** @type {Record<string, Action>} */
const FIXED = {
  " ": { do: "toggle" },
  ArrowUp: { do: "segment", by: -1 },
  ArrowDown: { do: "segment", by: 1 },
  Home: { do: "first" },
  End: { do: "last" },
  Enter: { do: "accept" },
  n: { do: "next" },
  p: { do: "previous" },
  h: { do: "skeleton" },
  b: { do: "boxes" },
  g: { do: "exposure" },
  l: { do: "loop" },
  y: { do: "suggest-accept" },
  x: { do: "suggest-dismiss" },
  "?": { do: "help" },
};

/**
 * @param {Press} press
 * @param {KeyedLabel[]} labels
 * @returns {Action | null}
 */
export function actionOf({ key, shiftKey, ctrlKey, metaKey, altKey }, labels) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "ArrowLeft") return { do: "step", by: shiftKey ? -10 : -1 };
  if (key === "ArrowRight") return { do: "step", by: shiftKey ? 10 : 1 };
  const plain = key.length === 1 ? key.toLowerCase() : key;
  if (FIXED[plain]) return FIXED[plain];
  const label = labels.find(({ hotkey, archived }) => hotkey && !archived && hotkey.toLowerCase() === plain);
  return label ? { do: "label", label: label.id } : null;
}

export const HELP = [
  ["Play", [[["Space"], "play or pause"], [["←", "→"], "one frame back, on"], [["Shift", "←"], "ten frames"], [["Home", "End"], "first, last frame"], [["L"], "loop"]]],
  ["Judge", [[["1", "…", "0", "-"], "give this label"], [["Enter"], "accept what is shown, go on with the queue"], [["↑", "↓"], "segment before, after"], [["Y", "X"], "accept, dismiss the suggestion"]]],
  ["Move", [[["N"], "next clip"], [["P"], "previous clip"]]],
  ["See", [[["H"], "skeleton"], [["B"], "boxes"], [["G"], "exposure"], [["?"], "this help"]]],
];

// @ts-check
/** The one state of the clip page: what it holds and how it starts; pure. */

/** @typedef {import("nightjar/library/model.js").Card} Card */
/** @typedef {Card & {urls?: any, original_url?: string, proxy_url?: string}} Clip */
/**
 * @typedef {object} Past one correction of the selected segment
 * @property {number} id
 * @property {{name: string, colour: string}} label
 * @property {string} kind
 * @property {string} author
 * @property {string} created_at
 * @property {{name: string} | null} [shown_label]
 * @property {string} [note]
 */
/** @typedef {{state: "idle" | "saving" | "saved" | "failed", text: string}} Saving */
/** @typedef {{remaining: number, next: number | null, segment: number | null, why: string, rank: number | null, of: number, at: number | null}} QueueState `of`, `at`: the clip and segment that it was asked for */

/**
 * @typedef {object} State
 * @property {import("nightjar/core/page.js").Boot} boot
 * @property {number} id
 * @property {Clip | null} clip
 * @property {number} frames
 * @property {import("nightjar/clip/model.js").Found | null} found
 * @property {import("nightjar/clip/model.js").FullLabel[]} labels
 * @property {"allow" | "per_person" | "forbid"} overlap which drawn segments may lie over each other
 * @property {number | null} selected predicted segment
 * @property {number | null} person
 * @property {string | null} annotated human segment
 * @property {Past[]} history
 * @property {Saving} saving
 * @property {QueueState} queue
 * @property {import("nightjar/review/model.js").Entry[]} suggestions what the judged segment suggests for others
 * @property {number[]} order
 * @property {string} error
 * @property {string} fault
 * @property {boolean} playing
 * @property {boolean} loop
 * @property {boolean} lock whether playing keeps to what is selected
 * @property {number} rate
 * @property {boolean} showSkeleton
 * @property {boolean} showBoxes
 * @property {any} [annotations] what the edit log says, see `edits/`
 */

/** What belongs to one clip and starts afresh with another. */
export const BLANK = {
  /** @type {Clip | null} */
  clip: null,
  /** @type {State["found"]} */
  found: null,
  frames: 0,
  /** @type {number | null} */
  selected: null,
  /** @type {number | null} */
  person: null,
  /** @type {string | null} */
  annotated: null,
  /** @type {Past[]} */
  history: [],
  /** @type {State["suggestions"]} */
  suggestions: [],
  error: "",
  fault: "",
  saving: /** @type {Saving} */ ({ state: "idle", text: "" }),
};

/**
 * @param {import("nightjar/core/page.js").Boot} boot
 * @param {import("nightjar/clip/preferences.js").Preferences} preferences
 * @returns {State}
 */
export function initialState(boot, preferences) {
  return {
    boot,
    id: boot.video_id ?? 0,
    ...BLANK,
    labels: [],
    overlap: "per_person",
    queue: { remaining: 0, next: null, segment: null, why: "", rank: null, of: 0, at: null },
    order: [],
    playing: false,
    ...preferences,
  };
}

// @ts-check
/** Files and folders dropped anywhere on the page. */

/**
 * @param {(files: File[]) => void} onFiles
 * @param {(isOver: boolean) => void} onOver
 */
export function acceptDrops(onFiles, onOver) {
  let depth = 0;
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  const enter = (/** @type {number} */ step) => (/** @type {DragEvent} */ event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + step);
    onOver(depth > 0);
  };
  addEventListener("dragenter", enter(1));
  addEventListener("dragleave", enter(-1));
  addEventListener("dragover", (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    onOver(false);
    onFiles(await filesOf(event.dataTransfer));
  });
}

/** @param {DataTransfer | null} transfer @returns {Promise<File[]>} */
async function filesOf(transfer) {
  const items = [...(transfer?.items ?? [])];
  // Entries must be asked for before the first await: the transfer is emptied after the event.
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return [...(transfer?.files ?? [])];
  return (await Promise.all(entries.map((entry) => (entry ? filesIn(entry) : [])))).flat();
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function filesIn(entry) {
  if (entry.name.startsWith(".")) return [];
  if (entry.isFile) {
    const file = /** @type {FileSystemFileEntry} */ (entry);
    return [await new Promise((resolve, reject) => file.file(resolve, reject))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!batch.length) return found;
    for (const inner of batch) found.push(...await filesIn(inner));
  }
}

// Photos on their way in: from drops and choosers to the server, a few at a time, with what became of each.
import { ask, at, newBatch } from "./talk.js";
import { _, ngettext } from "./translate.js";

const AT_ONCE = 3;
const MOST_NAMED = 5; // files left out that are named one by one
const HIDDEN = /^(\.|thumbs\.db$|desktop\.ini$|__macosx$)/i;

/** What was dropped, as {file, folder}: `folder` is the name of the folder that directly holds it, if any. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, folder: "" }));
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found;
}

/** What a chooser of a folder gives, as `dropped` does. */
export const chosen = (files) => [...files].filter((file) => !pathOf(file).some((part) => HIDDEN.test(part)))
  .map((file) => ({ file, folder: pathOf(file).at(-2) ?? "" }));

const pathOf = (file) => file.webkitRelativePath.split("/"); // of a file that was chosen by itself it is ""

async function walk(entry, folder, found) {
  if (HIDDEN.test(entry.name)) return;
  if (entry.isFile) {
    found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), folder });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // a folder is told a hundred entries at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const one of some) await walk(one, entry.name, found);
  }
}

const isArchive = (file) => /\.zip$/i.test(file.name);
const isPhoto = (file) => file.type.startsWith("image/") || /\.(heic|heif|avif|tiff?|bmp|jpe|jfif|jp2)$/i.test(file.name);

/**
 * Bring photos into classes. `label` is the class they all go to; "" where each goes to the class of its folder.
 * `tell({done, total})` is called as they come; the sentence at the end says what became of them.
 */
export async function bring(project, given, label, tell, makeClass) {
  const batch = newBatch();
  const wanted = given.filter(({ file }) => isArchive(file) || isPhoto(file));
  const skipped = given.filter((one) => !wanted.includes(one)).map(({ file }) => _("{name}: no photo", { name: file.name }));
  const labels = new Set();
  let [done, added, same] = [0, 0, 0];
  tell({ done, total: wanted.length });
  const queue = [...wanted];
  const made = new Map(); // class → the promise that it is there
  let stopped = null;
  const work = async () => {
    for (let one = queue.shift(); one && !stopped; one = queue.shift()) {
      const own = label || one.folder;
      try {
        if (isArchive(one.file)) {
          const came = await ask(at(project, "archive", { class: label, batch }), one.file);
          added += came.added;
          came.classes.forEach((name) => labels.add(name));
          skipped.push(...came.skipped);
        } else {
          if (!own) throw new Error(_("it has no class: drop it onto one"));
          if (!made.has(own)) made.set(own, makeClass(own));
          await made.get(own);
          const { photo } = await ask(at(project, "photos", { class: own, name: one.file.name, batch }), one.file);
          labels.add(own);
          if (photo) added += 1;
          else same += 1;
        }
      } catch (error) {
        if (error.isGone || error.isFull) stopped = error;
        skipped.push(`${one.file.name}: ${error.message}`);
      }
      done += 1;
      tell({ done, total: wanted.length });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  if (stopped) throw stopped;
  return { added, labels: [...labels], sentence: sentence(added, same, skipped), skipped };
}

function sentence(added, same, skipped) {
  const parts = [ngettext("{count} photo added", "{count} photos added", added)];
  if (same) parts.push(_("{count} already there", { count: same }));
  if (skipped.length) parts.push(_("{count} left out", { count: skipped.length }));
  return `${parts.join(", ")}.`;
}

/** The first of what was left out, one a line. */
export const named = (skipped) => [...skipped.slice(0, MOST_NAMED), ...(skipped.length > MOST_NAMED ? [_("and {count} more", { count: skipped.length - MOST_NAMED })] : [])];

// Asking without a server: the same functions as serve's module of this name, answered by the model right here.
import { open } from "./model.js";

const files = JSON.parse(document.getElementById("files").textContent);
let opened; // once, at the first photo or as soon as the page has nothing better to do
const model = () => (opened ??= open(files));
(globalThis.requestIdleCallback ?? setTimeout)(() => model().catch(() => {}));
let last = Promise.resolve(); // one photo at a time: the model holds one

/** The answer for a photo (a Blob), or {error, hint, again}: whether the same may be answered the next time. */
export function predict(photo) {
  const answer = last.then(() => ask(photo));
  last = answer.catch(() => {});
  return answer;
}

async function ask(photo) {
  let answer;
  try {
    answer = await model();
  } catch (error) {
    opened = undefined; // what was missing may be there the next time
    return { error: error.message, hint: "Load the page again, or try another browser.", again: true };
  }
  try {
    return await answer(photo);
  } catch {
    if (await isHeic(photo)) {
      return { error: "This browser does not read HEIC photos.", hint: "Open this page in Safari, or save the photo as JPEG." };
    }
    return { error: "This photo cannot be read.", hint: "Choose a JPEG, PNG or WebP photo." };
  }
}

/** Whether a photo is as iPhones write them: by its first bytes, as its name and type may be missing. */
async function isHeic(photo) {
  const start = new TextDecoder("latin1").decode(await photo.slice(4, 64).arrayBuffer());
  return start.startsWith("ftyp") && /hei[cxms]|hev[cxms]|mif1|msf1/.test(start) && !/avi[fs]/.test(start);
}

const NO_SERVER = { error: "This page has no server.", hint: "Choose a photo instead." };
export const predictAddress = async () => NO_SERVER;
export const why = async () => NO_SERVER;
export const correct = async () => NO_SERVER;

// Asking without a server: the same functions as serve's module of this name, answered by the model right here.
import { open } from "./model.js";

const files = JSON.parse(document.getElementById("files").textContent);
let opened; // once, at the first photo or as soon as the page has nothing better to do
const model = () => (opened ??= open(files));
(globalThis.requestIdleCallback ?? setTimeout)(() => model().catch(() => {}));
let last = Promise.resolve(); // one photo at a time: the model holds one

/** The answer for a photo (a Blob), or {error, hint}. */
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
    return { error: error.message, hint: "Load the page again, or try another browser." };
  }
  try {
    return await answer(photo);
  } catch {
    return { error: "This photo cannot be read.", hint: "Choose a JPEG, PNG or WebP photo." };
  }
}

const NO_SERVER = { error: "This page has no server.", hint: "Choose a photo instead." };
export const predictAddress = async () => NO_SERVER;
export const why = async () => NO_SERVER;
export const correct = async () => NO_SERVER;

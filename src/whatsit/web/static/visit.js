// The photos of this visit and their answers, kept by the browser until its tab is closed or they are forgotten.
import { drawn } from "./fitting.js";

const MOST = 24;
const SIDE = 640;

/** A JPEG of at most SIDE, as text that a session can keep; "" where the browser cannot draw the photo. */
export async function thumbnail(photo) {
  try {
    const picture = await createImageBitmap(photo);
    const small = await drawn(picture, Math.min(1, SIDE / Math.max(picture.width, picture.height)), 0.8);
    return await new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsDataURL(small);
    });
  } catch {
    return "";
  }
}

/** The Blob that `thumbnail` made a text of. */
export function photoOf(text) {
  const bytes = Uint8Array.from(atob(text.slice(text.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/jpeg" });
}

/** What was kept of this visit with a model, newest first. */
export function recall(model) {
  try {
    return JSON.parse(sessionStorage.getItem(key(model))) ?? [];
  } catch {
    return [];
  }
}

/** Keep the newest of this visit; where the browser has no room, fewer. */
export function remember(model, entries) {
  for (let count = Math.min(MOST, entries.length); count >= 0; count = Math.floor(count / 2)) {
    try {
      sessionStorage.setItem(key(model), JSON.stringify(entries.slice(0, count)));
      return;
    } catch {
      if (!count) return; // storage is switched off: the visit lasts as long as the page
    }
  }
}

const key = (model) => `whatsit:${model}`;

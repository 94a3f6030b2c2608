// Asking the server. A page that has none (the browser kit) brings a module of its own with these functions.
const PATIENCE = 4; // tries while the server is busy
const PASSING = [408, 429, 500, 502, 503, 504]; // what may be otherwise the next time
const HOME = new URL("../../", import.meta.url); // this file lies in static/VERSION/ of the site, wherever that is

/** The answer for a photo (a Blob), or {error, hint, again}: whether the same may be answered the next time. */
export const predict = (photo, model) => post("api/predict", { model }, photo);

/** The answer for the photo at an address, or {error, hint}. */
export const predictAddress = (url, model) => post("api/predict", { model }, JSON.stringify({ url }), "application/json");

/** What in a photo spoke for a class: {map, box}, or {error, hint}. */
export const why = (photo, model, label) => post("api/why", { model, class: label }, photo);

/** Keep a photo with the class it really has, or {error, hint}. */
export const correct = (photo, model, label) => post("api/corrections", { model, class: label }, photo);

async function post(path, query, body, type = "application/octet-stream") {
  const address = new URL(`${path}?${new URLSearchParams(query)}`, HOME);
  for (let attempt = 1; ; attempt += 1) {
    let response;
    try {
      response = await fetch(address, { method: "POST", headers: { "Content-Type": type }, body });
    } catch {
      return { error: "The server cannot be reached.", hint: "Is it still running, and are you online?", again: true };
    }
    const wait = Number(response.headers.get("Retry-After"));
    if (attempt < PATIENCE && wait && (response.status === 503 || response.status === 429)) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(wait, 5)));
      continue;
    }
    const answer = await response.json().catch(() => ({ error: `The server answered ${response.status}.`, hint: "" }));
    return response.ok ? answer : { ...answer, again: PASSING.includes(response.status) };
  }
}

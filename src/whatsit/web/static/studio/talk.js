// Talking to the studio's server.
import { _ } from "./translate.js";

/** What the server answers; an Error with its sentence where it refuses or is gone. */
export async function ask(address, body, signal) {
  const isBytes = body instanceof Blob;
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": isBytes ? "application/octet-stream" : "application/json" },
    body: isBytes ? body : JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(address, { ...options, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw Object.assign(new Error(_("The studio does not answer. What was shown as saved is saved; start whatsit studio again.")), { isGone: true });
  }
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(`${content.error} ${content.hint}`), { isFull: answer.status === 507 });
  return content;
}

/** The address of something of a project. */
export const at = (project, what, query = {}) => {
  const asked = new URLSearchParams(query).toString();
  return `/api/${encodeURIComponent(project)}${what ? `/${what}` : ""}${asked ? `?${asked}` : ""}`;
};

/** The address of a photo, by its project and its path there. */
export const photoAt = (project, name, side = 200) =>
  `/photo/${[project, ...name.split("/")].map(encodeURIComponent).join("/")}?side=${side}`;


/** A name that no other batch of photos has. */
export const newBatch = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (one) => one.toString(36)).join("");

// What the scripts of the pages share on which people sort and review.
import { _ } from "./translate.js";

export const $ = (id) => document.getElementById(id);

/** An element with its attributes and children; texts go in as text, never as HTML. */
export function element(kind, attributes = {}, ...children) {
  const made = kind === "svg" || kind === "rect" || kind === "circle"
    ? document.createElementNS("http://www.w3.org/2000/svg", kind) : document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A name within a sentence, set apart from the direction of what stands around it. */
export const bdi = (name) => element("bdi", {}, name);

/** What is written on a key. */
export const nameKey = (key) => ({ Enter: _("Enter"), Escape: _("Escape") })[key] ?? key;

/** What the server answers; an Error with its sentence where it refuses or is gone. */
export async function ask(address, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Error(_("The server does not answer. What you decided so far is saved; start whatsit again."));
  }
  const content = await answer.json();
  if (!answer.ok) throw new Error(`${content.error} ${content.hint}`);
  return content;
}

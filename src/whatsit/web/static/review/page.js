// What the scripts of the review page share.

export const $ = (id) => document.getElementById(id);

/** An element with its attributes and children; texts go in as text, never as HTML. */
export function element(kind, attributes = {}, ...children) {
  const made = kind === "svg" || kind === "rect" || kind === "circle"
    ? document.createElementNS("http://www.w3.org/2000/svg", kind) : document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Words with names in them, as what `replaceChildren` takes: each name is set apart from the direction of the rest. */
export const saying = (words, ...names) => words.flatMap((text, place) => (
  place < names.length ? [text, element("bdi", {}, names[place])] : [text]));

/** `12345` → `12,345`. */
export const grouped = (number) => number.toLocaleString("en");

/** `1` → `1 photo`, `12345` → `12,345 photos`. */
export const photos = (number) => `${grouped(number)} photo${number === 1 ? "" : "s"}`;

/** What the server answers; an Error with its sentence where it refuses or is gone. */
export async function ask(address, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Error("The server does not answer. What you decided so far is saved; start whatsit again.");
  }
  const content = await answer.json();
  if (!answer.ok) throw new Error(`${content.error} ${content.hint}`);
  return content;
}

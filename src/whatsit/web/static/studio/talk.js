// Talking to the studio's server, and what came of it in words.

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
    throw new Error("The studio does not answer. What was shown as saved is saved; start whatsit studio again.");
  }
  const content = await answer.json();
  if (!answer.ok) throw new Error(`${content.error} ${content.hint}`);
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

/** `1 photo`, `2 photos`. */
export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;

/** A name that no other batch of photos has. */
export const newBatch = () => Array.from(crypto.getRandomValues(new Uint8Array(9)), (one) => one.toString(36)).join("");

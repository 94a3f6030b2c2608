// The page that asks a model about photos.
import { aside, drawAnswer, headline, named, reveal, sureness } from "./answer.js";
import { fitting } from "./fitting.js";
import { heatLayer, heatWords } from "./heat.js";
import { isolate } from "./names.js";
import { gather, gatherAddresses } from "./photos.js";
import { correct, predict, predictAddress, why } from "./server.js";
import { csvOf, drawRow, fillRow, save } from "./table.js";
import { photoOf, recall, remember, thumbnail } from "./visit.js";

const AT_ONCE = 2; // requests in flight, so that many photos are not many at the server's door
const SEARCHED = 20; // classes from which on a search helps to find one
const LABELS_OFFERED = 60; // that a photo has not: of more a search finds the others
const TINY = 100; // pixels: a narrower photo is shown with its pixels as squares

const element = (id) => document.getElementById(id);
const facts = JSON.parse(element("facts").textContent);
const [stage, strip, status, trouble] = ["stage", "strip", "status", "trouble"].map(element);

let entries = []; // newest first: {id, name, photo, picture, thumb, note, answer, error, hint, again, address, corrected, row}
let chosen = null;
let last = 0;
const line = []; // entries that wait for their turn
let inFlight = 0;
let together = 0; // photos given since nothing was looked at

document.documentElement.classList.add("js");
if (!isSecureContext && element("unencrypted")) element("unencrypted").hidden = false;
gather((files) => take(files.map((photo) => ({ photo, name: photo.name }))));
gatherAddresses((address) => take([{ address, name: address }]));
element("save").addEventListener("click", () => save(csvOf(entries, facts.classes), `${facts.model}-answers.csv`));
element("forget").addEventListener("click", () => {
  for (const entry of entries) if (entry.picture) URL.revokeObjectURL(entry.picture);
  entries = [];
  chosen = null;
  keep();
  draw();
  element("photo").focus();
});
for (const kept of recall(facts.model).reverse()) {
  const photo = kept.thumb ? photoOf(kept.thumb) : null;
  entries.unshift({ ...kept, id: (last += 1), photo, picture: photo && URL.createObjectURL(photo) });
}
draw();

function take(given) {
  trouble.textContent = "";
  const fresh = given.map((one) => ({
    ...one, id: (last += 1), picture: one.photo ? URL.createObjectURL(one.photo) : null,
  }));
  if (!fresh.length) return;
  entries = [...fresh, ...entries];
  together = (inFlight || line.length ? together : 0) + fresh.length;
  line.push(...fresh);
  chosen = fresh[0];
  status.textContent = fresh.length > 1 ? `Looking at ${fresh.length} photos …` : "Looking …";
  draw();
  reveal(stage);
  work();
}

function work() {
  while (inFlight < AT_ONCE && line.length) {
    inFlight += 1;
    look(line.shift()).finally(() => {
      inFlight -= 1;
      work();
      if (!inFlight && together > 1) status.textContent = `${howMany(entries.slice(0, together))} ${chosen ? inSentences(chosen) : ""}`;
    });
  }
}

/** How many of some photos were looked at, and how many could not be. */
function howMany(some) {
  const failed = some.filter((one) => one.error).length;
  return failed ? `${some.length - failed} of ${some.length} photos were looked at, ${failed} could not be.` : `All ${some.length} photos were looked at.`;
}

async function look(entry) {
  entry.error = entry.hint = "";
  entry.again = false;
  if (entry.photo) {
    const { photo, note } = await fitting(entry.photo, facts);
    Object.assign(entry, { photo, note });
    const [answer, thumb] = await Promise.all([predict(photo, facts.model), thumbnail(photo)]);
    Object.assign(entry, { answer, thumb });
  } else {
    entry.answer = await predictAddress(entry.address, facts.model);
  }
  if (entry.answer.reason) {  // it could be read and has no answer all the same, as a photo without a face
    const reason = entry.answer.reason;
    entry.answer = { error: reason[0].toUpperCase() + reason.slice(1), hint: "Try another photo." };
  }
  if (entry.answer.error) {
    Object.assign(entry, entry.answer, { answer: null });
  }
  if (entry === chosen) status.textContent = inSentences(entry);
  keep();
  draw(entry);
  if (entry === chosen) reveal(stage);
}

/** What a screen reader hears of the photo that is shown. */
function inSentences(entry) {
  const { answer, error, hint } = entry;
  if (!answer) return `${nameOf(entry)}: ${error} ${hint}`;
  return `${nameOf(entry)}: ${[headline(answer), sureness(answer)].filter(Boolean).join(" ")}. ${aside(answer)}`;
}

function keep() {
  remember(facts.model, entries.filter((entry) => entry.answer).map(
    ({ name, thumb, note, answer, address, corrected }) => ({ name, thumb, note, answer, address, corrected })));
}

const nameOf = (entry) => entry.name || "The photo";

/** Draw the table, and the stage where it shows `changed` (or anything may have changed). */
function draw(changed) {
  element("visit").hidden = entries.length < 2 && !(entries.length && !chosen);
  for (const entry of changed ? [changed] : entries) {
    entry.row ??= drawRow(entry, choose);
    fillRow(entry.row, entry, entry === chosen);
  }
  if (!changed) strip.replaceChildren(...entries.map(({ row }) => row));
  if (!changed || changed === chosen) stage.replaceChildren(...(chosen ? [result(chosen)] : []));
}

function choose(entry) {
  chosen = entry;
  draw();
  entry.row.querySelector("button").focus({ preventScroll: true });
  stage.scrollIntoView({ block: "nearest" });
}

function result(entry) {
  return entry.error ? failed(entry) : answered(entry);
}

function failed(entry) {
  const { root, part } = shape("failed");
  part("name").textContent = entry.name ?? "";
  part("reason").textContent = `${entry.error} ${entry.hint ?? ""}`;
  part("again").hidden = !entry.again;
  part("again").addEventListener("click", () => {
    entry.error = "";
    together = 1;
    line.unshift(entry);
    draw();
    work();
  });
  return root;
}

function answered(entry) {
  const { root, part } = shape("result");
  if (entry.picture) {
    part("picture").addEventListener("load", ({ target }) => {
      part("frame").style.setProperty("--ratio", target.naturalWidth / target.naturalHeight);
      target.classList.toggle("tiny", target.naturalWidth < TINY);
    });
    part("picture").src = entry.picture;
    part("picture").alt = entry.name ? `Your photo ${entry.name}` : "Your photo";
  } else {
    const far = document.createElement("p");
    far.className = "far";
    far.textContent = entry.address ?? "This photo was not kept.";
    part("picture").replaceWith(far);
  }
  part("caption").hidden = !entry.note;
  part("caption").textContent = entry.note ?? "";
  if (!entry.answer) {
    root.classList.add("waiting");
    root.setAttribute("aria-busy", "true");
    part("label").textContent = "Looking …";
    return root;
  }
  drawAnswer(part, entry.answer, facts);
  let all = false;
  part("more").addEventListener("click", () => drawAnswer(part, entry.answer, facts, (all = !all)));
  if (entry.photo) {
    explaining(entry, part);
    correcting(entry, part);
  }
  return root;
}

function explaining(entry, part) {
  const button = part("why");
  button.hidden = !facts.why;
  let layer = null;
  button.addEventListener("click", async () => {
    if (layer) {
      layer.remove();
      layer = null;
      part("frame").classList.remove("grey");
      button.setAttribute("aria-pressed", "false");
      part("caption").hidden = true;
      return;
    }
    button.disabled = true;
    entry.heat ??= await why(entry.photo, facts.model, entry.answer.label);
    button.disabled = false;
    button.focus();
    if (entry.heat.error) {
      say(part, `${entry.heat.error} ${entry.heat.hint}`);
      entry.heat = undefined;
      return;
    }
    layer = heatLayer(entry.heat);
    part("frame").append(layer);
    part("frame").classList.add("grey");
    button.setAttribute("aria-pressed", "true");
    say(part, heatWords(entry.heat, isolate(entry.answer.label)));
  });
}

function say(part, text) {
  part("caption").hidden = false;
  part("caption").textContent = text;
  status.textContent = text;
}

function correcting(entry, part) {
  const [button, form] = [part("wrong"), part("correction")];
  button.hidden = !facts.corrections;
  if (entry.corrected) {
    button.textContent = `Kept as ${entry.corrected}`;
    button.disabled = true;
    return;
  }
  const given = facts.thresholds ? severalChoice(form, part, entry.answer) : oneChoice(form, part);
  const search = form.elements.wanted;
  part("search").hidden = facts.classes.length < SEARCHED;
  search.addEventListener("input", () => given.find(search.value));
  button.addEventListener("click", () => {
    form.hidden = !form.hidden;
    button.setAttribute("aria-expanded", String(!form.hidden));
    if (!form.hidden) (part("search").hidden ? given.first() : search).focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const outcome = await correct(entry.photo, facts.model, given.value());
    if (outcome.error) {
      status.textContent = trouble.textContent = `${outcome.error} ${outcome.hint}`;
      return;
    }
    entry.corrected = given.words();
    status.textContent = `Thank you: kept as ${entry.corrected}, to be looked at before the next training.`;
    keep();
    draw(entry);
  });
}

/** The choice of one class: its value, in words, the first field, and how a search narrows it. */
function oneChoice(form) {
  const select = form.elements.class;
  offer(select, "");
  return {
    value: () => select.value,
    words: () => select.selectedOptions[0].textContent,
    first: () => select,
    find: (wanted) => offer(select, wanted),
  };
}

/** The choice of any number of labels, those marked that were said; of very many those marked, and what is found. */
function severalChoice(form, part, answer) {
  form.elements.class.required = false;
  part("one").hidden = true;
  part("search").firstChild.textContent = "Find a label ";
  part("several").hidden = false;
  const legend = part("several").firstElementChild;
  const marked = new Set(answer.known ? answer.labels : []);
  const chosen = () => facts.classes.filter((label) => marked.has(label));
  const find = (wanted) => {
    const found = facts.classes.filter((label) => !marked.has(label) && matches(label, wanted));
    const offered = new Set(found.slice(0, LABELS_OFFERED));
    const shown = facts.classes.filter((label) => marked.has(label) || offered.has(label));
    const rest = found.length - offered.size;
    const more = rest ? [`and ${rest.toLocaleString("en")} more: type on`] : [];
    part("several").replaceChildren(legend, ...shown.map((label) => boxOf(label, marked)), ...more);
  };
  find("");
  return {
    value: () => chosen().join(";"),
    words: () => chosen().join(", ") || "none of its labels",
    first: () => part("several").querySelector("input"),
    find,
  };
}

/** A label with a box, which puts it among those marked or takes it out. */
function boxOf(label, marked) {
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", value: label, checked: marked.has(label) });
  box.addEventListener("change", () => (box.checked ? marked.add(label) : marked.delete(label)));
  const line = document.createElement("label");
  line.append(box, named(label));
  return line;
}

/** Whether a name has the wanted letters in it, whatever their case and accents. */
function matches(label, wanted) {
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain(label).includes(plain(wanted.trim()));
}

/** Fill a choice of classes with those that have `wanted` in their names; where that leaves one, it is chosen. */
function offer(select, wanted) {
  const found = facts.classes.filter((label) => matches(label, wanted));
  const first = wanted.trim() ? `${found.length || "no"} of ${facts.classes.length} classes` : "choose";
  select.replaceChildren(new Option(first, ""), ...found.map((label) => new Option(label, label)));
  select.append(new Option("none of these", facts.none));
  if (found.length === 1) select.value = found[0];
}

/** A copy of a template, and a finder of its parts. */
function shape(id) {
  const root = element(id).content.cloneNode(true).firstElementChild;
  return { root, part: (name) => (root.dataset.part === name ? root : root.querySelector(`[data-part=${name}]`)) };
}

// An answer of the API, in words and drawn into the shape of _answer.html. views.py of serving words it the same.
import { isolate } from "./names.js";
import { _, fixed, listed } from "./translate.js";

export const SHOWN = 5;
const LABELS_SHOWN = 30; // bars of labels that are said, before all are asked for
const LABELS_NAMED = 12; // of those that are said, in a heading

const SVG = "http://www.w3.org/2000/svg";

/** `0.934` → `93 %`; what is nearly certain or nearly ruled out keeps a digit more, and nothing is called certain.
 * No line ends within it. */
export function percent(share) {
  const value = 100 * share;
  if (value < 0.05) return `< ${fixed(0.1, 1)}\u202f%`;
  if (value >= 99.95) return `> ${fixed(99.9, 1)}\u202f%`;
  return `${fixed(value, value < 0.95 || value > 99 ? 1 : 0)}\u202f%`;
}

/** Whether an answer says any number of labels (`labels`), and not one class (`label`). */
export const isSeveral = (answer) => Array.isArray(answer.labels);

/** All that is said of a photo. */
export const saidOf = (answer) => answer.labels ?? [answer.label];

/** Whether it is less sure than was wished of answers when the model was made. */
export const isUnsure = (answer) => answer.known && answer.sure === false;

export function headline(answer) {
  if (!answer.known) return _("Not one of these");
  if (isUnsure(answer)) return _("Not sure");
  return isSeveral(answer) ? nameLabels(answer) || _("None of its labels") : answer.label;
}

/** The labels that are said; of very many the likeliest, and how many more. */
function nameLabels({ labels, probabilities }) {
  if (labels.length <= LABELS_NAMED) return labels.map(isolate).join(", ");
  const likeliest = [...labels].sort((one, other) => probabilities[other] - probabilities[one]);
  return listed([...likeliest.slice(0, LABELS_NAMED).map(isolate), _("{count} more", { count: labels.length - LABELS_NAMED })]).join("");
}

/** How sure it is of the one class it says; of several labels the bars say it. */
export const sureness = (answer) => (answer.known && !isUnsure(answer) && !isSeveral(answer) ? percent(answer.probability) : "");

export function aside(answer) {
  if (!answer.known) {
    return _("Unlike anything it has learnt from. The nearest is {label}, {share}.", { label: isolate(answer.label), share: percent(answer.probability) });
  }
  if (isUnsure(answer)) {
    return _("Most likely it is {label}, {share}, which is not sure enough to say so.", { label: isolate(answer.label), share: percent(answer.probability) });
  }
  if (!standsOut(answer)) return _("That is less sure than usual: better look at the photo yourself.");
  const others = othersOf(answer);
  if (others.length >= Object.keys(answer.probabilities).length - saidOf(answer).length && others.length > 1) {
    return isSeveral(answer) ? _("No label can be ruled out.") : _("No class can be ruled out.");
  }
  if (!others.length) return "";
  const names = inWords(others);
  return isSeveral(answer) ? _("It could also show {names}.", { names }) : _("It could also be {names}.", { names });
}

/** Whether the one class that is said is as likely as the true one is for nearly all known photos. */
export const standsOut = (answer) => !answer.known || isUnsure(answer) || isSeveral(answer) || answer.could_be.length > 0;

/** What cannot be ruled out beside what is said. */
export const othersOf = (answer) => answer.could_be.filter((label) => !saidOf(answer).includes(label));

/** Bring an element into sight where it began below the middle of the window, or above it, as on a phone. */
export function reveal(element) {
  const { top } = element.getBoundingClientRect();
  if (top < 0 || top > innerHeight / 2) element.scrollIntoView({ block: "start" });
}

export function inWords(names) {
  const shown = names.slice(0, 4).map(isolate);
  const more = names.length - shown.length;
  return listed(more ? [...shown, _("{count} more", { count: more })] : shown, "disjunction").join("");
}

/**
 * Fill the parts of a result. `part(name)` finds them; of `facts`, `samples` has the address of a photo for some
 * classes, `thresholds` from which probability on each of several labels is said, and `doubt` what is to be minded of
 * whatever is named.
 */
export function drawAnswer(part, answer, { samples, thresholds, doubt }, all = false) {
  part("result").classList.toggle("strange", !answer.known);
  part("result").classList.toggle("unsure", isUnsure(answer));
  part("label").textContent = headline(answer);
  part("share").textContent = sureness(answer);
  part("aside").textContent = aside(answer);
  part("doubt").textContent = answer.known ? doubt : "";
  // An object puts keys that are numbers first, whatever order they came in: classes named 0 to 9 would stay so.
  const ranked = Object.entries(answer.probabilities).sort((one, other) => other[1] - one[1]);
  const shown = isSeveral(answer) ? Math.max(SHOWN, Math.min(LABELS_SHOWN, answer.labels.length)) : SHOWN;
  const rows = ranked
    .slice(0, all ? undefined : shown)
    .map(([label, share]) => row(label, share, samples[label], thresholds?.[label]));
  const said = saidOf(answer);
  ranked.slice(0, rows.length).forEach(([label], at) => rows[at].classList.toggle("best", said.includes(label)));
  part("bars").tBodies[0].replaceChildren(...rows);
  const more = part("more");
  more.hidden = ranked.length <= shown;
  more.textContent = all ? _("Fewer") : isSeveral(answer) ? _("All {count} labels", { count: ranked.length }) : _("All {count} classes", { count: ranked.length });
}

function row(label, share, sample, threshold) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  const name = document.createElement("span");
  name.className = "name";
  head.append(name);
  if (sample) {
    const picture = document.createElement("img");
    Object.assign(picture, { className: "sample", src: sample, alt: "", width: 28, height: 28 });
    name.append(picture);
  }
  name.append(named(label));
  const bar = document.createElement("td");
  bar.className = "bar";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.append(rectangle("track", 100), rectangle("fill", 100 * share));
  if (threshold !== undefined && threshold <= 1) svg.append(limitAt(threshold));
  bar.append(svg);
  const figure = document.createElement("td");
  figure.className = "figure";
  figure.textContent = percent(share);
  line.append(head, bar, figure);
  return line;
}

/** A name set apart from the direction of what stands around it. */
export function named(text) {
  const name = document.createElement("bdi");
  name.textContent = text;
  return name;
}

/** A mark where a label begins to be said. */
function limitAt(threshold) {
  const mark = rectangle("limit", 0);
  mark.setAttribute("x", `${(100 * threshold).toFixed(2)}%`);
  mark.setAttribute("width", "2");
  return mark;
}

function rectangle(kind, width) {
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("class", kind);
  rect.setAttribute("width", `${width.toFixed(2)}%`);
  rect.setAttribute("height", "100%");
  return rect;
}

// What a photo shows where it may show several things: a button a label, pressed where it is there.
import { percent } from "./answer.js";
import { $, bdi, element, nameKey } from "./page.js";
import { _ } from "./translate.js";

const KEYS = 9;
const MOST = 40; // buttons; of more labels those that are suggested and the most frequent, and the rest by typing
let has = new Set();
let added = []; // labels that were typed, and nobody answered with yet
let draw = () => {};

/** Whether labels are asked about that nobody answered with yet. */
export const asksMore = () => added.length > 0;

/** Ask of every photo about labels that are known elsewhere, from the first on. */
export function askAlso(names) {
  added = [...names];
}

/** Buttons for the labels of the photo asked about, into `place`; `say(labels)` is told them at once. */
export function drawLabels(place, classes, question, say) {
  const shares = question.shares ?? {};
  has = new Set(Object.keys(shares));
  added = added.filter((name) => !classes.some((one) => one.name === name));
  draw = () => {
    const labels = [...classes.map((one) => one.name), ...added];
    const shown = choose(classes, [...has, ...added]);
    const made = shown.map((name) => toggle(name, labels.indexOf(name), shares[name]));
    const done = (names) => say(names, added.filter((name) => !names.includes(name)));
    if (has.size) made.push(act(_("None of these"), "0", () => done([])));
    if (labels.length) made.push(act(has.size ? _("It shows {names}", { names: listed([...has]) }) : _("It shows none of these"), has.size ? "Enter" : "Enter 0", () => done([...has]), "main"));
    place.replaceChildren(...made);
    $("known").replaceChildren(...labels.filter((name) => !shown.includes(name)).map((name) => element("option", { value: name })));
  };
  draw();
}

/** Say that the photo shows a label, known or new. */
export function addLabel(classes, name) {
  if (!classes.some((one) => one.name === name) && !added.includes(name)) added.push(name);
  has.add(name);
  draw();
}

/** Names with commas between them, each set apart from the direction of the others. */
const listed = (names) => names.flatMap((name, place) => [place ? ", " : "", bdi(name)]);

function choose(classes, needed) {
  if (classes.length <= MOST) return [...new Set([...classes.map((one) => one.name), ...needed])];
  const often = [...classes].sort((one, other) => other.photos - one.photos).slice(0, MOST);
  const wanted = new Set([...needed, ...often.map((one) => one.name)]);
  return [...wanted];
}

function toggle(name, place, share) {
  const made = act(name, place >= 0 && place < KEYS ? String(place + 1) : "", () => {
    const hadFocus = document.activeElement === made;
    if (!has.delete(name)) has.add(name);
    draw();
    const again = [...document.querySelectorAll("#answers [aria-pressed]")].find((one) => one.dataset.label === name);
    if (hadFocus) again?.focus({ preventScroll: true });
  });
  made.dataset.label = name;
  made.setAttribute("aria-pressed", String(has.has(name)));
  if (share !== undefined && share < 1) made.firstChild.after(element("small", {}, percent(share)));
  return made;
}

function act(text, key, done, kind = "") {
  const made = element("button", { type: "button", class: `button ${kind}`.trim() }, element("bdi", {}, ...[text].flat()));
  if (key) {
    made.setAttribute("aria-keyshortcuts", key);
    made.append(" ", element("kbd", {}, nameKey(key.split(" ")[0])));
  }
  made.addEventListener("click", done);
  return made;
}

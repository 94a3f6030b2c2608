// One question at a time: a group to name, a screen of suggestions to confirm, or a photo.
import { setApart } from "./names.js";
import { $, bdi, element, nameKey } from "./page.js";
import { addLabel, asksMore, drawLabels } from "./sorting-labels.js";
import { _, ngettext } from "./translate.js";

const SHOWN = 12; // photos of a group before "all of them" is pressed
const MOST_SHOWN = 600; // of a ring that is drawn around all there is
const KEYS = 9;
let question = null;
let classes = [];
let several = false; // whether a photo may show several things
let out = new Set(); // photos that were pressed: not of what the others are
let wrong = []; // photos pressed on the last screen, to be named one by one
let ringed = []; // photos in a ring on the map, to be named before all else
let leave = () => {}; // what shows the map again
let say = () => {};

/** Show what is asked now, or the photos that the last answer left out. */
export function drawQuestion(state, answer) {
  say = answer;
  classes = state.classes;
  several = state.several;
  question = ringed.length ? { kind: "ring", photos: ringed, class: "" } : wrong.length ? { kind: "wrong", photos: [wrong[0]], class: "" } : state.question;
  out = new Set();
  const isDone = !question;
  $("new").hidden = isDone || question.kind === "screen";
  $("photos").replaceChildren();
  $("answers").replaceChildren();
  $("more").hidden = true;
  if (isDone) {
    $("asked").textContent = _("Every photo is named.");
    const back = document.querySelector(".back bdi");
    $("why").textContent = back ? setApart(_("Back to {name}, and put them into classes.", { name: back.textContent })) : _("The command below trains on them.");
    return;
  }
  $("asked").replaceChildren(...[title()].flat());
  $("why").textContent = reason();
  drawPhotos(SHOWN);
  if (isMarked()) drawLabels($("answers"), classes, question, showsAll);
  else drawAnswers();
  $("name").value = "";
  $("asked").focus({ preventScroll: true });
}

/** Ask about photos that a person chose, and leave when they are named; about none: as if none had been chosen. */
export function askAbout(photos, then = () => {}) {
  ringed = photos;
  leave = then;
}

/** Whether it is asked for all that a photo shows; of photos in a ring, only for one thing that all of them do. */
const isMarked = () => several && question.kind !== "ring";

function title() {
  const { kind, photos } = question;
  if (kind === "ring") return ngettext("{count} photo in the ring: what does it show?", "{count} photos in the ring: what do they show?", photos.length);
  if (several) return _("What does it show?");
  if (kind === "group") return ngettext("{count} photo: what does it show?", "{count} photos that look alike: what do they show?", photos.length);
  if (kind === "screen") return question.class ? _("Are these all {name}?", { name: bdi(question.class) }) : _("Are these all none of the classes?");
  return kind === "wrong" ? _("And what is this?") : _("What is this?");
}

function reason() {
  const { kind } = question;
  if (kind === "measure") return _("Drawn at random: by such photos it is measured how many others are told right.");
  if (kind === "ring") return _("Press on those that are something else: they are asked about by themselves.");
  if (several && !classes.length && !asksMore()) return _("Name what you look for, one after another: what this photo shows stays pressed.");
  if (several) return _("Press on all that it shows. What is likely is pressed already.");
  if (kind === "group" || kind === "screen") return _("Press on those that are something else: they are asked about by themselves.");
  return kind === "wrong" ? _("You said that it is not what was suggested.") : _("This one would teach most.");
}

function drawPhotos(most) {
  const { photos } = question;
  const alone = photos.length === 1;
  const shown = photos.slice(0, most);
  $("photos").className = alone ? "alone" : "many";
  $("photos").replaceChildren(...shown.map((row, place) => {
    const image = element("img", { src: `photo/${row}?side=${alone ? 1024 : 256}`, alt: _("photo {number}", { number: String(row) }), decoding: "async" });
    if (alone) return image;
    const press = element("button", { type: "button", class: "shot", "aria-pressed": String(out.has(row)), "aria-label": _("photo {number}: something else", { number: String(place + 1) }) }, image);
    press.addEventListener("click", () => {
      if (!out.delete(row)) out.add(row);
      press.setAttribute("aria-pressed", String(out.has(row)));
    });
    return press;
  }));
  const next = Math.min(photos.length, MOST_SHOWN);
  $("more").hidden = shown.length === next;
  $("more").textContent = next === photos.length ? _("Show all {count}", { count: next }) : _("Show the first {count}", { count: next });
  $("more").onclick = () => drawPhotos(next);
}

function drawAnswers() {
  const made = [];
  if (question.kind === "screen") made.push(button(question.class ? _("Yes, {name}", { name: bdi(question.class) }) : _("Yes, none of the classes"), "Enter", confirm, "main"));
  else classes.forEach(({ name }, place) => made.push(button(name, place < KEYS ? String(place + 1) : "", () => give({ class: name }, name))));
  if (question.kind === "group") made.push(button(_("Several things"), "m", mixed));
  if (question.kind === "ring") made.push(button(_("Back to the map"), "Escape", () => document.querySelector("[data-view=map]").click()));
  if (question.kind !== "screen" && classes.length) made.push(button(_("None of these"), "0", () => give({ none: true })));
  $("answers").append(...made);
}

function button(text, key, act, kind = "") {
  const made = element("button", { type: "button", class: `button ${kind}`.trim() }, element("bdi", {}, ...[text].flat()));
  if (key) {
    made.setAttribute("aria-keyshortcuts", key);
    made.append(" ", element("kbd", {}, nameKey(key)));
  }
  made.addEventListener("click", () => {
    made.classList.add("sent");
    act();
  });
  return made;
}

function kept() {
  return question.photos.filter((row) => !out.has(row));
}

function give(what, name) {
  const photos = kept();
  if (!photos.length) return;
  const next = question.kind === "wrong" ? wrong.slice(1) : [...out];
  const isRing = question.kind === "ring";
  const news = what.none ? ngettext("{count} photo said to be none of these", "{count} photos said to be none of these", photos.length)
    : ngettext("{count} photo named “{name}”", "{count} photos named “{name}”", photos.length, { name });
  say({ photos, ...what, measures: question.kind === "measure" }, news, () => {
    wrong = next;
    if (isRing) leave();
    askAbout([]);
  });
}

/** What a photo shows, where it may show several things. */
function showsAll(labels, without) {
  const { photos, kind } = question;
  say({ photos, labels, without, measures: kind === "measure" }, labels.length ? _("It shows {names}", { names: labels.join(", ") }) : _("It shows none of these"));
}

function confirm() {
  if (!kept().length) {
    wrong = [...out];
    drawQuestion({ classes, several, question }, say);
  } else give(question.class ? { class: question.class } : { none: true }, question.class);
}

function mixed() {
  say({ photos: question.photos, mixed: true }, _("Parted into finer groups"));
}

/** Ask no more about what was pressed on the last screen. */
export function forgetWrong() {
  wrong = [];
}

/** Whether a key answers what is asked. */
export function keyPressed(key) {
  if (!question) return false;
  const found = [...$("answers").children].find((one) => one.getAttribute("aria-keyshortcuts")?.split(" ").includes(key));
  if (found) found.click();
  return Boolean(found);
}

$("new").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = $("name").value.trim();
  if (!name || !question) return;
  if (isMarked()) {
    addLabel(classes, name);
    $("name").value = "";
  } else give({ class: name }, name);
});

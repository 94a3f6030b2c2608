// What the model suggests of all photos that nobody named, a class at a time, to confirm many at once.
import { percent } from "./answer.js";
import { isolate, setApart } from "./names.js";
import { $, ask, bdi, element } from "./page.js";
import { _, grouped, ngettext } from "./translate.js";

const SCREEN = 24;
let chosen = "";
let out = new Set();
let several = false; // whether a photo may show several things

/** Show the classes with what is suggested of each, and the surest photos of the chosen one. */
export async function drawSuggestions(state, answer) {
  const names = state.classes.map((one) => one.name);
  if (!names.includes(chosen)) chosen = names[state.waiting.indexOf(Math.max(...state.waiting))] ?? "";
  $("kinds").replaceChildren(...names.map((name, place) => {
    const made = element("button", { type: "button", class: "button", "aria-pressed": String(name === chosen) }, bdi(name), ` (${grouped(state.waiting[place])})`);
    made.addEventListener("click", () => { chosen = name; drawSuggestions(state, answer).catch(showTrouble); });
    return made;
  }));
  $("guesses").replaceChildren();
  $("confirm").hidden = true;
  out = new Set();
  if (!chosen) {
    $("suggested").textContent = state.several
      ? _("Nothing is suggested yet: say what some photos show.")
      : _("Nothing is suggested yet: name photos of two classes.");
    return;
  }
  const found = await ask(`api/suggestions?class=${encodeURIComponent(chosen)}`);
  const shown = found.photos.slice(0, SCREEN);
  $("suggested").replaceChildren(...[tellSuggested(shown.length, found.count, state.several)].flat());
  $("guesses").replaceChildren(...shown.map((row, place) => guess(row, found.probabilities[place])));
  $("confirm").hidden = !shown.length;
  several = state.several;
  nameConfirm(shown.length);
  $("confirm").onclick = () => {
    const photos = shown.filter((row) => !out.has(row));
    const others = several ? { others: [...out] } : {};
    const news = ngettext("{count} photo named “{name}”", "{count} photos named “{name}”", photos.length, { name: chosen });
    if (photos.length || (several && out.size)) answer({ photos, class: chosen, ...others }, news);
  };
}

/** What is suggested of the chosen class, and what to do about it. */
function tellSuggested(shown, count, showsSeveral) {
  const told = { name: bdi(chosen), shown };
  if (!shown) return showsSeveral ? _("No further photo is suggested to show {name}.", told) : _("No further photo is suggested to be {name}.", told);
  return showsSeveral
    ? ngettext("The surest {shown} of {count} photo that may show {name}. Press on those that do not.", "The surest {shown} of {count} photos that may show {name}. Press on those that do not.", count, told)
    : ngettext("The surest {shown} of {count} photo that may be {name}. Press on those that are not.", "The surest {shown} of {count} photos that may be {name}. Press on those that are not.", count, told);
}

function guess(row, probability) {
  const sure = percent(probability);
  const image = element("img", { src: `photo/${row}?side=256`, alt: _("photo {number}", { number: String(row) }), decoding: "async" });
  const press = element("button", { type: "button", class: "shot", "aria-pressed": "false", "aria-label": _("photo {number}, {share} sure: not {name}", { number: String(row), share: sure, name: isolate(chosen) }) }, image, element("span", { class: "sure" }, sure));
  press.addEventListener("click", () => {
    if (!out.delete(row)) out.add(row);
    press.setAttribute("aria-pressed", String(out.has(row)));
    nameConfirm($("guesses").children.length);
  });
  return press;
}

/** What the button says: all of the screen, or those that were not pressed. */
function nameConfirm(shown) {
  const left = shown - out.size;
  const told = { name: bdi(chosen) };
  const all = () => (several ? _("All of them show {name}", told) : _("All of them are {name}", told));
  const rest = () => (several ? ngettext("The other {count} shows {name}", "The other {count} show {name}", left, told) : ngettext("The other {count} is {name}", "The other {count} are {name}", left, told));
  $("confirm").replaceChildren(...[out.size ? rest() : all()].flat());
  $("confirm").disabled = !left && !several;
}

function showTrouble(error) {
  $("trouble").textContent = setApart(error.message);
}

// What the model suggests of all photos that nobody named, a class at a time, to confirm many at once.
import { percent } from "./answer.js";
import { isolate, setApart } from "./names.js";
import { $, ask, element, grouped, photos as counted, saying } from "./page.js";

const SCREEN = 24;
let chosen = "";
let out = new Set();
let several = false; // whether a photo may show several things

/** Show the classes with what is suggested of each, and the surest photos of the chosen one. */
export async function drawSuggestions(state, answer) {
  const names = state.classes.map((one) => one.name);
  if (!names.includes(chosen)) chosen = names[state.waiting.indexOf(Math.max(...state.waiting))] ?? "";
  $("kinds").replaceChildren(...names.map((name, place) => {
    const made = element("button", { type: "button", class: "button", "aria-pressed": String(name === chosen) }, ...saying`${name}`, ` (${grouped(state.waiting[place])})`);
    made.addEventListener("click", () => { chosen = name; drawSuggestions(state, answer).catch(showTrouble); });
    return made;
  }));
  $("guesses").replaceChildren();
  $("confirm").hidden = true;
  out = new Set();
  if (!chosen) {
    $("suggested").textContent = state.several
      ? "Nothing is suggested yet: say what some photos show."
      : "Nothing is suggested yet: name photos of two classes.";
    return;
  }
  const verb = state.several ? "show" : "be";
  const found = await ask(`api/suggestions?class=${encodeURIComponent(chosen)}`);
  const shown = found.photos.slice(0, SCREEN);
  const press = ` Press on those that ${state.several ? "do" : "are"} not.`;
  $("suggested").replaceChildren(
    shown.length ? `The surest ${shown.length} of ${counted(found.count)} that may ${verb} ` : `No further photo is suggested to ${verb} `,
    ...saying`${chosen}.`, shown.length ? press : "");
  $("guesses").replaceChildren(...shown.map((row, place) => guess(row, found.probabilities[place])));
  $("confirm").hidden = !shown.length;
  several = state.several;
  nameConfirm(shown.length);
  $("confirm").onclick = () => {
    const photos = shown.filter((row) => !out.has(row));
    const others = several ? { others: [...out] } : {};
    if (photos.length || (several && out.size)) answer({ photos, class: chosen, ...others }, `${counted(photos.length)} named “${chosen}”`);
  };
}

function guess(row, probability) {
  const sure = percent(probability);
  const image = element("img", { src: `photo/${row}?side=256`, alt: `photo ${row}`, decoding: "async" });
  const press = element("button", { type: "button", class: "shot", "aria-pressed": "false", "aria-label": `photo ${row}, ${sure} sure: not ${isolate(chosen)}` }, image, element("span", { class: "sure" }, sure));
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
  const verb = several ? (left === 1 ? "shows" : "show") : left === 1 ? "is" : "are";
  const whom = out.size ? `The other ${left} ${verb} ` : `All of them ${several ? "show" : "are"} `;
  $("confirm").replaceChildren(whom, ...saying`${chosen}`);
  $("confirm").disabled = !left && !several;
}

function showTrouble(error) {
  $("trouble").textContent = setApart(error.message);
}

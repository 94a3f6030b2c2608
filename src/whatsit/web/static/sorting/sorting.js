// The page on which a pile is sorted: it asks the server what to ask, shows it, and sends what a person says.
import { setApart } from "./names.js";
import { $, ask, grouped, photos as counted } from "./page.js";
import { offerKnown, takeKnown } from "./sorting-known.js";
import { askAlso } from "./sorting-labels.js";
import { drawMap } from "./sorting-map.js";
import { askAbout, drawQuestion, forgetWrong, keyPressed } from "./sorting-question.js";
import { drawSuggestions } from "./sorting-suggestions.js";

let state = null;
let view = "ask";
let busy = false;

/** Send an answer or an undo, and show what follows. One at a time: a second press waits for the first. */
async function send(address, body, news, then = () => {}) {
  if (busy) return;
  busy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    state = await ask(address, body);
    then();
    $("trouble").textContent = "";
    tell(news);
    await show();
  } catch (error) {
    $("trouble").textContent = setApart(error.message);
  } finally {
    busy = false;
    document.body.removeAttribute("aria-busy");
  }
}

/** What was done, where the eye is; undone as easily. */
function tell(news) {
  $("news").textContent = news ? setApart(`${news}.`) : "";
  $("news").classList.remove("fresh");
  requestAnimationFrame(() => $("news").classList.add("fresh"));
}

const answer = (body, news, then) => send("api/answer", body, news, then);
const undo = () => state && send("api/undo", {}, "Taken back", forgetWrong);

async function show() {
  for (const id of ["ask", "suggestions", "map"]) $(id).hidden = id !== view;
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-current", String(button.dataset.view === view));
  }
  drawProgress();
  if (view === "ask") {
    drawQuestion(state, answer);
    offerKnown(state.classes);
  } else if (view === "suggestions") await drawSuggestions(state, answer);
  else await drawMap(state, nameRing);
}

/** Ask what the photos in a ring on the map show, and then show the map again. */
function nameRing(rows) {
  askAbout(rows, () => { view = "map"; });
  turnTo("ask");
}

function turnTo(another) {
  view = another;
  show().catch((error) => { $("trouble").textContent = setApart(error.message); });
}

function drawProgress() {
  const { named, photos, verdict, classes } = state;
  $("progress").hidden = false;
  $("done").style.width = `${(100 * named) / photos}%`;
  const { several, none } = state;
  const kinds = `${classes.length} ${several ? "label" : "class"}${classes.length === 1 ? "" : several ? "s" : "es"}`;
  $("count").textContent = `${grouped(named)} of ${counted(photos)} ${several || none ? "answered" : "named"}, ${kinds}${none ? `; ${grouped(none)} show none` : ""}`;
  if ($("command")) $("command").hidden = classes.length < 2;
  const told = verdict.accuracy ? `${several ? "Every label right" : "Right"} of others: ${verdict.accuracy.sentence}, by ${grouped(verdict.accuracy.n)} drawn at random. ` : "";
  $("verdict").textContent = setApart(told + verdict.sentence);
  $("verdict").classList.toggle("enough", verdict.enough);
}

async function open() {
  const found = await ask("api/state");
  if (!found.opening) {
    state = found;
    if (state.several) {
      document.querySelector("#new label").textContent = "Another label";
      document.querySelector("#new button").textContent = "Add it";
      $("kinds").setAttribute("aria-label", "Labels");
      askAlso(takeKnown());
    }
    $("opening").hidden = true;
    await show();
    return;
  }
  const { done, total, trouble } = found.opening;
  $("opening").hidden = false;
  if (trouble) {
    $("opening").hidden = true;
    $("trouble").textContent = setApart(trouble);
    return;
  }
  if (total) { $("looked").max = total; $("looked").value = done; }
  $("looked-text").textContent = total ? `${grouped(done)} of ${counted(total)}${timeLeft(done, total)}. This is kept: the next time it opens at once.` : "Beginning";
  setTimeout(begin, 500);
}

let first = null; // when photos were first seen to be looked at, and how many were by then

/** `, about 12 minutes left`, by the pace since this page was opened; nothing before that can be told. */
function timeLeft(done, total) {
  first ??= { done, at: performance.now() };
  const [seconds, looked] = [(performance.now() - first.at) / 1000, done - first.done];
  if (seconds < 3 || looked < 1) return "";
  const minutes = Math.ceil((total - done) * seconds / looked / 60);
  return minutes > 1 ? `, about ${grouped(minutes)} minutes left` : ", less than a minute left";
}

const begin = () => open().catch((error) => { $("trouble").textContent = setApart(error.message); });

for (const button of document.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => {
    if (!state) return;
    askAbout([]);
    turnTo(button.dataset.view);
  });
}
$("undo").addEventListener("click", undo);
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey || !state) return;
  if (event.key === "Enter" && event.target.matches("button:not([aria-pressed])")) return; // it presses that button
  if (event.key === "z") undo();
  else if (view !== "ask" || !keyPressed(event.key)) return;
  event.preventDefault();
});
begin();

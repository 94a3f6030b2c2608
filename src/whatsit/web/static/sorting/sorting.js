// The page on which a pile is sorted: it asks the server what to ask, shows it, and sends what a person says.
import { setApart } from "./names.js";
import { $, ask } from "./page.js";
import { offerKnown, takeKnown } from "./sorting-known.js";
import { askAlso } from "./sorting-labels.js";
import { drawMap } from "./sorting-map.js";
import { askAbout, drawQuestion, forgetWrong, keyPressed } from "./sorting-question.js";
import { drawSuggestions } from "./sorting-suggestions.js";
import { _, ngettext, photos as counted } from "./translate.js";

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
const undo = () => state && send("api/undo", {}, _("Taken back"), forgetWrong);

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
  const kinds = several ? ngettext("{count} label", "{count} labels", classes.length) : ngettext("{count} class", "{count} classes", classes.length);
  const counts = { done: named, photos: counted(photos), kinds };
  const far = several || none ? _("{done} of {photos} answered, {kinds}", counts) : _("{done} of {photos} named, {kinds}", counts);
  $("count").textContent = none ? `${far}; ${ngettext("{count} shows none", "{count} show none", none)}` : far;
  if ($("command")) $("command").hidden = classes.length < 2;
  const told = verdict.accuracy && { measured: verdict.accuracy.sentence, count: verdict.accuracy.n };
  const measured = told && (several ? _("Every label right of others: {measured}, by {count} drawn at random.", told) : _("Right of others: {measured}, by {count} drawn at random.", told));
  $("verdict").textContent = setApart([measured, verdict.sentence].filter(Boolean).join(" "));
  $("verdict").classList.toggle("enough", verdict.enough);
}

async function open() {
  const found = await ask("api/state");
  if (!found.opening) {
    state = found;
    if (state.several) {
      document.querySelector("#new label").textContent = _("Another label");
      document.querySelector("#new button").textContent = _("Add it");
      $("kinds").setAttribute("aria-label", _("Labels"));
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
  const far = [_("{done} of {photos}", { done, photos: counted(total ?? 0) }), timeLeft(done, total)].filter(Boolean).join(", ");
  $("looked-text").textContent = total ? _("{far}. This is kept: the next time it opens at once.", { far }) : _("Beginning");
  setTimeout(begin, 500);
}

let first = null; // when photos were first seen to be looked at, and how many were by then

/** `about 12 minutes left`, by the pace since this page was opened; nothing before that can be told. */
function timeLeft(done, total) {
  first ??= { done, at: performance.now() };
  const [seconds, looked] = [(performance.now() - first.at) / 1000, done - first.done];
  if (seconds < 3 || looked < 1) return "";
  const minutes = Math.ceil((total - done) * seconds / looked / 60);
  return minutes > 1 ? ngettext("about {count} minute left", "about {count} minutes left", minutes) : _("less than a minute left");
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

// The studio: which project and which step of it is shown, and what every screen shares.
import { html, render, useCallback, useEffect, useRef, useState } from "./preact.js";
import { Photos } from "./album.js";
import { Cleaning } from "./cleaning.js";
import { setApart } from "./names.js";
import { Projects } from "./projects.js";
import { Report } from "./report.js";
import { Results } from "./results.js";
import { bdi } from "./parts.js";
import { ask, at } from "./talk.js";
import { _ } from "./translate.js";
import { Training } from "./training.js";
import { Trying } from "./trying.js";
import { ByWords } from "./words.js";

const STEPS = [["photos", _("Photos")], ["clean", _("Clean")], ["train", _("Train")], ["try", _("Try it")], ["results", _("Results")]];
const SCREENS = { photos: Photos, clean: Cleaning, train: Training, try: Trying, results: Results, report: Report, words: ByWords };
const WITHIN = { report: "results", words: "photos" }; // the step that a screen belongs to which is none itself
const QUICK_MS = 800; // between two looks while a training runs
const SLOW_MS = 4000; // else: another window, a folder changed by hand

const NOWHERE = _("There is nothing at this address: it has a % that stands for no letter.");

/** [project, screen, what of it: a class, a run, what is wrong with it] by the address of the page. */
function place() {
  let parts;
  try {
    parts = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  } catch { // no %20 or the like
    return ["", "photos", "", NOWHERE];
  }
  const [project = "", step = "photos", what = ""] = parts;
  return [project, Object.hasOwn(SCREENS, step) ? step : "photos", what, ""];
}

function Studio() {
  const [[name, step, what, wrong], setPlace] = useState(place());
  const [studio, setStudio] = useState(null);
  const [trouble, setTrouble] = useState(wrong);
  const [news, setNews] = useState("");
  useEffect(() => {
    const follow = () => { const now = place(); setPlace(now); setTrouble(now[3]); setNews(""); };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    if (name) return;
    ask("/api/projects").then((found) => {
      setStudio(found);
      if (found.single && found.projects.length) location.hash = `#/${encodeURIComponent(found.projects[0].name)}/photos`;
    }, (error) => setTrouble(error.message));
  }, [name]);
  const page = { setTrouble, setNews };
  return html`
    <header class="top">
      <a class="brand" href="#/">whatsit studio</a>
      ${name && html`<p class="project-name" dir="auto">${name}</p>`}
      ${name && html`<${Steps} name=${name} step=${step} />`}
    </header>
    <p class="quiet" role="status" aria-live="polite">${setApart(news)}</p>
    <main id="main" tabindex="-1">
      ${trouble && html`<p id="trouble" role="alert"><span>${setApart(trouble)}</span>
        <button type="button" class="button small-button" onClick=${() => setTrouble("")}>${_("Close")}</button></p>`}
      ${name ? html`<${Project} key=${name} name=${name} step=${step} what=${what} page=${page} />`
        : html`<${Projects} studio=${studio} page=${page} />`}
    </main>
    ${news && html`<p class="toast" key=${news} aria-hidden="true">${setApart(news)}</p>`}`;
}

function Steps({ name, step }) {
  return html`<nav aria-label=${_("Steps")}>
    ${STEPS.map(([key, title]) => html`<a key=${key} href=${`#/${encodeURIComponent(name)}/${key}`}
      aria-current=${key === (WITHIN[step] ?? step) ? "page" : undefined}>${title}</a>`)}
  </nav>`;
}

function Project({ name, step, what, page }) {
  const [project, setProject] = useState(null);
  const [lost, setLost] = useState(false);
  const latest = useRef(0);
  const look = useCallback(async () => {
    const turn = (latest.current += 1);
    try {
      const found = await ask(at(name, ""));
      if (turn === latest.current) { setProject(found); setLost((was) => { if (was) page.setTrouble(""); return false; }); }
    } catch (error) {
      setLost(true);
      page.setTrouble(error.message);
    }
  }, [name]);
  useEffect(() => { look(); }, [look, step]);
  const isBusy = project?.jobs.some((job) => job.state === "running" || job.state === "waiting");
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) look(); }, isBusy ? QUICK_MS : SLOW_MS);
    return () => clearInterval(timer);
  }, [look, isBusy]);
  useEffect(() => { document.title = `${name} · whatsit studio`; }, [name]);
  const act = useCallback(async (deed, body = {}) => {
    try {
      const { done, project: now } = await ask(at(name, deed), body);
      latest.current += 1; // what was asked before is older than this
      setProject(now);
      page.setTrouble("");
      return done ?? true;
    } catch (error) {
      page.setTrouble(error.message);
      return null;
    }
  }, [name]);
  if (!project) return lost ? null : html`<p class="lead" aria-busy="true">${_("Opening {name} …", { name: bdi(name) })}</p>`;
  return html`<${SCREENS[step]} project=${project} what=${what} look=${look} act=${act} page=${page} />`;
}

render(html`<${Studio} />`, document.getElementById("studio"));

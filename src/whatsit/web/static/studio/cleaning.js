// Cleaning: a job that looks for bad photos and copies, and what it found as queues to decide about.
import { html, useEffect, useState } from "./preact.js";
import { setApart } from "./names.js";
import { Bar, Command, typed } from "./parts.js";
import { ask, at, count, photoAt } from "./talk.js";

export function Cleaning({ project, act, page }) {
  const [found, setFound] = useState(null);
  const [isDeep, setDeep] = useState(false);
  const here = encodeURIComponent(project.name);
  const job = project.jobs.find((one) => one.verb === "clean");
  const isBusy = job && ["waiting", "running"].includes(job.state);
  const photos = project.classes.reduce((sum, one) => sum + one.count, 0);
  const look = () => ask(at(project.name, "findings")).then(setFound, (error) => page.setTrouble(error.message));
  useEffect(() => { look(); }, [project.name, job?.number, job?.state, project.undo, photos]);
  useEffect(() => { // decided in the page of a queue, and come back by the button of the browser
    const again = () => { if (!document.hidden) look(); };
    addEventListener("pageshow", again);
    document.addEventListener("visibilitychange", again);
    return () => { removeEventListener("pageshow", again); document.removeEventListener("visibilitychange", again); };
  }, [project.name]);
  if (!photos) {
    return html`<h1>Clean</h1><p class="lead">There are no photos to look at yet: <a href=${`#/${here}/photos`}>add some</a>.</p>`;
  }
  const begin = async () => { if (await act("clean", { deep: isDeep })) page.setNews("It looks at every photo. You may close this page: it goes on."); };
  const takeBack = async () => {
    const undone = await act("undo-clean");
    if (undone === null) return;
    const { decisions, out } = undone;
    page.setNews(`${count(decisions, "decision")} taken back.${out ? ` ${count(out, "photo")} of these cannot be used and stay${out === 1 ? "s" : ""} out.` : ""}`);
    look();
  };
  const command = `whatsit clean ${project.source}${isDeep ? " --deep" : ""}`;
  return html`<div class="cleaning">
    <h1>Clean</h1>
    <p class="lead">Finds photos that are broken, blank, blurred or too small, and copies of others. What is certain is left out of
      training; the rest waits for you. Nothing is deleted, and all of it can be taken back.</p>
    <label class="pick"><input type="checkbox" checked=${isDeep} disabled=${isBusy} onChange=${(event) => setDeep(event.target.checked)} />
      <span>Look at what they show as well: crops of others, photos unlike their class, classes that look wrong <span class="small">(takes longer)</span></span></label>
    <div class="actions"><button type="button" class="button main" disabled=${isBusy} onClick=${begin}>Find bad photos and copies</button>
      ${found?.left_out > 0 && !isBusy && html`<button type="button" class="button" onClick=${takeBack}>Take back what the last look left out</button>`}</div>
    ${job && html`<${Work} job=${job} act=${act} />`}
    ${found && html`<${Found} found=${found} here=${here} project=${project} wasCleaned=${job?.state === "done" || found.queues.length > 0} />`}
    <${Command} text=${typed(project, command, `whatsit review ${project.source}`)} />
  </div>`;
}

/** The cleaning that runs, or how the last one ended. */
function Work({ job, act }) {
  const stop = html`<button type="button" class="button small-button" onClick=${() => act("stop", { number: job.number })}>Stop</button>`;
  if (job.state === "running") {
    return html`<section class="job" aria-label="Looking at the photos"><${Bar} what=${job.work?.what ?? "Beginning"} done=${job.work?.done} total=${job.work?.total} unit=${job.work?.unit} />
      <div class="actions">${stop}</div></section>`;
  }
  if (job.state === "waiting") return html`<section class="job" aria-label="Waiting"><p>It begins by itself in a moment; after what is before it, if anything is.</p><div class="actions">${stop}</div></section>`;
  if (job.state === "done") return null;
  const said = { failed: `${job.sentence} ${job.hint}`, stopped: "It was stopped. What it had looked at by then is kept.", killed: "Its process has gone, perhaps with a restart of the computer. What it had looked at by then is kept." };
  return html`<section class="job" aria-label="The last look"><p class=${job.state === "failed" ? "trouble" : ""}>${setApart(said[job.state])}</p>
    <div class="actions"><button type="button" class="button small-button" onClick=${() => act("go-on", { number: job.number })}>Go on</button></div></section>`;
}

/** What was found, a queue a check; what waits for a decision is first. */
function Found({ found, here, project, wasCleaned }) {
  const waiting = found.queues.reduce((sum, one) => sum + one.waiting, 0);
  const notes = [found.left_out && `${count(found.left_out, "photo")} left out of trainings`,
    found.relabelled && `${count(found.relabelled, "photo")} learnt from under another class than its folder's`].filter(Boolean);
  return html`<section aria-labelledby="found"><h2 class="title" id="found">${waiting ? `${count(waiting, "finding")} to decide about` : found.queues.length ? "Nothing waits for you" : wasCleaned ? "Nothing was found" : "Not looked through yet"}</h2>
    ${notes.length > 0 && html`<p class="small">${notes.join("; ")}.</p>`}
    <ul class="queues">${found.queues.map((queue) => html`<li key=${queue.name}>
      <a href=${`/review/${here}?queue=${encodeURIComponent(queue.name)}`}>
        <span class="pictures">${queue.pictures.map((name) => html`<img key=${name} src=${photoAt(project.name, name)} alt="" />`)}</span>
        <strong>${queue.title}</strong>
        <span class="small">${queue.help}</span>
        <span class="small">${count(queue.count, "photo")}${queue.waiting ? html`, <span class="waits">${queue.waiting} to decide</span>` : ", all decided"}</span>
      </a></li>`)}</ul>
    <p><a href=${`/review/${here}?queue=all`}>See all photos</a></p></section>`;
}

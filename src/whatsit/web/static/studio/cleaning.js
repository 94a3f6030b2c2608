// Cleaning: a job that looks for bad photos and copies, and what it found as queues to decide about.
import { html, useEffect, useState } from "./preact.js";
import { setApart } from "./names.js";
import { Bar, Command, tellWork, typed } from "./parts.js";
import { ask, at, photoAt } from "./talk.js";
import { _, ngettext, photos as counted } from "./translate.js";

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
    return html`<h1>${_("Clean")}</h1><p class="lead">${_("There are no photos to look at yet: <a>add some</a>.", { a: (words) => html`<a href=${`#/${here}/photos`}>${words}</a>` })}</p>`;
  }
  const begin = async () => { if (await act("clean", { deep: isDeep })) page.setNews(_("It looks at every photo. You may close this page: it goes on.")); };
  const takeBack = async () => {
    const undone = await act("undo-clean");
    if (undone === null) return;
    const { decisions, out } = undone;
    const stay = out && ngettext("{count} photo of these cannot be used and stays out.", "{count} photos of these cannot be used and stay out.", out);
    page.setNews([ngettext("{count} decision taken back.", "{count} decisions taken back.", decisions), stay].filter(Boolean).join(" "));
    look();
  };
  const command = `whatsit clean ${project.source}${isDeep ? " --deep" : ""}`;
  return html`<div class="cleaning">
    <h1>${_("Clean")}</h1>
    <p class="lead">${_("Finds photos that are broken, blank, blurred or too small, and copies of others. What is certain is left out of training; the rest waits for you. Nothing is deleted, and all of it can be taken back.")}</p>
    <label class="pick"><input type="checkbox" checked=${isDeep} disabled=${isBusy} onChange=${(event) => setDeep(event.target.checked)} />
      <span>${_("Look at what they show as well: crops of others, photos unlike their class, classes that look wrong")} <span class="small">${_("(takes longer)")}</span></span></label>
    <div class="actions"><button type="button" class="button main" disabled=${isBusy} onClick=${begin}>${_("Find bad photos and copies")}</button>
      ${found?.left_out > 0 && !isBusy && html`<button type="button" class="button" onClick=${takeBack}>${_("Take back what the last look left out")}</button>`}</div>
    ${job && html`<${Work} job=${job} act=${act} />`}
    ${found && html`<${Found} found=${found} here=${here} project=${project} wasCleaned=${job?.state === "done" || found.queues.length > 0} />`}
    <${Command} text=${typed(project, command, `whatsit review ${project.source}`)} />
  </div>`;
}

/** The cleaning that runs, or how the last one ended. */
function Work({ job, act }) {
  const stop = html`<button type="button" class="button small-button" onClick=${() => act("stop", { number: job.number })}>${_("Stop")}</button>`;
  if (job.state === "running") {
    return html`<section class="job" aria-label=${_("Looking at the photos")}><${Bar} what=${job.work ? tellWork(job.work.what) : _("Beginning")} done=${job.work?.done} total=${job.work?.total} unit=${_(job.work?.unit ?? "")} />
      <div class="actions">${stop}</div></section>`;
  }
  if (job.state === "waiting") return html`<section class="job" aria-label=${_("Waiting")}><p>${_("It begins by itself in a moment; after what is before it, if anything is.")}</p><div class="actions">${stop}</div></section>`;
  if (job.state === "done") return null;
  const said = { failed: `${job.sentence} ${job.hint}`, stopped: _("It was stopped. What it had looked at by then is kept."), killed: _("Its process has gone, perhaps with a restart of the computer. What it had looked at by then is kept.") };
  return html`<section class="job" aria-label=${_("The last look")}><p class=${job.state === "failed" ? "trouble" : ""}>${setApart(said[job.state])}</p>
    <div class="actions"><button type="button" class="button small-button" onClick=${() => act("go-on", { number: job.number })}>${_("Go on")}</button></div></section>`;
}

/** What was found, a queue a check; what waits for a decision is first. */
function Found({ found, here, project, wasCleaned }) {
  const waiting = found.queues.reduce((sum, one) => sum + one.waiting, 0);
  const notes = [found.left_out && ngettext("{count} photo left out of trainings", "{count} photos left out of trainings", found.left_out),
    found.relabelled && ngettext("{count} photo learnt from under another class than its folder's", "{count} photos learnt from under another class than its folder's", found.relabelled)].filter(Boolean);
  return html`<section aria-labelledby="found"><h2 class="title" id="found">${waiting ? ngettext("{count} finding to decide about", "{count} findings to decide about", waiting) : found.queues.length ? _("Nothing waits for you") : wasCleaned ? _("Nothing was found") : _("Not looked through yet")}</h2>
    ${notes.length > 0 && html`<p class="small">${notes.join("; ")}.</p>`}
    <ul class="queues">${found.queues.map((queue) => html`<li key=${queue.name}>
      <a href=${`/review/${here}?queue=${encodeURIComponent(queue.name)}`}>
        <span class="pictures">${queue.pictures.map((name) => html`<img key=${name} src=${photoAt(project.name, name)} alt="" />`)}</span>
        <strong>${queue.title}</strong>
        <span class="small">${queue.help}</span>
        <span class="small">${counted(queue.count)}, ${queue.waiting ? html`<span class="waits">${_("{count} to decide", { count: queue.waiting })}</span>` : _("all decided")}</span>
      </a></li>`)}</ul>
    <p><a href=${`/review/${here}?queue=all`}>${_("See all photos")}</a></p></section>`;
}

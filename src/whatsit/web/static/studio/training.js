// Training: one button, a time to choose, and what runs, waits and is done.
import { html, useEffect, useState } from "./preact.js";
import { setApart } from "./names.js";
import { bdi, Bar, Command, Interval, isSeveralRun, percent, seconds, tellWork, typed } from "./parts.js";
import { ask, at } from "./talk.js";
import { _, listed, ngettext, photos as counted } from "./translate.js";

const TIMES = [["", _("As little as it needs"), _("seconds to a few minutes")], ["2m", _("2 minutes"), ""], ["10m", _("10 minutes"), ""], ["1h", _("1 hour"), ""]];
const SAID = { waiting: _("Waits for its turn"), running: _("Is learning"), done: _("Done"), failed: _("Did not work"), stopped: _("Stopped"), killed: _("Was cut off") };
const NAMED = 6; // classes that are named one by one

export function Training({ project, act, page }) {
  const [time, setTime] = useState("");
  const [isBusy, setBusy] = useState(false);
  const filled = project.classes.filter((one) => one.count);
  const isReady = filled.length > 1;
  const { photos } = project;
  const [found, setFound] = useState(null);
  useEffect(() => { ask(at(project.name, "findings")).then(setFound, (error) => page.setTrouble(error.message)); }, [project.name, project.undo, photos]);
  const waiting = (found?.queues ?? []).reduce((sum, one) => sum + one.waiting, 0);
  const train = async () => {
    setBusy(true);
    if (await act("train", { time })) page.setNews(_("Training has begun. You may close this page: it goes on."));
    setBusy(false);
  };
  return html`<div class="training">
    <h1>${_("Train")}</h1>
    ${isReady ? html`<p class="lead">${wanted(project, filled, counted(photos - (found?.left_out ?? 0)), found?.left_out ?? 0)}
      ${waiting > 0 && html` <a href=${`#/${encodeURIComponent(project.name)}/clean`}>${ngettext("{count} finding of cleaning waits for you", "{count} findings of cleaning wait for you", waiting)}</a>.`}</p>`
      : html`<p class="lead">${_("There is nothing to tell apart yet: <a>add photos</a> of at least two classes.", { a: (words) => html`<a href=${`#/${encodeURIComponent(project.name)}/photos`}>${words}</a>` })}</p>`}
    ${project.few_recordings.length > 0 && isReady && html`<p class="careful">${_("Of {names} there are fewer than three recordings. It will be measured on frames beside those it learnt from, so the figure will look better than it is. Record each again, in another place.", { names: list(project.few_recordings) })}</p>`}
    <fieldset class="times" disabled=${!isReady}>
      <legend>${_("How long may it take?")}</legend>
      ${TIMES.map(([value, text, more]) => html`<label key=${value}><input type="radio" name="time" value=${value} checked=${time === value}
        onChange=${() => setTime(value)} /> <span>${text}${more && html` <span class="small">(${more})</span>`}</span></label>`)}
    </fieldset>
    <p><button type="button" class="button main large-button" disabled=${!isReady || isBusy} onClick=${train}>${_("Train")}</button></p>
    <ul class="jobs">${project.jobs.filter((job) => job.verb === "train").map((job) => html`<li key=${job.number}><${Job} job=${job} project=${project} act=${act} /></li>`)}</ul>
  </div>`;
}

/** What it will learn, and from how many photos. */
function wanted(project, filled, photos, leftOut) {
  const told = { names: list(filled.map((one) => one.name)), photos };
  const sentence = project.several ? _("It will learn to say which of {names} a photo shows, from {photos}", told) : _("It will learn to tell {names} apart, from {photos}", told);
  return html`${sentence}${leftOut > 0 && `; ${ngettext("{count} more is left out", "{count} more are left out", leftOut)}`}.`;
}

function Job({ job, project, act }) {
  const run = project.runs.find((one) => one.name === job.run);
  const isOver = !["waiting", "running"].includes(job.state);
  const canGoOn = ["stopped", "killed", "failed"].includes(job.state);
  return html`<article class=${`job ${job.state}`} aria-label=${_("Training {name}", { name: job.run })}>
    <h2><bdi>${job.run}</bdi> <span class="state">${SAID[job.state]}</span></h2>
    ${job.state === "running" && html`<${Bar} what=${job.work ? inPlainWords(job.work.what) : _("Beginning")} done=${job.work?.done} total=${job.work?.total} unit=${_(job.work?.unit ?? "")} />`}
    ${job.state === "waiting" && html`<p class="small">${_("It begins by itself in a moment; after what is before it, if anything is.")}</p>`}
    ${job.curve.length > 1 && html`<${Curve} curve=${job.curve} />`}
    ${job.state === "failed" && html`<p class="trouble" lang="en">${setApart(`${job.sentence} ${job.hint}`)}</p>`}
    ${job.state === "killed" && html`<p class="small">${_("Its process has gone, perhaps with a restart of the computer. What it had learnt by then is kept.")}</p>`}
    ${job.state === "done" && run && html`<${Done} run=${run} project=${project} />`}
    <div class="actions">
      ${!isOver && html`<button type="button" class="button" onClick=${() => act("stop", { number: job.number })}>${_("Stop")}</button>`}
      ${canGoOn && html`<button type="button" class="button" onClick=${() => act("go-on", { number: job.number })}>${_("Go on")}</button>`}
      ${isOver && html`<button type="button" class="button" onClick=${() => act("forget", { number: job.number })}>${_("Take off this list")}</button>`}
    </div>
    ${job.lines.length > 0 && html`<details><summary>${_("What it said")}</summary><ul class="log">
      ${job.lines.map((line, place) => html`<li key=${place} class=${line.warns ? "warns" : ""} lang="en">${setApart(line.text)}</li>`)}</ul></details>`}
    <${Command} text=${typed(project, job.command)} />
  </article>`;
}

/** How good a run is, and what to do with it. */
function Done({ run, project }) {
  if (run.problem) return html`<p class="trouble">${setApart(run.problem)}</p>`;
  const [low, high] = run.interval;
  const where = `#/${encodeURIComponent(project.name)}`;
  const told = { share: html`<strong>${percent(run.accuracy)}</strong>`, photos: counted(run.n), low: percent(low), high: percent(high) };
  return html`<p class="figure-line">${isSeveralRun(run) ? _("{share} of {photos} it had not seen were right, with every class that they show.", told) : _("{share} of {photos} it had not seen were right.", told)}
      <span class="small">${_("With {photos}, the truth lies between {low} and {high} (95 times in 100)", told)}${run.seconds ? `; ${_("it took {time}", { time: seconds(run.seconds) })}` : ""}.</span></p>
    <${Interval} value=${run.accuracy} interval=${run.interval} label=${_("{share}, between {low} and {high}", { share: percent(run.accuracy), low: percent(low), high: percent(high) })} />
    ${run.warnings.map((text) => html`<p key=${text} class="careful" lang="en">${setApart(text)}</p>`)}
    <div class="actions">
      <a class="button main" href=${`${where}/try`}>${_("Try it")}</a>
      <a class="button" href=${`${where}/report/${encodeURIComponent(run.name)}`}>${_("Open the report")}</a>
    </div>`;
}

/** How often photos were answered rightly, round by round: those it learns from, and others. */
function Curve({ curve }) {
  const total = Math.max(curve.at(-1).epochs, curve.at(-1).epoch);
  const line = (key) => curve.map((row) => `${(100 * row.epoch) / total},${50 - 50 * row[key]}`).join(" ");
  const last = curve.at(-1);
  return html`<figure class="curve"><svg viewBox="0 0 100 50" preserveAspectRatio="none" role="img"
      aria-label=${_("Right after {rounds} rounds: {others} of other photos, {own} of those it learns from", { rounds: Math.floor(last.epoch), others: percent(last.val_accuracy), own: percent(last.accuracy) })}>
      <path class="grid-line" d="M0 12.5H100M0 25H100M0 37.5H100" />
      <polyline class="own" points=${line("accuracy")} /><polyline class="other" points=${line("val_accuracy")} /></svg>
    <figcaption class="small"><span class="key other"></span> ${_("right of photos set apart: {share}", { share: percent(last.val_accuracy) })}
      ${" "}<span class="key own"></span> ${_("of those it learns from: {share}", { share: percent(last.accuracy) })}</figcaption></figure>`;
}

/** What the library tells, for somebody who does not know its words. */
function inPlainWords(what) {
  const plain = [[/^Decoding/, _("Reading the photos")], [/^Computing features/, _("Looking at each photo")], [/^Asking the network/, _("Looking at each photo")],
    [/^Comparing heads/, _("Finding what tells them apart")], [/^Calibrating/, _("Learning how sure it may be")], [/^Measuring/, _("Asking it about photos it has not seen")]];
  return plain.find(([pattern]) => pattern.test(what))?.[1] ?? tellWork(what);
}

/** Names with "and" before the last; of many the first, and how many more. */
function list(names) {
  const more = names.length > NAMED ? [_("{count} more", { count: names.length - NAMED })] : [];
  return listed([...names.slice(0, NAMED).map(bdi), ...more]);
}

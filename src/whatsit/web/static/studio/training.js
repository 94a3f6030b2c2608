// Training: one button, a time to choose, and what runs, waits and is done.
import { html, useEffect, useState } from "./preact.js";
import { setApart } from "./names.js";
import { Bar, Command, Interval, isSeveralRun, percent, seconds, typed } from "./parts.js";
import { ask, at, count } from "./talk.js";

const TIMES = [["", "As little as it needs", "seconds to a few minutes"], ["2m", "2 minutes", ""], ["10m", "10 minutes", ""], ["1h", "1 hour", ""]];
const SAID = { waiting: "Waits for its turn", running: "Is learning", done: "Done", failed: "Did not work", stopped: "Stopped", killed: "Was cut off" };

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
    if (await act("train", { time })) page.setNews("Training has begun. You may close this page: it goes on.");
    setBusy(false);
  };
  return html`<div class="training">
    <h1>Train</h1>
    ${isReady ? html`<p class="lead">It will learn to ${project.several ? html`say which of ${list(filled.map((one) => one.name))} a photo shows` : html`tell ${list(filled.map((one) => one.name))} apart`}, from
      ${" "}${count(photos - (found?.left_out ?? 0), "photo")}${found?.left_out > 0 && `; ${found.left_out.toLocaleString("en")} more ${found.left_out === 1 ? "is" : "are"} left out`}.
      ${waiting > 0 && html` <a href=${`#/${encodeURIComponent(project.name)}/clean`}>${count(waiting, "finding")} of cleaning ${waiting === 1 ? "waits" : "wait"} for you</a>.`}</p>`
      : html`<p class="lead">There is nothing to tell apart yet: <a href=${`#/${encodeURIComponent(project.name)}/photos`}>add photos</a> of at least two classes.</p>`}
    ${project.few_recordings.length > 0 && isReady && html`<p class="careful">Of ${list(project.few_recordings)} there are fewer than three recordings.
      It will be measured on frames beside those it learnt from, so the figure will look better than it is. Record each again, in another place.</p>`}
    <fieldset class="times" disabled=${!isReady}>
      <legend>How long may it take?</legend>
      ${TIMES.map(([value, text, more]) => html`<label key=${value}><input type="radio" name="time" value=${value} checked=${time === value}
        onChange=${() => setTime(value)} /> <span>${text}${more && html` <span class="small">(${more})</span>`}</span></label>`)}
    </fieldset>
    <p><button type="button" class="button main large-button" disabled=${!isReady || isBusy} onClick=${train}>Train</button></p>
    <ul class="jobs">${project.jobs.filter((job) => job.verb === "train").map((job) => html`<li key=${job.number}><${Job} job=${job} project=${project} act=${act} /></li>`)}</ul>
  </div>`;
}

function Job({ job, project, act }) {
  const run = project.runs.find((one) => one.name === job.run);
  const isOver = !["waiting", "running"].includes(job.state);
  const canGoOn = ["stopped", "killed", "failed"].includes(job.state);
  return html`<article class=${`job ${job.state}`} aria-label=${`Training ${job.run}`}>
    <h2><bdi>${job.run}</bdi> <span class="state">${SAID[job.state]}</span></h2>
    ${job.state === "running" && html`<${Bar} what=${inPlainWords(job.work?.what ?? "Beginning")} done=${job.work?.done} total=${job.work?.total} unit=${job.work?.unit} />`}
    ${job.state === "waiting" && html`<p class="small">It begins by itself in a moment; after what is before it, if anything is.</p>`}
    ${job.curve.length > 1 && html`<${Curve} curve=${job.curve} />`}
    ${job.state === "failed" && html`<p class="trouble">${setApart(`${job.sentence} ${job.hint}`)}</p>`}
    ${job.state === "killed" && html`<p class="small">Its process has gone, perhaps with a restart of the computer. What it had learnt by then is kept.</p>`}
    ${job.state === "done" && run && html`<${Done} run=${run} project=${project} />`}
    <div class="actions">
      ${!isOver && html`<button type="button" class="button" onClick=${() => act("stop", { number: job.number })}>Stop</button>`}
      ${canGoOn && html`<button type="button" class="button" onClick=${() => act("go-on", { number: job.number })}>Go on</button>`}
      ${isOver && html`<button type="button" class="button" onClick=${() => act("forget", { number: job.number })}>Take off this list</button>`}
    </div>
    ${job.lines.length > 0 && html`<details><summary>What it said</summary><ul class="log">
      ${job.lines.map((line, place) => html`<li key=${place} class=${line.warns ? "warns" : ""}>${setApart(line.text)}</li>`)}</ul></details>`}
    <${Command} text=${typed(project, job.command)} />
  </article>`;
}

/** How good a run is, and what to do with it. */
function Done({ run, project }) {
  if (run.problem) return html`<p class="trouble">${setApart(run.problem)}</p>`;
  const [low, high] = run.interval;
  const where = `#/${encodeURIComponent(project.name)}`;
  return html`<p class="figure-line"><strong>${percent(run.accuracy)}</strong> of ${count(run.n, "photo")} it had not seen were right${isSeveralRun(run) ? ", with every class that they show" : ""}.
      <span class="small">With ${count(run.n, "photo")}, the truth lies between ${percent(low)} and ${percent(high)} (95 times in 100)${run.seconds ? `; it took ${seconds(run.seconds)}` : ""}.</span></p>
    <${Interval} value=${run.accuracy} interval=${run.interval} label=${`${percent(run.accuracy)}, between ${percent(low)} and ${percent(high)}`} />
    ${run.warnings.map((text) => html`<p key=${text} class="careful">${setApart(text)}</p>`)}
    <div class="actions">
      <a class="button main" href=${`${where}/try`}>Try it</a>
      <a class="button" href=${`${where}/report/${encodeURIComponent(run.name)}`}>Open the report</a>
    </div>`;
}

/** How often photos were answered rightly, round by round: those it learns from, and others. */
function Curve({ curve }) {
  const total = Math.max(curve.at(-1).epochs, curve.at(-1).epoch);
  const line = (key) => curve.map((row) => `${(100 * row.epoch) / total},${50 - 50 * row[key]}`).join(" ");
  const last = curve.at(-1);
  return html`<figure class="curve"><svg viewBox="0 0 100 50" preserveAspectRatio="none" role="img"
      aria-label=${`Right after ${Math.floor(last.epoch)} rounds: ${percent(last.val_accuracy)} of other photos, ${percent(last.accuracy)} of those it learns from`}>
      <path class="grid-line" d="M0 12.5H100M0 25H100M0 37.5H100" />
      <polyline class="own" points=${line("accuracy")} /><polyline class="other" points=${line("val_accuracy")} /></svg>
    <figcaption class="small"><span class="key other"></span> right of photos set apart: ${percent(last.val_accuracy)}
      ${" "}<span class="key own"></span> of those it learns from: ${percent(last.accuracy)}</figcaption></figure>`;
}

/** What the library tells, for somebody who does not know its words. */
function inPlainWords(what) {
  const plain = [[/^Decoding/, "Reading the photos"], [/^Computing features/, "Looking at each photo"], [/^Asking the network/, "Looking at each photo"],
    [/^Comparing heads/, "Finding what tells them apart"], [/^Calibrating/, "Learning how sure it may be"], [/^Measuring/, "Asking it about photos it has not seen"]];
  return plain.find(([pattern]) => pattern.test(what))?.[1] ?? what;
}

function list(names) {
  const shown = names.slice(0, 6).map((name, place) => html`<bdi key=${name}>${name}</bdi>${place < Math.min(names.length, 6) - 1 ? (place === names.length - 2 ? " and " : ", ") : ""}`);
  return html`${shown}${names.length > 6 ? ` and ${names.length - 6} more` : ""}`;
}

// Models beside each other: how good each is, whether two differ at all, which one is used, and how to take it along.
import { html, useState } from "./preact.js";
import { setApart } from "./names.js";
import { Command, Interval, isSeveralRun, percent, seconds, typed } from "./parts.js";
import { Phone, Take } from "./taking.js";
import { ask, at, count } from "./talk.js";

export function Results({ project, act, page }) {
  const [picked, setPicked] = useState([]);
  const [found, setFound] = useState(null);
  const here = encodeURIComponent(project.name);
  const good = project.runs.filter((one) => !one.problem);
  const used = project.live ? "live" : good[0]?.name;
  const pick = (name) => { setFound(null); setPicked((before) => (before.includes(name) ? before.filter((one) => one !== name) : [...before, name])); };
  const compare = async () => {
    try {
      const query = new URLSearchParams(picked.map((name) => ["run", name]));
      setFound(await ask(`${at(project.name, "compare")}?${query}`));
      page.setTrouble("");
    } catch (error) {
      page.setTrouble(error.message);
    }
  };
  const use = async (name) => { if (await act("live", { run: name })) page.setNews(`${name} is the one in use now.`); };
  if (!project.runs.length) {
    return html`<h1>Results</h1><p class="lead">There is no model yet. <a href=${`#/${here}/train`}>Train one</a>, and it stands here with what it can do.</p>`;
  }
  return html`<div class="results">
    <h1>Results</h1>
    <p class="lead">Each figure is of photos that the model had not seen; the band shows how sure the figure is.</p>
    <ul class="runs">${project.runs.map((run) => html`<li key=${run.name} class=${run.name === project.live ? "in-use" : ""}>${run.problem ? html`<h2><bdi>${run.name}</bdi></h2><p class="trouble">${setApart(run.problem)}</p>` : html`
      <h2><bdi>${run.name}</bdi> ${run.name === project.live && html`<span class="state">in use</span>`}</h2>
      <p class="figure-line"><strong>${percent(run.accuracy)}</strong> ${isSeveralRun(run) ? "with every class said right, " : "right "}of ${count(run.n, "photo")}
        <span class="small">between ${percent(run.interval[0])} and ${percent(run.interval[1])}; ${isSeveralRun(run) ? `mean average precision ${run.mean_average_precision.toFixed(3)}; ` : ""}${count(run.classes.length, "class")}${run.seconds ? `, trained in ${seconds(run.seconds)}` : ""}, ${(run.bytes / 1e6).toFixed(1)} MB</span></p>
      <${Interval} value=${run.accuracy} interval=${run.interval} label=${`${percent(run.accuracy)} right`} />
      <details><summary>Class by class</summary><table class="by-class"><thead><tr><th scope="col">class</th><th scope="col">${isSeveralRun(run) ? "found" : "right"}</th></tr></thead>
        <tbody>${run.per_class.map((one) => html`<tr key=${one.label}><th scope="row"><bdi>${one.label}</bdi></th><td>${one.right} of ${one.photos}</td></tr>`)}</tbody></table></details>
      <div class="actions">
        ${run.name !== project.live && (project.live || good.length > 1) && html`<button type="button" class="button" onClick=${() => use(run.name)}>Use this one</button>`}
        <a class="button" href=${`#/${here}/report/${encodeURIComponent(run.name)}`}>Open the report</a>
        ${good.length > 1 && html`<label class="pick"><input type="checkbox" checked=${picked.includes(run.name)} onChange=${() => pick(run.name)} /> compare</label>`}
      </div>
      <${Take} project=${project} run=${run} act=${act} />`}</li>`)}</ul>
    ${good.length > 1 && html`<section aria-labelledby="beside"><h2 class="title" id="beside">Beside each other</h2>
      ${picked.length < 2 ? html`<p class="small">Mark two models above to see whether they differ at all.</p>`
        : html`<p><button type="button" class="button main" onClick=${compare}>Compare ${picked.length} models</button></p>`}
      ${found && html`<ul class="sentences" role="status">${found.sentences.map((line) => html`<li key=${line}>${line}</li>`)}</ul>
        <${Command} text=${typed(project, `whatsit compare ${picked.map((name) => `runs/${name}`).join(" ")}`)} />`}</section>`}
    ${used && html`<${Phone} project=${project} run=${project.live || used} act=${act} page=${page} />`}
    <section aria-labelledby="elsewhere"><h2 class="title" id="elsewhere">Use it elsewhere</h2>
      <p>This command, given in a terminal, opens the model as a page with an API.</p>
      <${Command} label="A page and an API on this computer" text=${typed(project, `whatsit serve runs/${used}`)} />
      ${project.recipe && html`<${Command} label="The recipe: all that was trained, to be done again" text=${project.recipe} />`}</section>
  </div>`;
}

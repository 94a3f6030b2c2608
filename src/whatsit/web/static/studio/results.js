// Models beside each other: how good each is, whether two differ at all, which one is used, and how to take it along.
import { html, useState } from "./preact.js";
import { setApart } from "./names.js";
import { Command, Interval, isSeveralRun, percent, seconds, typed } from "./parts.js";
import { Phone, Take } from "./taking.js";
import { ask, at } from "./talk.js";
import { _, fixed, ngettext, photos } from "./translate.js";

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
  const use = async (name) => { if (await act("live", { run: name })) page.setNews(_("{name} is the one in use now.", { name })); };
  if (!project.runs.length) {
    return html`<h1>${_("Results")}</h1><p class="lead">${_("There is no model yet. <a>Train one</a>, and it stands here with what it can do.", { a: (words) => html`<a href=${`#/${here}/train`}>${words}</a>` })}</p>`;
  }
  return html`<div class="results">
    <h1>${_("Results")}</h1>
    <p class="lead">${_("Each figure is of photos that the model had not seen; the band shows how sure the figure is.")}</p>
    <ul class="runs">${project.runs.map((run) => html`<li key=${run.name} class=${run.name === project.live ? "in-use" : ""}>${run.problem ? html`<h2><bdi>${run.name}</bdi></h2><p class="trouble">${setApart(run.problem)}</p>` : html`
      <h2><bdi>${run.name}</bdi> ${run.name === project.live && html`<span class="state">${_("in use")}</span>`}</h2>
      <p class="figure-line">${right(run)}
        <span class="small">${facts(run)}</span></p>
      <${Interval} value=${run.accuracy} interval=${run.interval} label=${_("{share} right", { share: percent(run.accuracy) })} />
      <details><summary>${_("Class by class")}</summary><table class="by-class"><thead><tr><th scope="col">${_("class")}</th><th scope="col">${isSeveralRun(run) ? _("found") : _("right")}</th></tr></thead>
        <tbody>${run.per_class.map((one) => html`<tr key=${one.label}><th scope="row"><bdi>${one.label}</bdi></th><td>${_("{right} of {photos}", { right: one.right, photos: one.photos })}</td></tr>`)}</tbody></table></details>
      <div class="actions">
        ${run.name !== project.live && (project.live || good.length > 1) && html`<button type="button" class="button" onClick=${() => use(run.name)}>${_("Use this one")}</button>`}
        <a class="button" href=${`#/${here}/report/${encodeURIComponent(run.name)}`}>${_("Open the report")}</a>
        ${good.length > 1 && html`<label class="pick"><input type="checkbox" checked=${picked.includes(run.name)} onChange=${() => pick(run.name)} /> ${_("compare")}</label>`}
      </div>
      <${Take} project=${project} run=${run} act=${act} />`}</li>`)}</ul>
    ${good.length > 1 && html`<section aria-labelledby="beside"><h2 class="title" id="beside">${_("Beside each other")}</h2>
      ${picked.length < 2 ? html`<p class="small">${_("Mark two models above to see whether they differ at all.")}</p>`
        : html`<p><button type="button" class="button main" onClick=${compare}>${ngettext("Compare {count} model", "Compare {count} models", picked.length)}</button></p>`}
      ${found && html`<ul class="sentences" role="status">${found.sentences.map((line) => html`<li key=${line} lang="en">${line}</li>`)}</ul>
        <${Command} text=${typed(project, `whatsit compare ${picked.map((name) => `runs/${name}`).join(" ")}`)} />`}</section>`}
    ${used && html`<${Phone} project=${project} run=${project.live || used} act=${act} page=${page} />`}
    <section aria-labelledby="elsewhere"><h2 class="title" id="elsewhere">${_("Use it elsewhere")}</h2>
      <p>${_("This command, given in a terminal, opens the model as a page with an API.")}</p>
      <${Command} label=${_("A page and an API on this computer")} text=${typed(project, `whatsit serve runs/${used}`)} />
      ${project.recipe && html`<${Command} label=${_("The recipe: all that was trained, to be done again")} text=${project.recipe} />`}</section>
  </div>`;
}

/** How often a run is right. */
function right(run) {
  const told = { share: html`<strong>${percent(run.accuracy)}</strong>`, photos: photos(run.n) };
  return isSeveralRun(run) ? _("{share} with every class said right, of {photos}", told) : _("{share} right of {photos}", told);
}

/** How sure that is, and what else is known of a run. */
function facts(run) {
  const [low, high] = run.interval.map(percent);
  const precision = isSeveralRun(run) && _("mean average precision {figure}", { figure: fixed(run.mean_average_precision, 3) });
  const classes = ngettext("{count} class", "{count} classes", run.classes.length);
  const rest = [classes, run.seconds && _("trained in {time}", { time: seconds(run.seconds) }), `${fixed(run.bytes / 1e6, 1)} MB`];
  return [_("between {low} and {high}", { low, high }), precision, rest.filter(Boolean).join(", ")].filter(Boolean).join("; ");
}

// The report of a training where one is, and what it says to do next, each with the button that does it.
import { html, useEffect, useState } from "./preact.js";
import { isolate, setApart } from "./names.js";
import { bdi, Command, typed } from "./parts.js";
import { ask, at } from "./talk.js";
import { _ } from "./translate.js";

export function Report({ project, act, page, what: name }) {
  const [found, setFound] = useState(null);
  const here = encodeURIComponent(project.name);
  const address = `/report/${here}/${encodeURIComponent(name)}`;
  const run = project.runs.find((one) => one.name === name);
  useEffect(() => {
    setFound(null);
    ask(at(project.name, "steps", { run: name })).then(setFound, (error) => page.setTrouble(error.message));
  }, [name]);
  if (!run || run.problem) {
    return html`<h1>${_("Report")}</h1><p class="lead">${run ? setApart(run.problem) : _("There is no such model any more.")} <a href=${`#/${here}/results`}>${_("To the results")}</a></p>`;
  }
  const follow = async (number) => {
    const verb = await act("follow", { run: name, number });
    if (verb) location.hash = `#/${here}/${PLACES[verb]}`;
  };
  return html`<div class="report">
    <h1>${_("Report of {name}", { name: bdi(name) })}</h1>
    ${found?.steps.length > 0 && html`<section aria-labelledby="next"><h2 class="title" id="next">${_("What to do next")}</h2>
      <ol class="steps">${found.steps.map((step, place) => html`<li key=${step.what}>
        <p id=${`step-${place}`}><span lang="en"><strong>${setApart(step.what)}.</strong> ${setApart(step.why)}</span>
          ${step.photos.length > 0 && html` ${_("See {names}, below.", { names: step.photos.map((photo, number) => html`${number ? ", " : ""}<bdi key=${photo}>${photo}</bdi>`) })}`}</p>
        <${Do} step=${step} place=${place} project=${project} follow=${() => follow(place)} />
        ${step.command && html`<${Command} text=${typed(project, step.command)} />`}
        ${step.otherwise && html`<p lang="en">${setApart(step.otherwise)}</p>`}
        ${step.otherwise_command && html`<${Command} text=${typed(project, step.otherwise_command)} />`}</li>`)}</ol></section>`}
    <div class="actions"><a class="button" href=${`#/${here}/results`}>${_("All results")}</a>
      ${found?.has_report && html`<a class="button" href=${address} target="_blank" rel="noopener">${_("Open it in a tab of its own")}</a>`}</div>
    ${found?.has_report && html`<iframe class="framed" src=${address} title=${_("The report of {name}", { name: isolate(name) })}></iframe>`}
    ${found && !found.has_report && html`<p>${_("This model has no report beside it.")}</p>
      <${Command} label=${_("The command that writes it again")} text=${typed(project, `whatsit evaluate runs/${name}`)} />`}
  </div>`;
}

const PLACES = { train: "train", clean: "clean" }; // where one sees what a job does

/** The button that does a step: it lines up a job, or opens the page on which a person does it. */
function Do({ step, place, project, follow }) {
  const here = encodeURIComponent(project.name);
  const seen = { class: "button small-button", "aria-describedby": `step-${place}` };
  if (step.verb === "train") return html`<button type="button" ...${seen} onClick=${follow}>${_("Train again so")}</button>`;
  if (step.verb === "clean") return html`<button type="button" ...${seen} onClick=${follow}>${_("Look for them")}</button>`;
  if (step.verb === "review") return html`<a ...${seen} href=${`/review/${here}?queue=all`}>${_("Look at them")}</a>`;
  if (step.verb === "serve") return html`<a ...${seen} href=${`#/${here}/try`}>${_("Try it")}</a>`;
  if (project.classes.some((one) => one.name === step.label)) {
    return html`<a ...${seen} href=${`#/${here}/photos/${encodeURIComponent(step.label)}`}>${_("Go to the photos of {name}", { name: bdi(step.label) })}</a>`;
  }
  return html`<a ...${seen} href=${`#/${here}/photos`}>${_("Go to the photos")}</a>`;
}

// The report of a training where one is, and what it says to do next, each with the button that does it.
import { html, useEffect, useState } from "./preact.js";
import { isolate, setApart } from "./names.js";
import { Command, typed } from "./parts.js";
import { ask, at } from "./talk.js";

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
    return html`<h1>Report</h1><p class="lead">${run ? setApart(run.problem) : "There is no such model any more."} <a href=${`#/${here}/results`}>To the results</a></p>`;
  }
  const follow = async (number) => {
    const verb = await act("follow", { run: name, number });
    if (verb) location.hash = `#/${here}/${PLACES[verb]}`;
  };
  return html`<div class="report">
    <h1>Report of <bdi>${name}</bdi></h1>
    ${found?.steps.length > 0 && html`<section aria-labelledby="next"><h2 class="title" id="next">What to do next</h2>
      <ol class="steps">${found.steps.map((step, place) => html`<li key=${step.what}>
        <p id=${`step-${place}`}><strong>${setApart(step.what)}.</strong> ${setApart(step.why)}
          ${step.photos.length > 0 && html` See ${step.photos.map((photo, number) => html`${number ? ", " : ""}<bdi key=${photo}>${photo}</bdi>`)}, below.`}</p>
        <${Do} step=${step} place=${place} project=${project} follow=${() => follow(place)} />
        ${step.command && html`<${Command} text=${typed(project, step.command)} />`}
        ${step.otherwise && html`<p>${setApart(step.otherwise)}</p>`}
        ${step.otherwise_command && html`<${Command} text=${typed(project, step.otherwise_command)} />`}</li>`)}</ol></section>`}
    <div class="actions"><a class="button" href=${`#/${here}/results`}>All results</a>
      ${found?.has_report && html`<a class="button" href=${address} target="_blank" rel="noopener">Open it in a tab of its own</a>`}</div>
    ${found?.has_report && html`<iframe class="framed" src=${address} title=${`The report of ${isolate(name)}`}></iframe>`}
    ${found && !found.has_report && html`<p>This model has no report beside it.</p>
      <${Command} label="The command that writes it again" text=${typed(project, `whatsit evaluate runs/${name}`)} />`}
  </div>`;
}

const PLACES = { train: "train", clean: "clean" }; // where one sees what a job does

/** The button that does a step: it lines up a job, or opens the page on which a person does it. */
function Do({ step, place, project, follow }) {
  const here = encodeURIComponent(project.name);
  const seen = { class: "button small-button", "aria-describedby": `step-${place}` };
  if (step.verb === "train") return html`<button type="button" ...${seen} onClick=${follow}>Train again so</button>`;
  if (step.verb === "clean") return html`<button type="button" ...${seen} onClick=${follow}>Look for them</button>`;
  if (step.verb === "review") return html`<a ...${seen} href=${`/review/${here}?queue=all`}>Look at them</a>`;
  if (step.verb === "serve") return html`<a ...${seen} href=${`#/${here}/try`}>Try it</a>`;
  if (project.classes.some((one) => one.name === step.label)) {
    return html`<a ...${seen} href=${`#/${here}/photos/${encodeURIComponent(step.label)}`}>Go to the photos of <bdi>${step.label}</bdi></a>`;
  }
  return html`<a ...${seen} href=${`#/${here}/photos`}>Go to the photos</a>`;
}

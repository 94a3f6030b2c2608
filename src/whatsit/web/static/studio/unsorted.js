// Photos without a class: how they come in, the way to the page on which they are named, and into the classes.
import { html } from "./preact.js";
import { chosen as chosenFiles } from "./bringing.js";
import { setApart } from "./names.js";
import { Chooser, Command, typed } from "./parts.js";
import { SeveralSwitch } from "./several.js";
import { count } from "./talk.js";

export function Unsorted({ project, take, act, page, setLeft, undo, receive, isOver }) {
  const { unsorted } = project;
  const adding = html`<div class="actions">
    <${Chooser} text="Add photos to sort" take=${(files) => take(files.map((file) => ({ file, folder: "" })), unsorted.place)} />
    <${Chooser} text="Add a folder to sort" isFolder take=${(files) => take(chosenFiles(files), unsorted.place)} />
  </div>`;
  if (!unsorted.count) {
    return html`<details class=${`unsorted${isOver ? " over" : ""}`} ...${receive}>
      <summary>I do not know the classes yet: sort them</summary>
      <p class="small">Add photos as they are, all mixed. You name a few, and a model that learns from each answer suggests the rest.</p>
      ${adding}
    </details>`;
  }
  const named = unsorted.ready;
  const putIn = async () => {
    const done = await act("take-named");
    if (done) { page.setNews(done.sentence); setLeft(done.left); }
  };
  return html`<section class=${`unsorted${isOver ? " over" : ""}`} aria-labelledby="to-sort" ...${receive}>
    <h2 id="to-sort">${count(unsorted.count, "photo")} to sort</h2>
    <p>${unsorted.problem ? html`<span class="problem">${setApart(unsorted.problem)}</span>` : html`<${Said} unsorted=${unsorted} named=${named} />`}</p>
    <div class="actions">
      <a class=${`button${named ? "" : " main"}`} href=${`/sort/${encodeURIComponent(project.name)}`}>${named ? "Go on sorting" : "Sort"}</a>
      ${named > 0 && html`<button type="button" class="button main" onClick=${putIn}>Put ${count(named, "named photo")} into classes</button>`}
      ${!project.classes.length && project.undo && html`<button type="button" class="button" title=${setApart(`Undo: ${project.undo}`)} aria-keyshortcuts="z" onClick=${undo}>Undo</button>`}
    </div>
    ${named > 0 && html`<p class="small">What is suggested learns from the named photos that are still here, so name as many as you like first.</p>`}
    ${!project.classes.length && html`<${SeveralSwitch} project=${project} act=${act} page=${page} />`}
    <details><summary class="small">Add more</summary>${adding}</details>
    <${Command} label="The command that opens the same page" text=${typed(project, `whatsit review ${unsorted.source}${unsorted.labels ? ` --labels ${unsorted.labels}` : ""}`)} />
  </section>`;
}

/** How far the sorting is. */
function Said({ unsorted, named }) {
  if (!named && !unsorted.none) return "You name a few of them, and a model that learns from each answer suggests the rest.";
  const open = unsorted.count - named - unsorted.none;
  return html`${named > 0 && html`Named: ${unsorted.named.map((one, place) => html`${place ? ", " : ""}<bdi>${one.name}</bdi> ${one.count}`)}. `}
    ${open > 0 && `${count(open, "photo")} not named yet. `}
    ${unsorted.none > 0 && `Of none of the classes: ${count(unsorted.none, "photo")}, left out of trainings.`}`;
}

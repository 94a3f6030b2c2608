// Photos without a class: how they come in, the way to the page on which they are named, and into the classes.
import { html } from "./preact.js";
import { chosen as chosenFiles } from "./bringing.js";
import { setApart } from "./names.js";
import { Chooser, Command, typed } from "./parts.js";
import { SeveralSwitch } from "./several.js";
import { _, ngettext, photos } from "./translate.js";

export function Unsorted({ project, take, act, page, setLeft, undo, receive, isOver }) {
  const { unsorted } = project;
  const adding = html`<div class="actions">
    <${Chooser} text=${_("Add photos to sort")} take=${(files) => take(files.map((file) => ({ file, folder: "" })), unsorted.place)} />
    <${Chooser} text=${_("Add a folder to sort")} isFolder take=${(files) => take(chosenFiles(files), unsorted.place)} />
  </div>`;
  if (!unsorted.count) {
    return html`<details class=${`unsorted${isOver ? " over" : ""}`} ...${receive}>
      <summary>${_("I do not know the classes yet: sort them")}</summary>
      <p class="small">${_("Add photos as they are, all mixed. You name a few, and a model that learns from each answer suggests the rest.")}</p>
      ${adding}
    </details>`;
  }
  const named = unsorted.ready;
  const putIn = async () => {
    const done = await act("take-named");
    if (done) { page.setNews(done.sentence); setLeft(done.left); }
  };
  return html`<section class=${`unsorted${isOver ? " over" : ""}`} aria-labelledby="to-sort" ...${receive}>
    <h2 id="to-sort">${ngettext("{count} photo to sort", "{count} photos to sort", unsorted.count)}</h2>
    <p>${unsorted.problem ? html`<span class="problem">${setApart(unsorted.problem)}</span>` : html`<${Said} unsorted=${unsorted} named=${named} />`}</p>
    <div class="actions">
      <a class=${`button${named ? "" : " main"}`} href=${`/sort/${encodeURIComponent(project.name)}`}>${named ? _("Go on sorting") : _("Sort")}</a>
      ${named > 0 && html`<button type="button" class="button main" onClick=${putIn}>${ngettext("Put {count} named photo into classes", "Put {count} named photos into classes", named)}</button>`}
      ${!project.classes.length && project.undo && html`<button type="button" class="button" title=${setApart(_("Undo: {what}", { what: project.undo }))} aria-keyshortcuts="z" onClick=${undo}>${_("Undo")}</button>`}
    </div>
    ${named > 0 && html`<p class="small">${_("What is suggested learns from the named photos that are still here, so name as many as you like first.")}</p>`}
    ${!project.classes.length && html`<${SeveralSwitch} project=${project} act=${act} page=${page} />`}
    <details><summary class="small">${_("Add more")}</summary>${adding}</details>
    <${Command} label=${_("The command that opens the same page")} text=${typed(project, `whatsit review ${unsorted.source}${unsorted.labels ? ` --labels ${unsorted.labels}` : ""}`)} />
  </section>`;
}

/** How far the sorting is. */
function Said({ unsorted, named }) {
  if (!named && !unsorted.none) return _("You name a few of them, and a model that learns from each answer suggests the rest.");
  const open = unsorted.count - named - unsorted.none;
  return html`${named > 0 && html`${_("Named: {names}.", { names: unsorted.named.map((one, place) => html`${place ? ", " : ""}<bdi>${one.name}</bdi> ${one.count}`) })} `}
    ${open > 0 && `${ngettext("{count} photo not named yet.", "{count} photos not named yet.", open)} `}
    ${unsorted.none > 0 && _("Of none of the classes: {photos}, left out of trainings.", { photos: photos(unsorted.none) })}`;
}

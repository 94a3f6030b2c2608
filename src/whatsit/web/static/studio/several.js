// Where a photo may show several of the classes: the switch that says so, and the marks of photos that are chosen.
import { html } from "./preact.js";
import { _ } from "./translate.js";

export const NONE = "none"; // the folder of photos that show none of the classes
const BETWEEN = "+"; // the classes in the name of a folder

/** The classes that a photo shows, by its path: those that its folder is called by. */
export const labelsOf = (name) => {
  const folder = name.split("/")[0];
  return folder === NONE ? [] : folder.split(BETWEEN).map((one) => one.trim()).filter(Boolean);
};

/** Whether a photo may show several of the classes; nothing else of it is seen where it may not. */
export function SeveralSwitch({ project, act, page }) {
  const change = async (event) => {
    const wanted = event.target.checked;
    if (await act("several", { wanted }) === null) { event.target.checked = !wanted; return; }
    page.setNews(wanted ? _("A photo may show several of the classes now.") : _("A photo has one class now."));
  };
  return html`<label class="pick may-show"><input type="checkbox" checked=${Boolean(project.several)} onChange=${change} /> ${_("A photo may show several of these")}</label>`;
}

/** A button a class, pressed where all photos that are chosen show it. */
export function Marks({ names, classes, toggle, mark }) {
  const sets = names.map(labelsOf);
  const state = (label) => {
    const some = sets.filter((one) => one.includes(label)).length;
    return some === sets.length ? "true" : some ? "mixed" : "false";
  };
  return html`<div class="marks" role="group" aria-label=${_("What they show")}>
    ${classes.map(({ name }, place) => html`<button key=${name} type="button" class="button small-button" aria-pressed=${state(name)} onClick=${() => toggle(names, name)}>
      <bdi>${name}</bdi>${place < 9 && html`<kbd aria-hidden="true">${place + 1}</kbd>`}</button>`)}
    <button type="button" class="button small-button" disabled=${sets.every((one) => !one.length)} onClick=${() => mark(names, [], [])}>${_("None of these")}<kbd aria-hidden="true">0</kbd></button>
  </div>`;
}

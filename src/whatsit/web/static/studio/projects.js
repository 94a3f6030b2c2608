// The first page: what this is, the projects there are, and the way to a new one.
import { html, useState } from "./preact.js";
import { bdi } from "./parts.js";
import { ask, photoAt } from "./talk.js";
import { _, ngettext, photos } from "./translate.js";

export function Projects({ studio, page }) {
  const [name, setName] = useState("");
  const [isBusy, setBusy] = useState(false);
  const start = async (event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const made = await ask("/api/projects", { name: name.trim() || freeName(studio) });
      location.hash = `#/${encodeURIComponent(made.name)}/photos`;
    } catch (error) {
      page.setTrouble(error.message);
    }
    setBusy(false);
  };
  if (!studio) return html`<p class="lead" aria-busy="true">${_("Opening …")}</p>`;
  return html`
    <section class="welcome">
      <div>
        <h1>${_("Teach your computer to tell things apart")}</h1>
        <p class="lead">${_("Add photos of each thing, press Train, and try it with your camera. All of it happens on this computer: no photo leaves it.")}</p>
        <form class="start" onSubmit=${start}>
          <label for="name">${_("Name of the project")} <span class="small">${_("(you may leave it empty)")}</span></label>
          <span><input id="name" type="text" value=${name} onInput=${(event) => setName(event.target.value)} autocomplete="off" placeholder=${_("my mugs")} dir="auto" />
            <button class="button main" type="submit" disabled=${isBusy}>${_("Start")}</button></span>
        </form>
      </div>
      <${Picture} />
    </section>
    ${studio.projects.length > 0 && html`<h2 class="title">${_("Your projects")}</h2>
      <ul class="projects">${studio.projects.map((one) => html`<li key=${one.name}><a href=${`#/${encodeURIComponent(one.name)}/photos`}>
        <span class="pictures">${one.pictures.map((photo) => html`<img key=${photo} src=${photoAt(one.name, photo)} alt="" loading="lazy" />`)}
          ${!one.pictures.length && html`<span class="none">${one.unsorted ? _("not sorted yet") : _("no photos yet")}</span>`}</span>
        <strong dir="auto">${one.name}</strong>
        <span class="small">${[_("{photos} of {classes}", { photos: photos(one.photos), classes: ngettext("{count} class", "{count} classes", one.classes) }), one.unsorted && ngettext("{count} photo to sort", "{count} photos to sort", one.unsorted), one.runs && ngettext("{count} model", "{count} models", one.runs)].filter(Boolean).join(", ")}</span>
      </a></li>`)}</ul>`}
    <p class="small where">${_("Everything lies in {folder}.", { folder: bdi(studio.folder) })}</p>`;
}

/** `project 1`, or the first number that no project has. */
function freeName(studio) {
  const taken = new Set(studio.projects.map((one) => one.name.toLowerCase()));
  const name = (number) => _("project {number}", { number });
  let number = 1;
  while (taken.has(name(number).toLowerCase())) number += 1;
  return name(number);
}

// Photos of two kinds, and what is learnt from them.
function Picture() {
  return html`<svg class="picture" viewBox="0 0 340 220" role="img" aria-label=${_("Photos of cups and of leaves go in; a new photo is called a leaf.")}>
    <g class="stack"><rect x="22" y="34" width="84" height="64" rx="8" transform="rotate(-7 64 66)" />
      <rect x="24" y="30" width="84" height="64" rx="8" />
      <path class="cup" d="M48 46h30v24a10 10 0 0 1-10 10H58a10 10 0 0 1-10-10zM78 51h5a7 7 0 0 1 0 14h-5" /></g>
    <g class="stack"><rect x="22" y="132" width="84" height="64" rx="8" transform="rotate(6 64 164)" />
      <rect x="24" y="128" width="84" height="64" rx="8" />
      <path class="leaf" d="M46 176c0-26 14-36 40-36 0 28-14 40-36 38zM46 180c8-14 16-22 28-30" /></g>
    <path class="way" d="M118 62c34 0 30 48 56 48M118 160c34 0 30-48 56-48M226 111h34" />
    <circle class="core" cx="200" cy="111" r="25" /><path class="tick" d="M189 112l8 8 15-17" />
    <g class="stack"><rect x="262" y="74" width="66" height="52" rx="8" /><path class="leaf" d="M280 112c0-20 10-27 30-27 0 21-11 30-27 29z" /></g>
    <rect class="tag" x="262" y="134" width="66" height="24" rx="12" /><text x="295" y="150" text-anchor="middle">${_("leaf")}</text>
  </svg>`;
}

// Photos by words: what to look for, where, under which licence; what other machines are told; what came of it so far.
import { html, useEffect, useState } from "./preact.js";
import { setApart } from "./names.js";
import { bdi, Command, typed } from "./parts.js";
import { ask, at } from "./talk.js";
import { _, grouped, photos } from "./translate.js";

const WISHES = [["any", _("any, also where none is stated")], ["known", _("a stated licence")], ["commercial", _("a licence that allows commercial use")], ["public", _("nobody's: public domain")]];
const LICENCES = { unknown: _("not stated"), cc0: _("CC0 (public domain)"), pdm: _("public domain"), by: "CC BY", "by-sa": "CC BY-SA", "by-nd": "CC BY-ND", "by-nc": "CC BY-NC", "by-nc-sa": "CC BY-NC-SA", "by-nc-nd": "CC BY-NC-ND" };

export function ByWords({ project, act, page }) {
  const here = encodeURIComponent(project.name);
  const [known, setKnown] = useState(null);
  const [text, setText] = useState(project.classes.map((one) => one.name).join("\n"));
  const [chosen, setChosen] = useState(new Set());
  const [agreed, setAgreed] = useState(new Set());
  const [perClass, setPerClass] = useState(100);
  const [licence, setLicence] = useState("any");
  const [contact, setContact] = useState("");
  const job = project.jobs.find((one) => one.verb === "collect");
  const isBusy = job && ["waiting", "running"].includes(job.state);
  useEffect(() => {
    ask(at(project.name, "sources")).then((found) => {
      setKnown(found);
      setChosen((before) => (before.size ? before : new Set(found.sources.filter((one) => one.chosen).map((one) => one.name))));
      setAgreed((before) => new Set([...before, ...found.sources.filter((one) => one.agreed).map((one) => one.name)]));
      setContact((before) => before || found.contact);
    }, (error) => page.setTrouble(error.message));
  }, [project.name, job?.number, job?.state]);
  if (!known) return html`<h1>${_("Photos by words")}</h1><p class="lead" aria-busy="true">${_("One moment …")}</p>`;
  const toggle = (set, change, name) => { const next = new Set(set); if (!next.delete(name)) next.add(name); change(next); };
  const sources = known.sources.filter((one) => chosen.has(one.name));
  const lacks = sources.filter((one) => one.terms && !agreed.has(one.name));
  const begin = async (event) => {
    event.preventDefault();
    const body = { lines: text.split("\n"), sources: sources.map((one) => one.name), per_class: Number(perClass), licence, contact, agreed: [...agreed] };
    if (await act("collect", body)) page.setNews(_("It looks for photos. You may close this page: it goes on."));
  };
  return html`<div class="words">
    <h1>${_("Photos by words")}</h1>
    <p class="lead">${_("Looks for photos on the web and puts them into classes. This asks other machines: the sources you choose, and the hosts of the photos that they name. They are told the words, and how you can be reached; nothing else of yours.")}</p>
    ${job && html`<${Came} job=${job} act=${act} project=${project} />`}
    <form class="looking" onSubmit=${begin}>
      <label for="what">${_("What to look for, one thing a line")}</label>
      <textarea id="what" rows="5" dir="auto" required value=${text} onInput=${(event) => setText(event.target.value)} placeholder=${_("cup\nleaf = autumn leaf | green leaf")}></textarea>
      <p class="small">${_("After <code>=</code> other words to search with, if the name alone would find something else; <code>|</code> parts several searches.", { code: (words) => html`<code>${words}</code>` })}</p>
      <fieldset><legend>${_("Where")}</legend>
        ${known.sources.map((one) => html`<div key=${one.name} class="source"><label class="pick"><input type="checkbox" checked=${chosen.has(one.name)} onChange=${() => toggle(chosen, setChosen, one.name)} />
          <span>${one.title} <span class="small">(${one.states_licences ? _("states author and licence") : _("states no licence")})</span></span></label>
          ${one.terms && chosen.has(one.name) && html`<div class="careful"><p>${one.terms}</p><label class="pick"><input type="checkbox" checked=${agreed.has(one.name)} onChange=${() => toggle(agreed, setAgreed, one.name)} /> ${_("I have read this and agree")}</label></div>`}</div>`)}
      </fieldset>
      <div class="pair"><label>${_("Licence")} <select value=${licence} onChange=${(event) => setLicence(event.target.value)}>${WISHES.map(([name, said]) => html`<option key=${name} value=${name}>${said}</option>`)}</select></label>
        <label>${_("Photos of each")} <input type="number" min="1" max="2000" required value=${perClass} onInput=${(event) => setPerClass(event.target.value)} /></label>
        <label>${_("How you can be reached")} <input type="text" required value=${contact} onInput=${(event) => setContact(event.target.value)} placeholder=${_("you@example.org, or a page of yours")} /></label></div>
      <div class="actions"><button type="submit" class="button main" disabled=${isBusy || !sources.length || lacks.length > 0}>${_("Look for photos")}</button>
        <a class="button" href=${`#/${here}/photos`}>${_("Back to the photos")}</a></div>
    </form>
    ${known.licences.length > 0 && html`<section aria-labelledby="licences"><h2 class="title" id="licences">${_("Licences of the photos that came so")}</h2>
      <p>${known.licences.map((one, place) => `${place ? ", " : ""}${LICENCES[one.name] ?? one.name}: ${grouped(one.count)}`)}.</p>
      <p class="small">${_("Who made each, and where: {file}. Some allow less than you may want to do with a model: read them before you publish.", { file: bdi(`${project.folder}/ATTRIBUTION.md`) })}</p></section>`}
  </div>`;
}

/** What was collected so far, class by class. */
function Came({ job, act, project }) {
  const isOn = ["waiting", "running"].includes(job.state);
  const said = { running: _("Looking for photos …"), waiting: _("About to begin …"), done: _("What came of it"), failed: _("It did not work"), stopped: _("Stopped"), killed: _("Was cut off") };
  const lost = ({ duplicate, conflict, bad, later }) => [duplicate && _("{count} already there", { count: duplicate }), conflict && _("{count} of another class", { count: conflict }),
    bad && _("{count} of no use", { count: bad }), later && _("{count} asked again later", { count: later })].filter(Boolean).join(", ");
  return html`<section class="job" aria-label=${_("Looking for photos")}>
    <h2>${said[job.state]}</h2>
    ${job.state === "failed" && html`<p class="trouble" lang="en">${setApart(`${job.sentence} ${job.hint}`)}</p>`}
    <ul class="yield">${Object.entries(job.collected).map(([name, states]) => html`<li key=${name}>
      <p><strong><bdi>${name}</bdi></strong> <span class="small">${states.goal ? _("{photos} of {goal}", { photos: photos(states.kept ?? 0), goal: states.goal }) : photos(states.kept ?? 0)}${lost(states) ? `; ${lost(states)}` : ""}</span></p>
      <progress aria-label=${name} max=${states.goal || undefined} value=${states.goal ? Math.min(states.kept ?? 0, states.goal) : undefined}></progress></li>`)}</ul>
    ${!isOn && job.lines.length > 0 && html`<ul class="log">${job.lines.map((line, place) => html`<li key=${place} class=${line.warns ? "warns" : ""} lang="en">${setApart(line.text)}</li>`)}</ul>`}
    <div class="actions">
      ${isOn ? html`<button type="button" class="button" onClick=${() => act("stop", { number: job.number })}>${_("Stop")}</button>`
        : html`${job.state !== "done" && html`<button type="button" class="button" onClick=${() => act("go-on", { number: job.number })}>${_("Go on")}</button>`}
          <button type="button" class="button" onClick=${() => act("forget", { number: job.number })}>${_("Take off this list")}</button>`}
    </div>
    <${Command} text=${typed(project, job.command)} />
  </section>`;
}

// Trying a model: a photo, or the camera as it moves; why it says so; and putting a wrong answer right.
import { aside, headline, isSeveral, isUnsure, percent, reveal, saidOf, SHOWN, sureness } from "./answer.js";
import { frame, useCamera } from "./camera.js";
import { heatLayer, heatWords } from "./heat.js";
import { isolate, setApart } from "./names.js";
import { bdi } from "./parts.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { NONE } from "./several.js";
import { ask, at, newBatch } from "./talk.js";
import { _, fixed } from "./translate.js";

const LIVE_SIDE = 384; // pixels of the longer side that are sent of a live picture
const PACE_MS = 60; // at least so long between two of them: the page stays smooth

export function Trying({ project, look, page }) {
  const runs = project.runs.filter((one) => !one.problem);
  const [wanted, setWanted] = useState("");
  const [photo, setPhoto] = useState(null);
  const [isLive, setLive] = useState(false);
  const [over, setOver] = useState(false);
  const run = runs.find((one) => one.name === wanted) ?? runs.find((one) => one.name === project.live) ?? runs[0];
  const give = (files) => { const file = [...files].find((one) => one.type.startsWith("image/") || !one.type); if (file) { setLive(false); setPhoto(file); } };
  useEffect(() => {
    const onPaste = (event) => { if (event.clipboardData.files.length) give(event.clipboardData.files); };
    addEventListener("paste", onPaste);
    return () => removeEventListener("paste", onPaste);
  }, []);
  if (!run) {
    return html`<div class="trying"><h1>${_("Try it")}</h1><p class="lead">${_("There is no model yet. <a>Train one</a> first.", { a: (words) => html`<a href=${`#/${encodeURIComponent(project.name)}/train`}>${words}</a>` })}</p></div>`;
  }
  const teach = async (blob, label) => { // a class, a list of those that it shows, or null for none that a model should know
    const photo = { name: `put-right-${newBatch().slice(0, 6)}.jpg`, batch: newBatch() };
    const folder = Array.isArray(label) ? label.join("+") || NONE : label;
    try {
      await ask(at(project.name, "photos", label === null ? { ...photo, none: 1 } : { ...photo, class: folder }), blob);
      page.setNews(label === null ? _("Kept as none of the classes. No training learns from it.") : folder === NONE ? _("Added to those that show none. The next training learns from it.")
        : _("Added to {names}. The next training learns from it.", { names: [label].flat().join(", ") }));
      look();
      return true;
    } catch (error) {
      page.setTrouble(error.message);
      return false;
    }
  };
  return html`<div class=${`trying${over ? " over" : ""}`} onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)} onDrop=${(event) => { event.preventDefault(); setOver(false); give(event.dataTransfer.files); }}>
    <h1>${_("Try it")}</h1>
    ${runs.length > 1 && html`<label class="which">${_("Which model")} <select value=${run.name} onChange=${(event) => setWanted(event.target.value)}>
      ${runs.map((one) => html`<option key=${one.name} value=${one.name}>${one.name === project.live ? _("{name} (in use)", { name: one.name }) : one.name}</option>`)}</select></label>`}
    <div class="drop">
      <p>${_("Show it a photo that it has not seen<mouse>: drop one here, paste one, or</mouse>", { mouse: (words) => html`<span class="by-mouse">${words}</span>` })}</p>
      <div class="ways"><label class="button choose-files main">${_("Choose a photo")}
        <input type="file" accept="image/*,.heic,.heif,.avif" onChange=${(event) => { give(event.target.files); event.target.value = ""; }} /></label>
        <button type="button" class="button" aria-pressed=${isLive} onClick=${() => { setPhoto(null); setLive(!isLive); }}>${isLive ? _("Close the camera") : _("Use the camera")}</button></div>
      <p class="private">${_("The photo stays on this computer.")}</p>
    </div>
    ${isLive && html`<${Live} key=${run.name} project=${project} run=${run} teach=${teach} page=${page} />`}
    ${photo && html`<${One} key=${`${run.name}:${photo.name}:${photo.lastModified}`} photo=${photo} project=${project} run=${run} teach=${teach} />`}
  </div>`;
}

/** The answer about one photo. */
function One({ photo, project, run, teach }) {
  const [answer, setAnswer] = useState(null);
  const [trouble, setTrouble] = useState("");
  const [picture, setPicture] = useState("");
  const [why, setWhy] = useState(null);
  const layer = useRef(null);
  const box = useRef(null);
  useEffect(() => {
    const address = URL.createObjectURL(photo);
    setPicture(address);
    ask(at(project.name, "ask", { run: run.name }), photo).then(setAnswer,
      (error) => setTrouble(error.message));
    return () => URL.revokeObjectURL(address);
  }, []);
  useEffect(() => { reveal(box.current); }, [Boolean(answer)]);
  useEffect(() => { if (why && layer.current) layer.current.replaceChildren(heatLayer(why)); }, [why]);
  const explain = async () => {
    if (why) { setWhy(null); return; }
    try {
      setWhy(await ask(at(project.name, "why", { run: run.name, class: answer.label }), photo));
    } catch (error) {
      setTrouble(error.message);
    }
  };
  return html`<div ref=${box} class=${`result${manner(answer)}`} aria-busy=${!answer && !trouble}>
    <figure class="photo"><div class=${`seen${why ? " grey" : ""}`}><img src=${picture} alt=${_("Your photo")} />${why && html`<div class="heat" ref=${layer}></div>`}</div>
      ${why && html`<figcaption class="small">${heatWords(why, isolate(answer.label))}</figcaption>`}</figure>
    <div class="said">
      <p class="quiet" role="status">${answer ? `${headline(answer)} ${sureness(answer)}` : ""}</p>
      ${trouble ? html`<p class="trouble" role="alert">${setApart(trouble)}</p>` : !answer ? html`<p class="verdict">${_("Looking …")}</p>` : html`
        <${Said} answer=${answer} />
        <div class="actions"><button type="button" class="button" aria-pressed=${Boolean(why)} onClick=${explain}>${_("Why?")}</button></div>
        <${PutRight} project=${project} answer=${answer} give=${(label) => teach(photo, label)} />`}
    </div>
  </div>`;
}

/** What the camera sees, answered as it moves. */
function Live({ project, run, teach, page }) {
  const video = useRef(null);
  const [answer, setAnswer] = useState(null);
  const [pace, setPace] = useState(0);
  const [held, setHeld] = useState(null); // a picture that is being put right
  const box = useRef(null);
  const { trouble, isOn } = useCamera(video, true);
  useEffect(() => { reveal(box.current); }, []);
  useEffect(() => {
    if (!isOn || held) return undefined;
    let isGone = false;
    const times = [];
    const loop = async () => {
      while (!isGone) {
        const began = performance.now();
        try {
          if (document.hidden) { await new Promise((resolve) => setTimeout(resolve, 300)); continue; }
          const photo = await frame(video.current, LIVE_SIDE, 0.8);
          const found = await ask(at(project.name, "ask", { run: run.name }), photo);
          if (isGone) return;
          setAnswer(found);
          times.push(performance.now());
          while (times.length > 12) times.shift();
          if (times.length > 3) setPace((1000 * (times.length - 1)) / (times.at(-1) - times[0]));
        } catch (error) {
          if (!isGone) page.setTrouble(error.message);
          return;
        }
        const rest = PACE_MS - (performance.now() - began);
        if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      }
    };
    loop();
    return () => { isGone = true; };
  }, [isOn, held]);
  const hold = async () => {
    if (held) { setHeld(null); video.current.play(); return; }
    video.current.pause();
    setHeld(await frame(video.current));
  };
  return html`<div ref=${box} class=${`result live${manner(answer)}`}>
    <figure class="photo"><div class="seen"><video ref=${video} muted playsinline aria-label=${_("What the camera sees")}></video></div></figure>
    <div class="said">
      ${trouble ? html`<p class="trouble" role="alert">${setApart(trouble)}</p>` : !answer ? html`<p class="verdict">${_("Looking …")}</p>` : html`
        <${Said} answer=${answer} />
        <p class="small pace">${pace ? _("{count} answers a second", { count: fixed(pace, 0) }) : ""}</p>
        <div class="actions"><button type="button" class="button" onClick=${hold}>${held ? _("Go on") : _("That is wrong")}</button></div>
        ${held && html`<${PutRight} project=${project} answer=${answer} isOpen give=${async (label) => { if (await teach(held, label)) { setHeld(null); video.current.play(); return true; } return false; }} />`}`}
    </div>
  </div>`;
}

/** How a result looks whose answer is to be taken with care. */
const manner = (answer) => (!answer ? "" : !answer.known ? " strange" : isUnsure(answer) ? " unsure" : "");

/** An answer in words, and the likeliest classes as bars. */
function Said({ answer }) {
  const ranked = Object.entries(answer.probabilities).sort((one, other) => other[1] - one[1]).slice(0, isSeveral(answer) ? Math.max(SHOWN, answer.labels.length) : SHOWN);
  const best = answer.known && isSeveral(answer) ? answer.labels : [ranked[0]?.[0]];
  return html`<h2 class="verdict"><bdi>${headline(answer)}</bdi> <span class="share">${sureness(answer)}</span></h2>
    <p class="aside">${aside(answer)}</p>
    <p class="small doubt">${answer.doubt}</p>
    <table class="bars" aria-label=${_("The likeliest classes")}><tbody>${ranked.map(([label, share]) => html`<tr key=${label} class=${best.includes(label) ? "best" : ""}>
      <th scope="row"><bdi>${label}</bdi></th>
      <td class="bar"><svg aria-hidden="true"><rect class="track" width="100%" height="100%" /><rect class="fill" width=${`${100 * share}%`} height="100%" /></svg></td>
      <td class="figure">${percent(share)}</td></tr>`)}</tbody></table>`;
}

/** What a photo really is: it goes to the photos of that class, accepted by hand. */
function PutRight({ project, answer, give, isOpen = false }) {
  if (project.several) return html`<${PutRightSeveral} project=${project} answer=${answer} give=${give} isOpen=${isOpen} />`;
  return html`<${PutRightOne} project=${project} answer=${answer} give=${give} isOpen=${isOpen} />`;
}

/** What a photo really shows, where that may be several classes: those that were said are pressed already. */
function PutRightSeveral({ project, answer, give, isOpen }) {
  const [shows, setShows] = useState(new Set(answer.known ? saidOf(answer) : []));
  const [given, setGiven] = useState(null);
  const [open, setOpen] = useState(isOpen);
  const names = project.classes.map((one) => one.name).filter((name) => shows.has(name));
  const press = (name) => { const next = new Set(shows); if (!next.delete(name)) next.add(name); setShows(next); };
  if (given) return html`<p class="small" role="status">${given.length ? _("Kept as {names}. The next training learns from it.", { names: given.map((name, place) => html`${place ? ", " : ""}<bdi>${name}</bdi>`) }) : _("Kept as showing none of the classes. The next training learns from it.")}</p>`;
  if (!open) return html`<button type="button" class="button" onClick=${() => setOpen(true)}>${_("That is wrong")}</button>`;
  return html`<fieldset class="right"><legend>${_("What does it show?")}</legend><div class="actions">
    ${project.classes.map(({ name }) => html`<button key=${name} type="button" class="button" aria-pressed=${shows.has(name)} onClick=${() => press(name)}><bdi>${name}</bdi></button>`)}</div>
    <div class="actions"><button type="button" class="button main" onClick=${async () => { if (await give(names)) setGiven(names); }}>${names.length ? _("It shows these") : _("It shows none of these")}</button>
    ${!isOpen && html`<button type="button" class="button" onClick=${() => setOpen(false)}>${_("Leave it")}</button>`}</div></fieldset>`;
}

function PutRightOne({ project, answer, give, isOpen }) {
  const [given, setGiven] = useState(undefined); // the class; null for none of them
  const [open, setOpen] = useState(isOpen);
  if (given === null) return html`<p class="small" role="status">${_("Kept as none of the classes, beside the photos to sort. No training learns from it.")}</p>`;
  if (given !== undefined) return html`<p class="small" role="status">${_("Kept as {names}. The next training learns from it.", { names: bdi(given) })}</p>`;
  if (!open) return html`<button type="button" class="button" onClick=${() => setOpen(true)}>${_("That is wrong")}</button>`;
  return html`<fieldset class="right"><legend>${_("What is it?")}</legend><div class="actions">
    ${project.classes.filter((one) => one.name !== answer.label || !answer.known).map((one) => html`<button key=${one.name} type="button" class="button"
      onClick=${async () => { if (await give(one.name)) setGiven(one.name); }}><bdi>${one.name}</bdi></button>`)}
    ${(answer.known || isOpen) && html`<button type="button" class="button" onClick=${async () => { if (await give(null)) setGiven(null); }}>${_("Not one of these")}</button>`}
    ${!isOpen && html`<button type="button" class="button" onClick=${() => setOpen(false)}>${_("Leave it")}</button>`}</div></fieldset>`;
}

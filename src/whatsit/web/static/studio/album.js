// The photos of a project: its classes, what comes in, and moving photos from one to the other.
import { html, useCallback, useEffect, useRef, useState } from "./preact.js";
import { bring, chosen as chosenFiles, dropped, named } from "./bringing.js";
import { Recorder } from "./camera.js";
import { Grid } from "./grid.js";
import { labelsOf, Marks, NONE, SeveralSwitch } from "./several.js";
import { setApart } from "./names.js";
import { Bar, bdi, Chooser } from "./parts.js";
import { ask, at, photoAt } from "./talk.js";
import { _, ngettext, photos as counted } from "./translate.js";
import { Unsorted } from "./unsorted.js";

const FEW = 10; // photos of a class below which more help a lot

export function Photos({ project, what, look, act, page }) {
  const [wanted, setLabel] = useState(what);
  const [photos, setPhotos] = useState([]);
  const [chosen, setChosen] = useState(new Set());
  const [coming, setComing] = useState(null);
  const [left, setLeft] = useState([]);
  const [camera, setCamera] = useState(false);
  const [large, setLarge] = useState("");
  const [over, setOver] = useState(""); // the class that something is dragged over, "*" for the page
  const { classes } = project;
  const { several } = project; // whether a photo may show several of the classes
  const none = several && several.none.count > 0 ? several.none : null; // those that show none of them
  const now = classes.find((one) => one.name === wanted) ?? (none?.name === wanted ? none : classes[0]); // what was chosen may have another name by now
  const label = now?.name ?? "";

  useEffect(() => { // a page that is closed now would leave the rest of them behind
    if (!coming) return undefined;
    const hold = (event) => event.preventDefault();
    addEventListener("beforeunload", hold);
    return () => removeEventListener("beforeunload", hold);
  }, [coming]);

  const stamp = `${project.moved}:${project.undo}:${now?.count ?? -1}`; // a move in and one out leave the count, and not the rest
  useEffect(() => {
    let isOld = false;
    if (!now) { setPhotos([]); return undefined; }
    ask(at(project.name, "photos", { class: label })).then((found) => {
      if (isOld) return;
      setPhotos(found.photos);
      setChosen((before) => new Set(found.photos.filter((name) => before.has(name))));
    }, (error) => page.setTrouble(error.message));
    return () => { isOld = true; };
  }, [label, stamp]);

  const makeClass = async (name) => {
    if (name === project.unsorted.place || (several && name === NONE)) return name;
    if (several && name.includes("+")) { for (const one of labelsOf(`${name}/`)) await makeClass(one); return name; }
    const known = classes.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
    if (known) return known.name;
    return (await ask(at(project.name, "make-class"), { name })).done;
  };
  const take = useCallback(async (given, into) => {
    if (!given.length) return;
    setLeft([]);
    page.setTrouble("");
    try {
      const came = await bring(project.name, given, into, setComing, makeClass);
      page.setNews(came.sentence);
      setLeft(came.skipped);
      if (!into && came.labels.length) setLabel(came.labels[0]);
    } catch (error) {
      page.setTrouble(error.message);
    }
    setComing(null);
    await look();
  }, [project.name, classes]);

  const add = async (name) => {
    const done = await act("make-class", { name });
    if (done) {
      setLabel(done);
      page.setNews(several && project.photos ? _("{name} is there. Photos that are here count as without it until you mark them.", { name: done }) : _("{name} is there. Add photos of it.", { name: done }));
    }
    return done;
  };
  const move = async (names, to) => {
    if (!names.length || to === label) return;
    if (several) { await mark(names, to === NONE ? [] : [to], []); return; }
    if (await act("move", { photos: names, class: to }) !== null) page.setNews(ngettext("{count} photo moved to {name}.", "{count} photos moved to {name}.", names.length, { name: to }));
  };
  const mark = async (names, labels, without) => {
    const now = await act("mark", { photos: names, classes: labels, without });
    if (now === null) return;
    const places = new Map(now.length === names.length ? names.map((name, place) => [name, now[place]]) : []);
    setPhotos((before) => before.map((name) => places.get(name) ?? name));
    setChosen((before) => new Set([...before].map((name) => places.get(name) ?? name)));
    const said = [labels.length && _("marked {names}", { names: labels.join(", ") }), without.length && _("no longer marked {names}", { names: without.join(", ") })].filter(Boolean).join(", ");
    page.setNews(_("{photos} {marked}.", { photos: counted(names.length), marked: said || _("marked none of these") }));
  };
  const toggle = async (names, name) => {
    const has = names.every((one) => labelsOf(one).includes(name));
    await mark(names, has ? [] : [name], has ? [name] : []);
  };
  const byNumber = (place, names) => {
    if (place < 0) { if (several && names.length) mark(names, [], []); return; }
    if (!classes[place] || !names.length) return;
    if (several) toggle(names, classes[place].name);
    else move(names, classes[place].name);
  };
  const remove = async (names) => {
    if (names.length && await act("remove", { photos: names }) !== null) page.setNews(ngettext("{count} photo removed.", "{count} photos removed.", names.length));
  };
  const undo = async () => { const what = await act("undo"); if (what) page.setNews(_("Undone: {what}.", { what })); };
  const latest = useRef({});
  latest.current = { take, undo, label, hasClass: Boolean(now), canUndo: project.undo };
  useEffect(() => {
    const isTyping = (event) => event.target.matches?.("input, textarea, select");
    const onKey = (event) => {
      if (isTyping(event) || document.querySelector("dialog[open]")) return;
      if ((event.key === "z" && !event.altKey) && latest.current.canUndo) { event.preventDefault(); latest.current.undo(); }
    };
    const onPaste = (event) => {
      const files = [...event.clipboardData.files];
      if (!isTyping(event) && files.length) latest.current.take(files.map((file) => ({ file, folder: "" })), latest.current.label);
    };
    addEventListener("keydown", onKey);
    addEventListener("paste", onPaste);
    return () => { removeEventListener("keydown", onKey); removeEventListener("paste", onPaste); };
  }, []);

  const receive = (into) => ({
    onDragOver: (event) => { event.preventDefault(); event.stopPropagation(); setOver(into || "*"); },
    onDragLeave: () => setOver(""),
    onDrop: async (event) => {
      event.preventDefault();
      event.stopPropagation();
      setOver("");
      const own = event.dataTransfer.getData("application/x-whatsit");
      if (own) { if (into && into !== project.unsorted.place) await move(JSON.parse(own), into); return; }
      const given = await dropped(event.dataTransfer);
      // onto the page, folders stand for classes; loose photos go to the class that is open, or are to be sorted
      const folders = given.some((one) => one.folder) || given.every((one) => /\.zip$/i.test(one.file.name));
      await take(given, into || (folders ? "" : label || project.unsorted.place));
    },
  });
  const keepFrame = async (photo, recording, number) => {
    const name = `${String(number).padStart(4, "0")}.jpg`;
    try {
      await ask(at(project.name, "photos", { class: label, name, batch: `rec${recording}`, recording }), photo);
      look();
      return true;
    } catch (error) {
      page.setTrouble(error.message);
      return false;
    }
  };
  const sorting = html`<${Unsorted} project=${project} take=${take} act=${act} page=${page} setLeft=${setLeft} undo=${undo}
    receive=${receive(project.unsorted.place)} isOver=${over === project.unsorted.place} />`;
  const toSort = project.unsorted.count > 0;
  if (!classes.length) {
    return html`${toSort && sorting}<${Empty} project=${project} add=${add} take=${take} receive=${receive("")} isOver=${over === "*"} coming=${coming} left=${left} />${!toSort && sorting}`;
  }
  return html`${toSort && sorting}<div class=${`album${over === "*" ? " dragging" : ""}`} ...${receive("")}>
    <h1 class="quiet">${_("Photos of {name}", { name: bdi(project.name) })}</h1>
    <aside class="classes-side" aria-label=${_("Classes")}>
      <ul class="class-list">${classes.map((one, place) => html`<li key=${one.name} ...${receive(one.name)}>
        <button type="button" class=${`class-card${over === one.name ? " over" : ""}`} aria-pressed=${one.name === label}
          onClick=${() => { setLabel(one.name); setLeft([]); setChosen(new Set()); }}>
          <bdi><strong>${one.name}</strong></bdi>
          <span class=${`small${one.count < FEW ? " low" : ""}`}>${counted(one.count)}</span>
          ${place < 9 && html`<kbd aria-hidden="true">${place + 1}</kbd>`}
        </button></li>`)}
        ${none && html`<li key="" ...${receive(NONE)}><button type="button" class=${`class-card${over === NONE ? " over" : ""}`} aria-pressed=${label === NONE}
          onClick=${() => { setLabel(NONE); setLeft([]); setChosen(new Set()); }}><strong>${_("None of these")}</strong>
          <span class="small">${counted(none.count)}</span><kbd aria-hidden="true">0</kbd></button></li>`}
      </ul>
      <${NewClass} add=${add} />
      <${SeveralSwitch} project=${project} act=${act} page=${page} />
      <p class="small"><a href=${`#/${encodeURIComponent(project.name)}/words`}>${_("Look for photos by words")}</a></p>
      ${!toSort && sorting}
      <${Ready} project=${project} />
    </aside>
    ${now && html`<section class="class-view" aria-labelledby="class-name">
      <div class="class-head">
        <h2 id="class-name">${now === none ? _("None of these") : bdi(label)} <span class="small">${counted(now.count)}</span></h2>
        <div class="actions">
          <${Chooser} text=${_("Add photos")} take=${(files) => take([...files].map((file) => ({ file, folder: "" })), label)} />
          <${Chooser} text=${_("Add a folder")} isFolder take=${(files) => take(chosenFiles(files), label)} />
          <button type="button" class="button" aria-pressed=${camera} onClick=${() => setCamera(!camera)}>${_("Camera")}</button>
          ${now !== none && html`<${More} key=${label} label=${label} classes=${classes} several=${several} act=${act} setLabel=${setLabel} page=${page} />`}
          <button type="button" class="button" disabled=${!project.undo} title=${project.undo ? setApart(_("Undo: {what}", { what: project.undo })) : ""}
            aria-keyshortcuts="z" onClick=${undo}>${_("Undo")}</button>
        </div>
      </div>
      ${coming && html`<${Bar} what=${_("Adding photos")} done=${coming.done} total=${coming.total || null} unit=${_("photos")} />`}
      ${left.length > 0 && html`<div class="left-out" role="alert"><p><strong>${_("Left out:")}</strong></p>
        <ul>${named(left).map((line) => html`<li key=${line}>${setApart(line)}</li>`)}</ul>
        <button type="button" class="button small-button" onClick=${() => setLeft([])}>${_("Close")}</button></div>`}
      ${camera && html`<${Recorder} key=${label} label=${label} keep=${keepFrame} close=${() => setCamera(false)} />`}
      ${now.count === 0 && !camera && html`<p class="hint">${_("No photos of {name} yet.", { name: bdi(label) })} <span class="by-mouse">${_("Drop some here, choose them, or use the camera.")}</span><span class="by-touch">${_("Add some, or use the camera.")}</span>${" "}
        ${_("Ten are a start, fifty are better: from all sides, in other light, on other grounds.")}</p>`}
      ${now.count > 0 && html`<${Grid} project=${project.name} label=${label} photos=${photos} chosen=${chosen} setChosen=${setChosen}
        open=${setLarge} shows=${several ? labelsOf : null} act=${{ remove, byNumber }} />`}
      ${now.count > 0 && html`<${Chosen} chosen=${chosen} setChosen=${setChosen} photos=${photos} label=${label} classes=${classes}
        several=${several} mark=${mark} toggle=${toggle} move=${move} remove=${remove} open=${setLarge} />`}
    </section>`}
    <div class="beside">
      <p class="small"><a href=${`#/${encodeURIComponent(project.name)}/clean`}>${_("Find bad photos and copies")}</a></p>
      <p class="small">${several ? _("The photos lie in {folder}, a folder for each class, and for each set of classes that a photo shows: beach+boats.", { folder: bdi(project.folder) })
        : _("The photos lie in {folder}, a folder for each class.", { folder: bdi(project.folder) })}</p>
    </div>
    ${large && html`<${Large} project=${project.name} name=${large} close=${() => setLarge("")} />`}
  </div>`;
}

/** A project without classes: what to do first. */
function Empty({ project, add, take, receive, isOver, coming, left }) {
  return html`<section class=${`first${isOver ? " over" : ""}`} ...${receive}>
    <h1>${_("What should it tell apart?")}</h1>
    <p class="lead">${_("Name the first thing, then the second, then as many as you like: a cup, a leaf, your cat.")}</p>
    <${NewClass} add=${add} isFirst />
    <p class="small by-mouse">${_("Or drop a folder here that has a folder of photos for each thing, or a .zip of it.")}</p>
    <div class="actions"><${Chooser} text=${_("Choose a folder")} isFolder take=${(files) => take(chosenFiles(files), "")} />
      <a class="button" href=${`#/${encodeURIComponent(project.name)}/words`}>${_("Look for photos by words")}</a></div>
    ${coming && html`<${Bar} what=${_("Adding photos")} done=${coming.done} total=${coming.total || null} unit=${_("photos")} />`}
    ${left.length > 0 && html`<ul class="left-out">${named(left).map((line) => html`<li key=${line}>${setApart(line)}</li>`)}</ul>`}
  </section>`;
}

function NewClass({ add, isFirst = false }) {
  const [name, setName] = useState("");
  const field = useRef(null);
  useEffect(() => { if (isFirst) field.current.focus(); }, []);
  const submit = async (event) => {
    event.preventDefault();
    if (await add(name)) setName("");
    field.current?.focus();
  };
  return html`<form class="new-class" onSubmit=${submit}>
    <label for="new-class">${isFirst ? _("The first thing") : _("Another class")}</label>
    <span><input id="new-class" ref=${field} type="text" dir="auto" value=${name} autocomplete="off" onInput=${(event) => setName(event.target.value)} />
      <button type="submit" class=${`button${isFirst ? " main" : ""}`}>${_("Add")}</button></span>
  </form>`;
}

/** What is still missing before a training makes sense. */
function Ready({ project }) {
  const filled = project.classes.filter((one) => one.count);
  const low = filled.filter((one) => one.count < FEW);
  if (filled.length < 2) return html`<p class="small">${_("Add photos of at least two classes, then train.")}</p>`;
  return html`<div class="ready">
    ${low.length > 0 && html`<p class="small">${_("{names}: with ten photos or more it learns better.", { names: low.map((one, place) => html`${place ? ", " : ""}<bdi>${one.name}</bdi>`) })}</p>`}
    <a class="button main" href=${`#/${encodeURIComponent(project.name)}/train`}>${_("Go on to Train")}</a>
  </div>`;
}

/** What is done rarely with a class: another name, putting it together with another, taking it away. */
function More({ label, classes, several, act, setLabel, page }) {
  const box = useRef(null);
  const [name, setName] = useState(label);
  const done = (text) => { page.setNews(text); if (box.current) box.current.open = false; };
  const rename = async (event) => {
    event.preventDefault();
    const now = await act("rename-class", { class: label, name });
    if (now) { setLabel(now); done(_("Now called {name}.", { name: now })); }
  };
  const merge = async (into) => {
    if (into && await act("merge", { class: label, into }) !== null) { setLabel(into); done(_("Put together with {name}.", { name: into })); }
  };
  const remove = async () => { if (await act("remove-class", { class: label }) !== null) done(several ? _("{name} removed. Photos that show another class too are still there. Undo brings it back.", { name: label }) : _("{name} removed. Undo brings it back.", { name: label })); };
  return html`<details class="more" ref=${box}><summary class="button">${_("More")}</summary><div class="menu">
    <form onSubmit=${rename}><label for="rename">${_("Another name")}</label>
      <span><input id="rename" type="text" dir="auto" value=${name} onInput=${(event) => setName(event.target.value)} /><button class="button" type="submit">${_("Rename")}</button></span></form>
    ${classes.length > 1 && html`<label>${_("Put together with")} <select onChange=${(event) => merge(event.target.value)}>
      <option value="">${_("choose a class")}</option>${classes.filter((one) => one.name !== label).map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}</select></label>`}
    <button type="button" class="button danger" onClick=${remove}>${_("Remove the class")}</button>
  </div></details>`;
}

/** What can be done with the photos that are chosen. */
function Chosen({ chosen, setChosen, photos, label, classes, several, mark, toggle, move, remove, open }) {
  const names = [...chosen];
  if (!names.length) {
    const key = { kbd: (name) => html`<kbd>${name}</kbd>` };
    return html`<p class="small keys by-keys">${_("Click photos to choose them, or use the arrows and space.")}${" "}
      ${several ? _("Then <kbd>1</kbd> to <kbd>9</kbd> marks them as showing a class, or as not showing it, <kbd>0</kbd> as showing none, <kbd>Delete</kbd> removes them, <kbd>z</kbd> undoes.", key)
        : _("Then <kbd>1</kbd> to <kbd>9</kbd> moves them to a class, <kbd>Delete</kbd> removes them, <kbd>z</kbd> undoes.", key)} ${_("<kbd>Enter</kbd> shows one large.", key)}</p>
      <p class="small keys by-touch">${_("Tap photos to choose them.")} ${several ? _("Then you can say what they show, remove them, or see one large.") : _("Then you can move them to another class, remove them, or see one large.")}</p>`;
  }
  return html`<div class="chosen" role="toolbar" aria-label=${_("Chosen photos")}>
    <strong>${ngettext("{count} photo chosen", "{count} photos chosen", names.length)}</strong>
    ${several && html`<${Marks} names=${names} classes=${classes} toggle=${toggle} mark=${mark} />`}
    ${!several && classes.length > 1 && html`<label>${_("Move to")} <select value="" onChange=${(event) => { move(names, event.target.value); event.target.value = ""; }}>
      <option value="">${_("choose a class")}</option>${classes.filter((one) => one.name !== label).map((one) => html`<option key=${one.name} value=${one.name}>${one.name}</option>`)}</select></label>`}
    <button type="button" class="button" onClick=${() => remove(names)}>${_("Remove")}</button>
    ${names.length === 1 && html`<button type="button" class="button" onClick=${() => open(names[0])}>${_("Larger")}</button>`}
    <button type="button" class="button" onClick=${() => setChosen(new Set(photos))}>${_("All")}</button>
    <button type="button" class="button" onClick=${() => setChosen(new Set())}>${_("None")}</button>
  </div>`;
}

function Large({ project, name, close }) {
  const dialog = useRef(null);
  useEffect(() => { dialog.current.showModal(); }, []);
  return html`<dialog class="large" ref=${dialog} aria-label=${name} onClose=${close} onClick=${(event) => { if (event.target === dialog.current) dialog.current.close(); }}>
    <img src=${photoAt(project, name, 1600)} alt=${name} />
    <p class="small"><bdi>${name}</bdi></p>
    <button type="button" class="button" onClick=${() => dialog.current.close()}>${_("Close")}</button>
  </dialog>`;
}

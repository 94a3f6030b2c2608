// The review page: a grid that holds only the photos in sight, and keys that decide.
// Texts from photos' names go into textContent only; nothing here builds HTML from strings.

import { percent } from "./answer.js";
import { LINES, MOST_CHIPS, UNKNOWN, facts, inWords, isUnseen, places, stale, stateOf, states } from "./known.js";
import { makeFilter, makeStrip } from "./labels.js";
import { setApart } from "./names.js";
import { $, ask, bdi, element } from "./page.js";
import { badge, drawFaces, shot } from "./shots.js";
import { _, grouped, ngettext } from "./translate.js";

const pane = $("pane"), space = $("space"), news = $("news"), trouble = $("trouble");
const LARGE = 2048; // pixels: as many as a large window has
const HIGHEST = 8_000_000; // pixels of the pane: browsers end at 17 to 33 million

let classes = [];
let onKeys = [];
let strip = null; // of several labels a photo
let sought = ""; // which photos of the queue are shown, as a query
let queues = [];
let queue = null; // { name, number, count, size, paired, photos, of, at: Map(row → position), asked: Map(begin → promise) }
let here = 0; // position in the queue that the keyboard is at
let anchor = 0; // where a selection with shift began
let chosen = new Set(); // positions
let place = 0; // of the last change heard of
let moment = 0; // changes with what is at hand and what is known of it
const cells = new Map(); // position → element
let columns = 1, wide = 200, tall = 200;

const listed = (text) => (strip ? text.split(";").filter(Boolean) : [text]); // as tables have labels
const say = (text) => { news.textContent = setApart(text); };
const attempt = (work) => work().then(() => { trouble.textContent = ""; }, (error) => { trouble.textContent = setApart(error.message); });

// --- queues -------------------------------------------------------------------------------------------------

async function openQueues(wanted) {
  const found = await ask("api/queues");
  classes = found.classes;
  place = found.place;
  onKeys = found.on_keys;
  classes.forEach((name, number) => places.set(name, number));
  if (found.several) labelPhotos();
  else listClasses();
  drawQueues(found.queues);
  const first = queues.find((one) => one.waiting) ?? queues.at(-1); // what waits for somebody, or all photos
  await openQueue(queues.some((one) => one.name === wanted) ? wanted : first.name);
}

// The bar of queues with what each has now. One that has become empty stays while it is open.
function drawQueues(now) {
  const emptied = queues.filter((one) => one.name === queue?.name && !now.some(({ name }) => name === one.name));
  queues = [...now.slice(0, -1), ...emptied.map((one) => ({ ...one, count: 0, waiting: 0 })), now.at(-1)];
  const bar = $("queues");
  const buttons = queues.map((one) => {
    const button = [...bar.children].find(({ dataset }) => dataset.name === one.name) ?? queueButton(one.name);
    const waits = one.waiting ? [" ", element("span", { class: "waits" }, _("{count} to decide", { count: one.waiting }))] : [];
    button.replaceChildren(`${one.title} ${grouped(one.count)}`, ...waits);
    return button;
  });
  if (buttons.length === bar.children.length && buttons.every((one, place) => one === bar.children[place])) return;
  const focused = document.activeElement;
  bar.replaceChildren(...buttons);
  if (buttons.includes(focused)) focused.focus({ preventScroll: true });
}

function queueButton(name) {
  const button = element("button", { type: "button", "data-name": name });
  button.addEventListener("click", () => attempt(() => openQueue(name)).then(() => pane.focus({ preventScroll: true })));
  return button;
}

function listClasses() {
  const label = $("label");
  label.replaceChildren(element("option", { value: "" }, _("choose")));
  classes.forEach((name, index) => {
    const key = onKeys[index] === name ? `${(index + 1) % 10} ` : "";
    label.append(element("option", { value: name }, key + name));
  });
}

function labelPhotos() {
  if (strip) return;
  strip = makeStrip(classes, onKeys, {
    rows: atHand, labelsOf: (row) => stateOf(row).labels, isUnseen, mark: markLabel,
    leave: () => { if (!$("large").open) pane.focus({ preventScroll: true }); },
  });
  makeFilter(classes, sought, (query) => { sought = query; attempt(() => openQueue(queue.name)); });
  for (const one of document.querySelectorAll("[data-of]")) one.hidden = one.dataset.of !== "several";
}

async function openQueue(name) {
  const found = await ask(`api/queue/${encodeURIComponent(name)}${sought && `?${sought}`}`);
  const { number, count, size, paired } = found;
  queue = { name, number, count, size, paired, photos: [], of: [], at: new Map(), asked: new Map() };
  queue.asked.set(found.begin, Promise.resolve());
  take(queue, found);
  for (const button of $("queues").children) button.setAttribute("aria-current", button.dataset.name === name);
  history.replaceState(null, "", `#${encodeURIComponent(name)}${sought && `?${sought}`}`);
  chosen = new Set();
  for (const cell of cells.values()) cell.remove();
  cells.clear();
  pane.scrollTop = 0;
  here = anchor = 0;
  measure();
  if (found.first) go(found.first, false); // the first that nobody has decided about
  const title = queues.find((one) => one.name === name)?.title ?? name;
  say(sought ? ngettext("{count} photo in {queue}, as chosen", "{count} photos in {queue}, as chosen", queue.count, { queue: title })
    : ngettext("{count} photo in {queue}", "{count} photos in {queue}", queue.count, { queue: title }));
  $("about").textContent = "";
  moment++;
  mark();
}

// A window of a queue: by position, so that what nobody looked at has no place.
function take(to, found) {
  found.photos.forEach((row, index) => {
    const position = found.begin + index;
    to.photos[position] = row;
    to.at.set(row, position);
    const [decision, labels, proposals] = [found.decisions[index], listed(found.labels[index]), found.proposals[row] ?? []];
    states.set(row, { decision, labels, proposals, by: found.others[row] ?? "" });
  });
  found.of.forEach((row, index) => {
    to.of[found.begin + index] = row;
    if (row >= 0 && !states.has(row)) states.set(row, { ...UNKNOWN, decision: found.beside[index] });
  });
}

// Ask for the windows that have some positions of the queue, each once.
function need(positions) {
  const of = queue;
  const begins = new Set();
  for (const position of positions) {
    if (position >= 0 && position < of.count) begins.add(position - (position % of.size));
  }
  return Promise.all([...begins].map((begin) => {
    if (!of.asked.has(begin)) {
      const asked = ask(`api/window/${of.number}?begin=${begin}`).then((found) => take(of, found));
      of.asked.set(begin, asked);
      asked.catch(() => of.asked.delete(begin)); // the next look asks again
    }
    return of.asked.get(begin);
  }));
}

// --- the grid: only what is in sight, and a screen around it ---------------------------------------------------

function measure() {
  const width = pane.clientWidth;
  const usual = (queue.paired ? 380 : 190) * (width < 600 ? 0.62 : 1);
  columns = Math.max(1, Math.floor(width / usual));
  wide = width / columns;
  tall = Math.round((queue.paired ? wide / 2 : wide) + 26);
  space.style.height = `${Math.min(whole(), HIGHEST)}px`;
  draw();
}

// Of hundreds of thousands of photos the pane would be higher than browsers make anything: then it is as high as
// they do, each pixel of its scroll bar stands for several, and cells lie where the pane is.
const whole = () => Math.ceil(queue.count / columns) * tall;
const pace = () => (whole() <= HIGHEST ? 1 : (whole() - pane.clientHeight) / (HIGHEST - pane.clientHeight));
const scrolled = () => pane.scrollTop * pace();

function lay(cell, position) {
  cell.style.width = `${wide}px`;
  cell.style.height = `${tall}px`;
  cell.style.transform = `translate(${(position % columns) * wide}px, ${Math.floor(position / columns) * tall - scrolled() + pane.scrollTop}px)`;
}

let waiting = false;
function drawSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
}

function draw() {
  if (!queue) return;
  const first = Math.max(0, Math.floor(scrolled() / tall) - 2) * columns;
  const last = Math.min(queue.count, (Math.ceil((scrolled() + pane.clientHeight) / tall) + 2) * columns);
  const free = [];
  for (const [position, cell] of cells) {
    if (position < first || position >= last) { cells.delete(position); free.push(cell); } else lay(cell, position);
  }
  const fresh = [];
  for (let position = first; position < last; position++) {
    if (cells.has(position)) continue;
    const cell = free.pop() ?? newCell();
    cells.set(position, cell);
    fill(cell, position);
    fresh.push(position);
  }
  for (const cell of free) cell.remove();
  if (fresh.length) loadSoon();
  mark();
}

function newCell() {
  const cell = element("div", { class: "cell", role: "option" }, element("div", { class: "frame" }), element("p", { dir: "auto" }));
  space.append(cell);
  return cell;
}

function fill(cell, position) {
  cell.id = `cell-${position}`;
  cell.position = position;
  lay(cell, position);
  cell.setAttribute("aria-posinset", position + 1);
  cell.setAttribute("aria-setsize", queue.count);
  cell.firstChild.replaceChildren(); // the photos come when scrolling pauses; see load
  cell.lastChild.replaceChildren();
  cell.title = cell.dataset.decision = "";
  describe(cell);
}

function describe(cell) {
  const row = queue.photos[cell.position];
  if (row === undefined) { cell.setAttribute("aria-label", _("on its way")); return; } // load tells it
  const state = stateOf(row);
  const known = facts.get(row);
  cell.dataset.decision = state.decision;
  const line = inWords(state);
  if (strip) cell.lastChild.replaceChildren(...chipsOf(row, state));
  else cell.lastChild.textContent = setApart(line);
  const found = known ? known.found.join("; ") : "";
  const unseen = strip && unseenOf(row).length ? _("nobody looked for {names}", { names: unseenOf(row).join(", ") }) : "";
  cell.setAttribute("aria-label", setApart([known ? known.name : _("photo {number}", { number: String(row) }), line, unseen, found].filter(Boolean).join(", ")));
  cell.title = setApart([known ? known.name : "", found].filter(Boolean).join("\n"));
}

// The line under a photo of several labels: what is proposed, what it has, and what nobody looked for. Drawn by the
// style: a screen reader hears it in the cell's name.
function chipsOf(row, { decision, labels, proposals, by }) {
  const chip = (says, text) => element("span", { class: "chip", "data-says": says, "data-text": setApart(text) });
  const said = LINES[decision] ? [chip("decision", LINES[decision])] : [];
  const asked = proposals.map(([label, isMarked]) => chip("asked", `${isMarked ? "−" : "+"} ${label}?`));
  const rest = labels.length - MOST_CHIPS;
  const has = labels.slice(0, MOST_CHIPS).map((label) => chip("has", label));
  if (rest > 0) has.push(chip("more", `+${rest}`));
  const unseen = unseenOf(row).map((label) => chip("unseen", `${label}?`));
  if (by) said.push(chip("by", _("by {name}", { name: by })));
  const all = [...said, ...asked, ...has, ...unseen];
  return all.length ? all : [chip("none", _("no labels"))];
}

const unseenOf = (row) => onKeys.filter((label) => isUnseen(row, label));

// Photos are asked for once scrolling is slow enough to see them: a fling through 100,000 asks for none between.
let loading = 0;
function loadSoon() {
  clearTimeout(loading);
  loading = setTimeout(() => attempt(load), 60);
}

async function load() {
  const asked = [], of = queue;
  const unknown = [...cells.keys()].filter((position) => queue.photos[position] === undefined);
  if (unknown.length) {
    await need(unknown);
    if (queue !== of) return;
  }
  need([Math.max(...cells.keys()) + queue.size / 2]).catch(() => {}); // what keys will come to soon
  for (const [position, cell] of cells) {
    const row = queue.photos[position];
    if (row === undefined) continue; // came into sight meanwhile, and is loaded next
    const twin = queue.of[position] ?? -1;
    if (!cell.firstChild.hasChildNodes()) {
      describe(cell);
      if (twin >= 0) cell.firstChild.append(shot(twin, 256, "of"));
      cell.firstChild.append(shot(row, 256, twin >= 0 ? "copy" : "", twin));
    }
    for (const one of [row, twin]) if (one >= 0 && (!facts.has(one) || stale.has(one))) asked.push(one);
  }
  if (!asked.length) return;
  const found = await ask(`api/facts?rows=${asked.slice(0, 500).join(",")}`);
  for (const one of found.photos) {
    facts.set(one.row, one);
    stale.delete(one.row);
  }
  moment++;
  for (const cell of cells.values()) {
    describe(cell);
    for (const one of cell.querySelectorAll(".shot")) drawFaces(one);
  }
  about();
}

function mark() {
  for (const [position, cell] of cells) {
    cell.classList.toggle("here", position === here);
    cell.setAttribute("aria-selected", chosen.has(position));
  }
  if (cells.has(here)) pane.setAttribute("aria-activedescendant", `cell-${here}`);
  else pane.removeAttribute("aria-activedescendant");
  about();
}

function about() {
  if (!queue || !queue.count) return;
  const known = facts.get(queue.photos[here]);
  const many = chosen.size > 1 ? `${_("{count} selected.", { count: chosen.size })} ` : "";
  const found = known && known.found.length ? setApart(` (${known.found.join("; ")})`) : "";
  const where = _("{place} of {count}: {name}", { place: here + 1, count: queue.count, name: bdi(known ? known.name : "…") });
  $("about").replaceChildren(many, ...where, found);
  drawProposal();
  if (strip && shown !== moment) strip.draw();
  shown = moment;
}
let shown = -1; // the moment that the chips show

// What a model that never saw the photo says of its label: a key accepts or refuses it.
function drawProposal() {
  const [proposal] = stateOf(queue.photos[here]).proposals;
  $("proposal").hidden = !proposal;
  if (!proposal) return;
  const [label, isMarked, probability] = proposal;
  const told = { name: bdi(label), share: probability === null ? "" : ` (${percent(probability)})` };
  const said = isMarked ? _("Marked {name}, but does not look like it{share}.", told)
    : strip ? _("Looks like {name}{share}, but is not marked so.", told) : _("Looks like {name}{share}.", told);
  $("proposed").replaceChildren(...said);
}

// --- going about ------------------------------------------------------------------------------------------------

function go(position, extend) {
  moment++;
  here = Math.min(queue.count - 1, Math.max(0, position));
  if (extend) {
    chosen = new Set();
    for (let one = Math.min(anchor, here); one <= Math.max(anchor, here); one++) chosen.add(one);
  } else {
    anchor = here;
    chosen = new Set();
  }
  const top = Math.floor(here / columns) * tall;
  if (top < scrolled()) pane.scrollTop = Math.floor(top / pace());
  else if (top + tall > scrolled() + pane.clientHeight) pane.scrollTop = Math.ceil((top + tall - pane.clientHeight) / pace());
  draw();
}

function toggle(position) {
  moment++;
  here = anchor = position;
  if (!chosen.delete(position)) chosen.add(position);
  mark();
}

space.addEventListener("click", (event) => {
  const cell = event.target.closest(".cell");
  if (!cell) return;
  pane.focus({ preventScroll: true });
  if (event.shiftKey) go(cell.position, true);
  else toggle(cell.position);
});
space.addEventListener("dblclick", (event) => { if (event.target.closest(".cell")) enlarge(); });

// --- deciding: sent one after another, in the order of the keys -----------------------------------------------------

let line = Promise.resolve();
const inLine = (work) => { line = line.then(() => attempt(work)); return line; };

function heard(answer) {
  place = answer.place;
  if (answer.queues) drawQueues(answer.queues);
  for (const [row, decision, text, proposals] of answer.states) {
    states.set(row, { decision, labels: listed(text), proposals, by: answer.others[row] ?? "" });
    if (strip) stale.add(row);
    const cell = cells.get(queue.at.get(row));
    if (cell) describe(cell);
  }
  if (answer.changed > answer.states.length) lookAgain();
  for (const one of space.querySelectorAll(".shot")) badge(one); // the photo beside another may have changed too
  moment++;
  if (answer.states.length && strip) loadSoon();
  about();
}

// So many photos changed that the answer does not name them: what is known of any may be old.
function lookAgain() {
  queue.photos = [];
  queue.of = [];
  queue.asked.clear();
  need(cells.keys()).then(() => {
    for (const cell of cells.values()) describe(cell);
    mark();
  }, (error) => { trouble.textContent = setApart(error.message); });
}

const positionsAtHand = () => (chosen.size ? [...chosen].sort((a, b) => a - b) : [here]);
const rowsAt = (of, positions) => positions.map((position) => of.photos[position]).filter((row) => row !== undefined);
const atHand = () => rowsAt(queue, positionsAtHand());

function decide(decision, label = "") {
  if (!queue.count) return;
  const of = queue, positions = positionsAtHand();
  const windows = need(positions); // of a selection some may never have been in sight
  const single = chosen.size === 0;
  if (single) go(here + 1, false);
  else { chosen = new Set(); moment++; mark(); }
  enlargeAgain();
  inLine(async () => {
    await windows;
    const rows = rowsAt(of, positions);
    heard(await ask("api/decide", { photos: rows, decision, label }));
    say(tellDecided(rows.length, decision, label));
    enlargeAgain();
  });
}

/** What was decided about so many photos. */
function tellDecided(count, decision, name) {
  const told = {
    "leave-out": () => ngettext("{count} photo left out. z undoes.", "{count} photos left out. z undoes.", count),
    keep: () => ngettext("{count} photo kept. z undoes.", "{count} photos kept. z undoes.", count),
    relabel: () => ngettext("{count} photo now {name}. z undoes.", "{count} photos now {name}. z undoes.", count, { name }),
    has: () => ngettext("{count} photo now with {name}. z undoes.", "{count} photos now with {name}. z undoes.", count, { name }),
    "has-not": () => ngettext("{count} photo now without {name}. z undoes.", "{count} photos now without {name}. z undoes.", count, { name }),
    "not-looked": () => ngettext("{count} photo where nobody looked for {name}. z undoes.", "{count} photos where nobody looked for {name}. z undoes.", count, { name }),
  };
  return told[decision]();
}

// One label of the photos at hand, which stay at hand. Shown at once, and taken back where it cannot be written.
function markLabel(label, decision, photos = atHand()) {
  if (!photos.length) return;
  const missing = positionsAtHand().some((position) => queue.photos[position] === undefined);
  if (missing) { attempt(() => need(positionsAtHand()).then(() => markLabel(label, decision))); return; }
  const before = new Map(photos.map((row) => [row, stateOf(row)]));
  for (const row of photos) {
    const { labels, proposals, ...rest } = stateOf(row);
    const others = labels.filter((one) => one !== label);
    const now = decision === "has" ? [...others, label].sort((a, b) => places.get(a) - places.get(b)) : others;
    states.set(row, { ...rest, by: "", labels: now, proposals: proposals.filter(([one]) => one !== label) });
    const known = facts.get(row);
    if (known) (known.looked ??= new Map()).set(label, decision === "not-looked");
  }
  describeAgain(photos);
  inLine(async () => {
    try {
      heard(await ask("api/decide", { photos, decision, label }));
    } catch (error) {
      for (const [row, state] of before) { states.set(row, state); facts.get(row)?.looked?.delete(label); }
      describeAgain(photos);
      throw error;
    }
    say(tellDecided(photos.length, decision, label));
    enlargeAgain();
  });
}

function describeAgain(photos) {
  for (const row of photos) {
    const cell = cells.get(queue.at.get(row));
    if (cell) describe(cell);
  }
  moment++;
  mark();
}

// The proposal of the photo at hand; where several are selected, for all that have the same one.
function answerProposal(accepts) {
  const [proposal] = stateOf(queue.photos[here]).proposals;
  if (!proposal) return;
  const [label, isMarked] = proposal;
  if (!strip) {
    decide(accepts ? "relabel" : "keep", accepts ? label : "");
    return;
  }
  const isSame = ([one, marked]) => one === label && marked === isMarked;
  const photos = atHand().filter((row) => stateOf(row).proposals.some(isSame));
  markLabel(label, isMarked === accepts ? "has-not" : "has", photos);
  if (chosen.size === 0 && !stateOf(queue.photos[here]).proposals.length) go(here + 1, false);
  enlargeAgain();
}

function undo() {
  inLine(async () => {
    const answer = await ask("api/undo", {});
    heard(answer);
    say(answer.changed ? ngettext("Undone for {count} photo.", "Undone for {count} photos.", answer.changed) : _("There is nothing more to undo."));
    const back = answer.states.map(([row]) => queue.at.get(row)).filter((position) => position !== undefined);
    if (back.length) go(back[0], false);
    enlargeAgain();
  });
}

function enlarge() {
  const row = queue.photos[here];
  if (row === undefined) {
    if (queue.count) attempt(() => need([here]).then(enlarge));
    return;
  }
  const twin = queue.of[here] ?? -1;
  const dialog = $("large");
  const shots = twin >= 0 ? [shot(twin, LARGE, "of"), shot(row, LARGE, "copy", twin)] : [shot(row, LARGE, "")];
  dialog.querySelector(".whole").replaceChildren(...shots);
  const line = inWords(stateOf(row));
  dialog.querySelector("figcaption > p").replaceChildren(...$("about").cloneNode(true).childNodes, line && " · ", setApart(line));
  if (dialog.open) return;
  dialog.querySelector("figcaption > p").after($("proposal"), $("marks")); // what is behind a dialog cannot be reached
  dialog.showModal();
}

// What was decided in the large view shows there: the next photo, or this one where it is the last.
function enlargeAgain() {
  if ($("large").open) enlarge();
}

function step(by) {
  const position = queues.findIndex((one) => one.name === queue.name) + by;
  if (queues[position]) attempt(() => openQueue(queues[position].name));
}

const MOVES = {
  ArrowRight: () => here + 1, ArrowLeft: () => here - 1, ArrowDown: () => here + columns, ArrowUp: () => here - columns,
  PageDown: () => here + columns * Math.max(1, Math.floor(pane.clientHeight / tall)),
  PageUp: () => here - columns * Math.max(1, Math.floor(pane.clientHeight / tall)),
  Home: () => 0, End: () => queue.count - 1,
};

document.addEventListener("keydown", (event) => {
  if (!queue || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
  const inDialog = $("large").open;
  if ($("keys").open) return;
  const onButton = event.target.closest("button") && (event.key === "Enter" || event.key === " ");
  if (onButton) return;
  if (MOVES[event.key] && (document.activeElement === pane || document.activeElement === document.body || inDialog)) {
    go(MOVES[event.key](), event.shiftKey);
    if (inDialog) enlarge();
  } else if (/^[0-9]$/.test(event.key) && onKeys[(Number(event.key) + 9) % 10] !== undefined) {
    const label = onKeys[(Number(event.key) + 9) % 10];
    if (strip) strip.mark(label);
    else decide("relabel", label);
  } else if (strip && event.shiftKey && /^Digit[1-9]$/.test(event.code) && onKeys[event.code[5] - 1] !== undefined) {
    strip.mark(onKeys[event.code[5] - 1], true);
  } else if (strip && event.key === "/") strip.open();
  else if (event.key === "a") answerProposal(true);
  else if (event.key === "r") answerProposal(false);
  else if (event.key === "x") decide("leave-out");
  else if (event.key === "k") decide("keep");
  else if (event.key === "z") undo();
  else if (event.key === " ") toggle(here);
  else if (event.key === "Enter") enlarge();
  else if (event.key === "[") step(-1);
  else if (event.key === "]") step(1);
  else if (event.key === "?") $("keys").showModal();
  else return;
  event.preventDefault();
});

$("keep").addEventListener("click", () => decide("keep"));
$("reject").addEventListener("click", () => decide("leave-out"));
$("accept").addEventListener("click", () => answerProposal(true));
$("refuse").addEventListener("click", () => answerProposal(false));
$("undo").addEventListener("click", undo);
$("larger").addEventListener("click", enlarge);
for (const button of document.querySelectorAll("#large [data-key]")) {
  button.addEventListener("click", () => {
    if (button.dataset.key === "close") $("large").close();
    else if (button.dataset.key in MOVES) { go(MOVES[button.dataset.key](), false); enlarge(); }
    else decide(button.dataset.key);
  });
}
$("help").addEventListener("click", () => $("keys").showModal());
$("label").addEventListener("change", (event) => {
  if (event.target.value) decide("relabel", event.target.value);
  event.target.value = "";
  pane.focus({ preventScroll: true });
});
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => pane.focus({ preventScroll: true }));
}
$("large").addEventListener("close", () => document.querySelector("footer").prepend($("proposal"), $("marks")));
pane.addEventListener("scroll", drawSoon, { passive: true });
new ResizeObserver(() => { if (queue) measure(); }).observe(pane);

// Another window, or another program, may decide too.
setInterval(() => {
  if (queue && !document.hidden) inLine(async () => {
    const answer = await ask(`api/changes?since=${place}`);
    if (answer.changed) heard(answer);
  });
}, 1500);

/** A name as the address has it; empty where it has a % that stands for no letter. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

const [opened, asked = ""] = location.hash.slice(1).split("?");
sought = asked;
attempt(() => openQueues(decoded(opened))).then(() => pane.focus({ preventScroll: true }));

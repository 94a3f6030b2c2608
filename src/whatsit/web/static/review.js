// The review page: a grid that holds only the photos in sight, and keys that decide.
// Texts from photos' names go into textContent only; nothing here builds HTML from strings.

const $ = (id) => document.getElementById(id);
const pane = $("pane"), space = $("space"), news = $("news"), trouble = $("trouble");
const LARGE = 2048; // pixels: as many as a large window has
const LINES = { "": "", "leave-out": "left out", keep: "kept", relabel: "" };

let classes = [];
let queues = [];
let queue = null; // { name, photos, of, at: Map(row → position) }
let here = 0; // position in the queue that the keyboard is at
let anchor = 0; // where a selection with shift began
let chosen = new Set(); // positions
let place = 0; // of the last change heard of
const states = new Map(); // row → [decision, label]
const facts = new Map(); // row → { name, found, faces }
const cells = new Map(); // position → element
let columns = 1, wide = 200, tall = 200;

async function ask(address, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(address, options);
  } catch {
    throw new Error("The server does not answer. What you decided so far is saved; start whatsit review again.");
  }
  const content = await answer.json();
  if (!answer.ok) throw new Error(`${content.error} ${content.hint}`);
  return content;
}

const say = (text) => { news.textContent = text; };
const attempt = (work) => work().then(() => { trouble.textContent = ""; }, (error) => { trouble.textContent = error.message; });

function element(kind, attributes = {}, ...children) {
  const made = kind === "svg" || kind === "rect" || kind === "circle"
    ? document.createElementNS("http://www.w3.org/2000/svg", kind) : document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// --- queues -------------------------------------------------------------------------------------------------

async function openQueues(wanted) {
  const found = await ask("/api/queues");
  classes = found.classes;
  queues = found.queues;
  place = found.place;
  const label = $("label");
  label.replaceChildren(element("option", { value: "" }, "choose"));
  classes.forEach((name, index) => {
    const key = index < 9 ? `${index + 1} ` : index === 9 ? "0 " : "";
    label.append(element("option", { value: name }, key + name));
  });
  $("queues").replaceChildren(...queues.map((one) => {
    const button = element("button", { type: "button", "data-name": one.name }, `${one.title} ${one.count.toLocaleString("en")}`);
    if (one.waiting) button.append(element("span", { class: "waits" }, `${one.waiting.toLocaleString("en")} to decide`));
    button.addEventListener("click", () => attempt(() => openQueue(one.name)).then(() => pane.focus({ preventScroll: true })));
    return button;
  }));
  const first = queues.find((one) => one.waiting) ?? queues.at(-1); // what waits for somebody, or all photos
  await openQueue(queues.some((one) => one.name === wanted) ? wanted : first.name);
}

async function openQueue(name) {
  const found = await ask(`/api/queue/${encodeURIComponent(name)}`);
  queue = { name, photos: found.photos, of: found.of, at: new Map() };
  found.photos.forEach((row, position) => {
    queue.at.set(row, position);
    states.set(row, [found.decisions[position], found.labels[position]]);
  });
  found.of.forEach((row, position) => {
    if (row >= 0 && !states.has(row)) states.set(row, [found.beside[position], ""]);
  });
  for (const button of $("queues").children) button.setAttribute("aria-current", button.dataset.name === name);
  history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  chosen = new Set();
  for (const cell of cells.values()) cell.remove();
  cells.clear();
  pane.scrollTop = 0;
  here = anchor = 0;
  measure();
  const waits = queues.find((one) => one.name === name)?.waiting;
  if (waits) go(found.decisions.indexOf(""), false); // the first that nobody has decided about
  say(`${queue.photos.length} photos in ${name}`);
}

// --- the grid: only what is in sight, and a screen around it ---------------------------------------------------

function measure() {
  const pairs = queue.of.length > 0;
  const width = pane.clientWidth;
  const usual = (pairs ? 380 : 190) * (width < 600 ? 0.62 : 1);
  columns = Math.max(1, Math.floor(width / usual));
  wide = width / columns;
  tall = Math.round((pairs ? wide / 2 : wide) + 26);
  space.style.height = `${Math.ceil(queue.photos.length / columns) * tall}px`;
  for (const [position, cell] of cells) lay(cell, position);
  draw();
}

function lay(cell, position) {
  cell.style.width = `${wide}px`;
  cell.style.height = `${tall}px`;
  cell.style.transform = `translate(${(position % columns) * wide}px, ${Math.floor(position / columns) * tall}px)`;
}

let waiting = false;
function drawSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; draw(); });
}

function draw() {
  if (!queue) return;
  const first = Math.max(0, Math.floor(pane.scrollTop / tall) - 2) * columns;
  const last = Math.min(queue.photos.length, (Math.ceil((pane.scrollTop + pane.clientHeight) / tall) + 2) * columns);
  const free = [];
  for (const [position, cell] of cells) {
    if (position < first || position >= last) { cells.delete(position); free.push(cell); }
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
  const cell = element("div", { class: "cell", role: "option" }, element("div", { class: "frame" }), element("p"));
  space.append(cell);
  return cell;
}

function fill(cell, position) {
  cell.id = `cell-${position}`;
  cell.position = position;
  lay(cell, position);
  cell.setAttribute("aria-posinset", position + 1);
  cell.setAttribute("aria-setsize", queue.photos.length);
  cell.firstChild.replaceChildren(); // the photos come when scrolling pauses; see load
  describe(cell);
}

function describe(cell) {
  const row = queue.photos[cell.position];
  const [decision, label] = states.get(row) ?? ["", ""];
  const known = facts.get(row);
  cell.dataset.decision = decision;
  const line = [LINES[decision], label].filter(Boolean).join(" · ");
  cell.lastChild.textContent = line;
  const found = known ? known.found.join("; ") : "";
  cell.setAttribute("aria-label", [known ? known.name : `photo ${row}`, line, found].filter(Boolean).join(", "));
  cell.title = [known ? known.name : "", found].filter(Boolean).join("\n");
}

// Photos are asked for once scrolling is slow enough to see them: a fling through 100,000 asks for none between.
let loading = 0;
function loadSoon() {
  clearTimeout(loading);
  loading = setTimeout(() => attempt(load), 60);
}

async function load() {
  const asked = [];
  for (const [position, cell] of cells) {
    const row = queue.photos[position];
    const twin = queue.of.length ? queue.of[position] : -1;
    if (!cell.firstChild.hasChildNodes()) {
      if (twin >= 0) cell.firstChild.append(shot(twin, 256, "of"));
      cell.firstChild.append(shot(row, 256, twin >= 0 ? "copy" : ""));
    }
    for (const one of [row, twin]) if (one >= 0 && !facts.has(one)) asked.push(one);
  }
  if (!asked.length) return;
  const found = await ask(`/api/facts?rows=${asked.slice(0, 500).join(",")}`);
  for (const one of found.photos) facts.set(one.row, one);
  for (const cell of cells.values()) {
    describe(cell);
    for (const one of cell.querySelectorAll(".shot")) drawFaces(one);
  }
  about();
}

function shot(row, side, kind) {
  const image = element("img", { src: `/photo/${row}?side=${side}`, alt: "", decoding: "async", draggable: "false" });
  const holder = element("div", { class: `shot ${kind}`.trim() }, image);
  holder.row = row;
  badge(holder);
  image.addEventListener("load", () => drawFaces(holder));
  image.addEventListener("error", () => { holder.replaceChildren(element("p", {}, "cannot be read")); });
  return holder;
}

// Of a pair each photo says what becomes of it: the left one stays, the right one repeats it.
function badge(holder) {
  if (!holder.matches(".of, .copy")) return;
  const [decision] = states.get(holder.row) ?? [""];
  const isTwin = holder.matches(".of");
  const text = decision === "leave-out" ? "left out" : isTwin || decision ? "stays" : "repeats it: stays or goes?";
  const mark = holder.querySelector(".badge") ?? holder.appendChild(element("span", { class: "badge" }));
  mark.dataset.text = text; // drawn by the style: a screen reader hears it in the cell's name
  mark.dataset.says = decision === "leave-out" ? "out" : isTwin || decision ? "stays" : "asks";
}

// The box that is cut out and the eyes, over a photo that is shown whole.
function drawFaces(holder) {
  const image = holder.querySelector("img");
  const known = facts.get(holder.row);
  holder.querySelector("svg")?.remove();
  if (!image || !known || !known.faces.length || !image.naturalWidth) return;
  const [w, h] = [image.naturalWidth, image.naturalHeight];
  const marks = element("svg", { class: "marks", viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" });
  const [{ box, eyes }] = known.faces;
  const [left, top, right, bottom, turn] = box;
  const middle = `${((left + right) / 2) * w} ${((top + bottom) / 2) * h}`;
  marks.append(element("rect", {
    x: left * w, y: top * h, width: (right - left) * w, height: (bottom - top) * h, transform: `rotate(${turn} ${middle})`,
  }));
  for (const [x, y] of eyes) marks.append(element("circle", { cx: x * w, cy: y * h, r: ((right - left) * w) / 20 }));
  holder.append(marks);
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
  if (!queue || !queue.photos.length) return;
  const known = facts.get(queue.photos[here]);
  const many = chosen.size > 1 ? `${chosen.size} selected. ` : "";
  const found = known && known.found.length ? ` (${known.found.join("; ")})` : "";
  $("about").textContent = `${many}${here + 1} of ${queue.photos.length}: ${known ? known.name : "…"}${found}`;
}

// --- going about ------------------------------------------------------------------------------------------------

function go(position, extend) {
  here = Math.min(queue.photos.length - 1, Math.max(0, position));
  if (extend) {
    chosen = new Set();
    for (let one = Math.min(anchor, here); one <= Math.max(anchor, here); one++) chosen.add(one);
  } else {
    anchor = here;
    chosen = new Set();
  }
  const top = Math.floor(here / columns) * tall;
  if (top < pane.scrollTop) pane.scrollTop = top;
  else if (top + tall > pane.scrollTop + pane.clientHeight) pane.scrollTop = top + tall - pane.clientHeight;
  draw();
}

function toggle(position) {
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
  for (const [row, decision, label] of answer.states) {
    states.set(row, [decision, label]);
    const cell = cells.get(queue.at.get(row));
    if (cell) describe(cell);
  }
  for (const one of space.querySelectorAll(".shot")) badge(one); // the photo beside another may have changed too
}

function decide(decision, label = "") {
  const positions = chosen.size ? [...chosen].sort((a, b) => a - b) : [here];
  const photos = positions.map((position) => queue.photos[position]);
  if (!photos.length) return;
  const single = chosen.size === 0;
  if (single) go(here + 1, false);
  else { chosen = new Set(); mark(); }
  enlargeAgain();
  inLine(async () => {
    heard(await ask("/api/decide", { photos, decision, label }));
    const what = { "leave-out": "left out", keep: "kept" }[decision] ?? `now ${label}`;
    say(`${photos.length === 1 ? "1 photo" : `${photos.length} photos`} ${what}. z undoes.`);
    enlargeAgain();
  });
}

function undo() {
  inLine(async () => {
    const answer = await ask("/api/undo", {});
    heard(answer);
    say(answer.states.length ? `Undone for ${answer.states.length} photos.` : "There is nothing more to undo.");
    const back = answer.states.map(([row]) => queue.at.get(row)).filter((position) => position !== undefined);
    if (back.length) go(back[0], false);
    enlargeAgain();
  });
}

function enlarge() {
  const row = queue.photos[here];
  const twin = queue.of.length ? queue.of[here] : -1;
  const dialog = $("large");
  const shots = twin >= 0 ? [shot(twin, LARGE, "of"), shot(row, LARGE, "copy")] : [shot(row, LARGE, "")];
  dialog.querySelector(".whole").replaceChildren(...shots);
  const [decision, label] = states.get(row) ?? ["", ""];
  const line = [LINES[decision], label].filter(Boolean).join(" · ");
  dialog.querySelector("figcaption p").textContent = [$("about").textContent, line].filter(Boolean).join(" · ");
  if (!dialog.open) dialog.showModal();
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
  Home: () => 0, End: () => queue.photos.length - 1,
};

document.addEventListener("keydown", (event) => {
  if (!queue || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
  const inDialog = $("large").open;
  if ($("keys").open) return;
  const onButton = event.target.closest("button") && (event.key === "Enter" || event.key === " ");
  if (onButton) return;
  if (MOVES[event.key] && (document.activeElement === pane || document.activeElement === document.body || inDialog)) {
    go(MOVES[event.key](), event.shiftKey);
    if (inDialog) enlarge();
  } else if (/^[0-9]$/.test(event.key) && classes[(Number(event.key) + 9) % 10] !== undefined) {
    decide("relabel", classes[(Number(event.key) + 9) % 10]);
  } else if (event.key === "x") decide("leave-out");
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
pane.addEventListener("scroll", drawSoon, { passive: true });
new ResizeObserver(() => { if (queue) measure(); }).observe(pane);

// Another window, or another program, may decide too.
setInterval(() => {
  if (queue && !document.hidden) inLine(async () => {
    const answer = await ask(`/api/changes?since=${place}`);
    if (answer.states.length) heard(answer);
  });
}, 1500);

attempt(() => openQueues(decodeURIComponent(location.hash.slice(1)))).then(() => pane.focus({ preventScroll: true }));

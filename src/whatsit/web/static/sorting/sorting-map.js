// The map: every photo a point, coloured by its class, pale where it is only suggested. It is moved and enlarged;
// pressed, a photo is shown, and what a ring is drawn around is named in one go.
import { $, ask, bdi, element } from "./page.js";
import { _, grouped } from "./translate.js";

const SUGGESTED = 1000; // from here on a class is suggested, not named
const PLACES = 10000; // of the map, each way, as photos lie on it
const PALE = 0.45; // how opaque a photo is whose class is only suggested
const HUES = 47; // degrees between two classes: far apart for the first eight, and never the same
const EDGE = 8; // pixels between the outermost photos and the border
const LARGEST = 60; // times
const STEP = 1.6; // times, of a press; a notch of a wheel is half of that
const SHIFT = 0.2; // of the map, of an arrow key
const STILL = 5; // pixels: what moves less is a press
const NEAR = 20; // pixels around a press in which a photo is looked for
const FINE = 3; // pixels between two points of a ring
const plane = $("plane");
const points = document.createElement("canvas"); // what is seen below a ring: painted once while one is drawn
let places = null;
let kinds = []; // [class or what it is suggested to be, its photos], what is named last: it lies above
let look = { scale: 1, left: 0, top: 0 }; // times as large, and where its corner lies
let ring = []; // the points of a ring that is being drawn, as x and y one after another
let name = () => {}; // what asks about the photos in a ring

export async function drawMap(state, askAbout) {
  name = askAbout;
  $("drawing").hidden = Boolean(places);
  places = await ask("api/map");
  const found = new Map();
  places.kinds.forEach((kind, row) => { if (!found.has(kind)) found.set(kind, []); found.get(kind).push(row); });
  const isNamed = ([kind]) => kind >= 0 && kind < SUGGESTED;
  kinds = [...found].sort((one, other) => isNamed(one) - isNamed(other));
  await new Promise((done) => requestAnimationFrame(done)); // a page of 100,000 photos answers in between
  $("drawing").hidden = true;
  $("ringed").textContent = "";
  paint();
  $("legend").replaceChildren(...state.classes.map((one, kind) => {
    const dot = element("span", { class: "dot" });
    dot.style.background = colour(kind);
    return element("li", {}, dot, bdi(one.name), ` (${grouped(one.photos)})`);
  }));
}

const isDark = window.matchMedia("(prefers-color-scheme: dark)");

/** Dark on paper and light in the dark, so that a point is seen whatever its hue. */
function colour(kind) {
  return `hsl(${(kind * HUES) % 360} 70% ${isDark.matches ? 66 : 36}%)`;
}

/** Where photos lie on the map as it is looked at now: a photo's column times one, and the other, in pixels. */
function placing() {
  const { clientWidth: width, clientHeight: height } = plane;
  const { scale, left, top } = look;
  return { width, height, left: left + scale * EDGE, top: top + scale * EDGE,
    rightward: scale * (width - 2 * EDGE) / PLACES, downward: scale * (height - 2 * EDGE) / PLACES };
}

/** A pen for a canvas that is cleared, as large and as sharp as the map. */
function takePen(canvas) {
  const sharp = window.devicePixelRatio || 1;
  canvas.width = plane.clientWidth * sharp;
  canvas.height = plane.clientHeight * sharp;
  const pen = canvas.getContext("2d");
  pen.scale(sharp, sharp);
  return pen;
}

/** Paint all that is in sight: a square a photo, written pixel by pixel, as a pen takes ten times as long. */
function paint() {
  const { left, top, rightward, downward } = placing();
  const pen = takePen(points);
  const sharp = window.devicePixelRatio || 1;
  const wanted = Math.min(9 * Math.sqrt(look.scale), Math.max(1.5, 90 / Math.sqrt(places.x.length)) * look.scale, 14);
  const size = Math.max(1, Math.round(wanted * sharp));
  const { width, height } = points;
  if (!width || !height) return;
  const picture = pen.createImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  for (const [kind, rows] of kinds) {
    const isNamed = kind >= 0 && kind < SUGGESTED;
    const ink = mix(pen, kind < 0 ? "#888888" : colour(kind % SUGGESTED), isNamed ? 1 : PALE);
    for (const row of rows) {
      const x = Math.round((left + places.x[row] * rightward) * sharp - size / 2);
      const y = Math.round((top + places.y[row] * downward) * sharp - size / 2);
      const [first, last] = [Math.max(0, x), Math.min(width, x + size)];
      if (first >= last) continue;
      for (let line = Math.max(0, y); line < Math.min(height, y + size); line += 1) pixels.fill(ink, line * width + first, line * width + last);
    }
  }
  pen.putImageData(picture, 0, 0);
  paintRing();
}

/** A colour as a pixel has it, seen through by so much less than 1. */
function mix(pen, named, opaque) {
  pen.fillStyle = named;
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(pen.fillStyle.slice(place, place + 2), 16));
  return new Uint32Array(new Uint8Array([red, green, blue, Math.round(255 * opaque)]).buffer)[0];
}

/** Paint the points as they were painted last, and the ring. */
function paintRing() {
  plane.style.touchAction = look.scale > 1 || isRinging() ? "none" : "pan-y"; // else a page cannot be scrolled by it
  const pen = takePen(plane);
  if (points.width && points.height) pen.drawImage(points, 0, 0, plane.clientWidth, plane.clientHeight);
  if (ring.length < 4) return;
  pen.strokeStyle = getComputedStyle(plane).color;
  pen.lineWidth = 2;
  pen.setLineDash([6, 4]);
  pen.beginPath();
  for (let place = 0; place < ring.length; place += 2) pen.lineTo(ring[place], ring[place + 1]);
  pen.closePath();
  pen.stroke();
}

let due = null;

/** Paint before the next picture of the screen, however often it is asked for until then. */
function paintSoon(what) {
  if (!due) requestAnimationFrame(() => { if (places) due(); due = null; });
  if (due !== paint) due = what;
}

/** Look at the map so many times larger, with the same photo below a point of it. */
function zoom(times, x = plane.clientWidth / 2, y = plane.clientHeight / 2) {
  const scale = Math.min(LARGEST, Math.max(1, look.scale * times));
  const grown = scale / look.scale;
  look = { scale, left: x - (x - look.left) * grown, top: y - (y - look.top) * grown };
  move(0, 0);
}

/** Move the map, not beyond its edges. */
function move(rightward, downward) {
  const within = (at, room) => Math.min(0, Math.max(room * (1 - look.scale), at));
  look = { ...look, left: within(look.left + rightward, plane.clientWidth), top: within(look.top + downward, plane.clientHeight) };
  paintSoon(paint);
}

function nearest(x, y) {
  const { left, top, rightward, downward } = placing();
  let [best, least] = [-1, NEAR ** 2];
  for (let row = 0; row < places.x.length; row += 1) {
    const far = (left + places.x[row] * rightward - x) ** 2 + (top + places.y[row] * downward - y) ** 2;
    if (far < least) [best, least] = [row, far];
  }
  return best;
}

function showNearest(x, y) {
  const row = nearest(x, y);
  $("found").hidden = row < 0;
  if (row < 0) return;
  $("found").querySelector("img").src = `photo/${row}?side=256`;
  $("found").querySelector("figcaption").textContent = _("photo {number}", { number: String(row) });
}

// --- a ring ---

const isRinging = () => $("ring").getAttribute("aria-pressed") === "true";

function drawRings(wanted) {
  $("ring").setAttribute("aria-pressed", String(wanted));
  ring = [];
  paintSoon(paintRing);
}

/** Whether a point lies within the ring: a line from it to the right crosses the ring an odd number of times. */
function isWithin(x, y) {
  let isInside = false;
  for (let place = 0, before = ring.length - 2; place < ring.length; before = place, place += 2) {
    const [x1, y1, x2, y2] = [ring[before], ring[before + 1], ring[place], ring[place + 1]];
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) isInside = !isInside;
  }
  return isInside;
}

/** Ask about the photos in the ring that have no answer yet; those that measure are asked about by themselves. */
function closeRing() {
  const { left, top, rightward, downward } = placing();
  const rows = [];
  for (let row = 0; row < places.open.length; row += 1) {
    if (places.open[row] && isWithin(left + places.x[row] * rightward, top + places.y[row] * downward)) rows.push(row);
  }
  drawRings(false);
  if (rows.length) name(rows);
  else $("ringed").textContent = _("There is no photo in the ring that can be named.");
}

// --- what people do to it ---

const fingers = new Map(); // pointers that are down → where they are
let travelled = 0; // pixels since the first of them came down

plane.addEventListener("pointerdown", (event) => {
  if (!places || event.button) return;
  plane.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  if (fingers.size === 1) travelled = 0;
  if (fingers.size === 1 && event.shiftKey) drawRings(true);
  if (isRinging()) ring = [event.offsetX, event.offsetY];
});
plane.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const here = [event.offsetX, event.offsetY];
  const others = [...fingers.entries()].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  fingers.set(event.pointerId, here);
  travelled += Math.hypot(here[0] - before[0], here[1] - before[1]);
  if (isRinging()) {
    if (Math.hypot(here[0] - ring.at(-2), here[1] - ring.at(-1)) < FINE) return;
    ring.push(...here);
    paintSoon(paintRing);
  } else if (others.length) {
    const [x, y] = others[0];
    zoom(Math.hypot(here[0] - x, here[1] - y) / Math.max(1, Math.hypot(before[0] - x, before[1] - y)), x, y);
  } else if (travelled > STILL) move(here[0] - before[0], here[1] - before[1]);
});
plane.addEventListener("pointerup", (event) => {
  if (!fingers.delete(event.pointerId) || fingers.size) return;
  if (isRinging() && travelled > STILL) closeRing();
  else if (travelled <= STILL) showNearest(event.offsetX, event.offsetY);
});
plane.addEventListener("pointercancel", (event) => { fingers.delete(event.pointerId); if (ring.length) drawRings(false); });
plane.addEventListener("wheel", (event) => {
  event.preventDefault();
  if (places) zoom(event.deltaY < 0 ? Math.sqrt(STEP) : 1 / Math.sqrt(STEP), event.offsetX, event.offsetY);
}, { passive: false });
plane.addEventListener("keydown", (event) => {
  const [right, below] = [SHIFT * plane.clientWidth, SHIFT * plane.clientHeight];
  const act = {
    "+": () => zoom(STEP), "=": () => zoom(STEP), "-": () => zoom(1 / STEP), 0: () => zoom(0),
    ArrowLeft: () => move(right, 0), ArrowRight: () => move(-right, 0), ArrowUp: () => move(0, below), ArrowDown: () => move(0, -below),
  }[event.key];
  if (!act || !places || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
});
for (const [id, times] of [["closer", STEP], ["further", 1 / STEP], ["whole", 0]]) $(id).addEventListener("click", () => places && zoom(times));
$("ring").addEventListener("click", () => drawRings(!isRinging()));
new ResizeObserver(() => { if (places && !$("map").hidden) move(0, 0); }).observe(plane);

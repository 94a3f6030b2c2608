// The map: every photo a point, coloured by its class, pale where it is only suggested; pressed, a photo is shown.
import { $, ask, element, grouped, saying } from "./page.js";

const SUGGESTED = 1000; // from here on a class is suggested, not named
const HUES = 47; // degrees between two classes: far apart for the first eight, and never the same
let places = null;

export async function drawMap(state) {
  $("drawing").hidden = Boolean(places);
  places = await ask("api/map");
  $("drawing").hidden = true;
  paint();
  $("legend").replaceChildren(...state.classes.map((one, kind) => {
    const dot = element("span", { class: "dot" });
    dot.style.background = colour(kind);
    return element("li", {}, dot, ...saying`${one.name}`, ` (${grouped(one.photos)})`);
  }));
}

const isDark = window.matchMedia("(prefers-color-scheme: dark)");

/** Dark on paper and light in the dark, so that a point is seen whatever its hue. */
function colour(kind) {
  return `hsl(${(kind * HUES) % 360} 70% ${isDark.matches ? 66 : 36}%)`;
}

function paint() {
  const plane = $("plane");
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [plane.clientWidth, plane.clientHeight];
  plane.width = width * scale;
  plane.height = height * scale;
  const pen = plane.getContext("2d");
  pen.scale(scale, scale);
  const size = Math.max(1.5, Math.min(9, 90 / Math.sqrt(places.x.length)));
  for (let row = 0; row < places.x.length; row += 1) {
    const kind = places.kinds[row];
    pen.globalAlpha = kind >= 0 && kind < SUGGESTED ? 1 : 0.45;
    pen.fillStyle = kind < 0 ? "#888888" : colour(kind % SUGGESTED);
    const [x, y] = at(row, width, height);
    pen.fillRect(x - size / 2, y - size / 2, size, size);
  }
}

function at(row, width, height) {
  const edge = 8;
  return [edge + (places.x[row] / 1000) * (width - 2 * edge), edge + (places.y[row] / 1000) * (height - 2 * edge)];
}

function nearest(x, y, width, height) {
  let [best, least] = [-1, 20 * 20];
  for (let row = 0; row < places.x.length; row += 1) {
    const [left, top] = at(row, width, height);
    const far = (left - x) ** 2 + (top - y) ** 2;
    if (far < least) [best, least] = [row, far];
  }
  return best;
}

$("plane").addEventListener("click", (event) => {
  if (!places) return;
  const plane = $("plane");
  const row = nearest(event.offsetX, event.offsetY, plane.clientWidth, plane.clientHeight);
  $("found").hidden = row < 0;
  if (row < 0) return;
  $("found").querySelector("img").src = `photo/${row}?side=256`;
  $("found").querySelector("figcaption").textContent = `photo ${row}`;
});
new ResizeObserver(() => { if (places && !$("map").hidden) paint(); }).observe($("plane"));

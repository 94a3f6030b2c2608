// A photo as it is shown: with its faces, and of a pair what becomes of it.
import { facts, stateOf } from "./known.js";
import { element } from "./page.js";
import { _ } from "./translate.js";

export function shot(row, side, kind, twin = -1) {
  const image = element("img", { src: `photo/${row}?side=${side}`, alt: "", decoding: "async", draggable: "false" });
  const holder = element("div", { class: `shot ${kind}`.trim() }, image);
  holder.row = row;
  holder.twin = twin; // the photo that it repeats
  badge(holder);
  image.addEventListener("load", () => drawFaces(holder));
  image.addEventListener("error", () => { holder.replaceChildren(element("p", {}, _("cannot be read"))); });
  return holder;
}

// Of a pair each photo says what becomes of it: the left one stays, the right one repeats it.
export function badge(holder) {
  if (!holder.matches(".of, .copy")) return;
  const { decision } = stateOf(holder.row);
  const isTwin = holder.matches(".of");
  const stays = isTwin || decision || stateOf(holder.twin).decision === "leave-out"; // then it repeats nothing
  const text = decision === "leave-out" ? _("left out") : stays ? _("stays") : _("repeats it: stays or goes?");
  const mark = holder.querySelector(".badge") ?? holder.appendChild(element("span", { class: "badge" }));
  mark.dataset.text = text; // drawn by the style: a screen reader hears it in the cell's name
  mark.dataset.says = decision === "leave-out" ? "out" : stays ? "stays" : "asks";
}

// The box that is cut out and the eyes, over a photo that is shown whole.
export function drawFaces(holder) {
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

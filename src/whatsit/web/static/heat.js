// Why: what in a photo spoke for its class, laid over the photo and said in words. The report draws it the same.
import { _ } from "./translate.js";

const PLACES = [[_("at the top left"), _("at the top centre"), _("at the top right")], [_("at the middle left"), _("in the middle"), _("at the middle right")],
  [_("at the bottom left"), _("at the bottom centre"), _("at the bottom right")]];
const WARM = [255, 90, 0]; // red, green, blue: over the photo in grey
const STRONGEST = 0.75 * 255; // opacity where most spoke for the class

/** A canvas with the map's colours; `box` is the part of the photo the model saw, in shares [left, top, right, bottom]. */
export function heatLayer({ map, box }) {
  const [height, width] = [map.length, map[0].length];
  const small = document.createElement("canvas");
  [small.width, small.height] = [width, height];
  const pen = small.getContext("2d");
  const image = pen.createImageData(width, height);
  map.flat().forEach((value, index) => image.data.set(colour(value), 4 * index));
  pen.putImageData(image, 0, 0);

  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * 32, height * 32];
  const brush = canvas.getContext("2d");
  brush.imageSmoothingQuality = "high";
  brush.drawImage(small, 0, 0, canvas.width, canvas.height);
  const [left, top, right, bottom] = box;
  Object.assign(canvas.style, {
    left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%`,
  });
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

/** Where most of it lies: `What spoke for it lies mostly at the top left.` */
export function heatWords({ map, box }, label) {
  const [left, top, right, bottom] = box;
  let [sum, x, y] = [0, 0, 0];
  map.forEach((line, row) => line.forEach((value, column) => {
    const weight = value ** 3; // the peaks, not the haze around them
    sum += weight;
    x += weight * (left + ((column + 0.5) / line.length) * (right - left));
    y += weight * (top + ((row + 0.5) / map.length) * (bottom - top));
  }));
  if (!sum) return _("Nothing in the photo spoke for {label} in particular.", { label });
  const place = PLACES[third(y / sum)][third(x / sum)];
  return _("What spoke for {label} lies mostly {place}, where the photo is orange.", { label, place });
}

const third = (share) => Math.min(2, Math.floor(share * 3));

const colour = (value) => [...WARM, Math.round(STRONGEST * Math.max(0, Math.min(1, value)))];

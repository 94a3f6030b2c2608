// A photo to RGB bytes: upright, on its ground, its colours as they are in the file.
import { orientationOf } from "./webp.js";

export const MOST_PIXELS = 100e6; // as the server's decoder
const STANDS_OUT = 32; // these two as in the server's ground.py
const LEAST_SHARE = 50;
// Where x and y of a photo (its sides w and h) come to lie, by the orientation that its EXIF states.
const TURNS = {
  2: (w, _h) => [-1, 0, 0, 1, w, 0],
  3: (w, h) => [-1, 0, 0, -1, w, h],
  4: (_w, h) => [1, 0, 0, -1, 0, h],
  5: () => [0, 1, 1, 0, 0, 0],
  6: (_w, h) => [0, 1, -1, 0, h, 0],
  7: (w, h) => [0, -1, -1, 0, h, w],
  8: (w, _h) => [0, -1, 1, 0, 0, w],
};

/** {data, width, height} of RGB bytes on the ground (white, black, drawing); an exception where the photo is not read. */
export async function pixelsOf(photo, ground) {
  const orientation = await orientationOf(photo);
  const picture = await createImageBitmap(photo, {
    colorSpaceConversion: "none", // the server ignores colour profiles, and so did the trainer
    imageOrientation: orientation ? "none" : "from-image",
    premultiplyAlpha: "default",
  });
  try {
    if (picture.width * picture.height > MOST_PIXELS) throw new RangeError("too large");
    if (ground === "black") return laid(picture, orientation, "#000");
    const white = laid(picture, orientation, "#fff");
    if (ground === "white" || count(white, Math.min, (level) => level < 255 - STANDS_OUT) * LEAST_SHARE > white.data.length / 3) return white;
    const black = laid(picture, orientation, "#000"); // where nothing is clear it is the same picture
    return count(black, Math.max, (level) => level > STANDS_OUT) * LEAST_SHARE > black.data.length / 3 ? black : white;
  } finally {
    picture.close();
  }
}

/** The picture on one colour, turned as `orientation` says. */
function laid(picture, orientation, colour) {
  const [width, height] = orientation < 5 ? [picture.width, picture.height] : [picture.height, picture.width];
  const canvas = new OffscreenCanvas(width, height);
  const brush = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
  brush.fillStyle = colour;
  brush.fillRect(0, 0, width, height);
  if (orientation > 1) brush.setTransform(...TURNS[orientation](picture.width, picture.height));
  brush.drawImage(picture, 0, 0);
  const { data } = brush.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { data: rgb, width, height };
}

/** Of how many pixels the extreme of their three levels is such. */
function count({ data }, extreme, isSuch) {
  let found = 0;
  for (let at = 0; at < data.length; at += 3) {
    found += isSuch(extreme(data[at], data[at + 1], data[at + 2]));
  }
  return found;
}

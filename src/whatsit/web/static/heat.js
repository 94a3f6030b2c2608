// Why: what in a photo spoke for its class, laid over the photo and said in words.
const ROWS = ["top", "middle", "bottom"];
const COLUMNS = ["left", "centre", "right"];

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
  if (!sum) return `Nothing in the photo spoke for ${label} in particular.`;
  const [row, column] = [ROWS[third(y / sum)], COLUMNS[third(x / sum)]];
  const place = row === "middle" && column === "centre" ? "in the middle" : `at the ${row} ${column}`;
  return `What spoke for ${label} lies mostly ${place}, where the photo glows.`;
}

const third = (share) => Math.min(2, Math.floor(share * 3));

const DIM = [12, 14, 24, 175]; // red, green, blue, opacity where nothing spoke for the class
const GLOW = [255, 160, 40, 55]; // and where most did

function colour(value) {
  const heat = Math.max(0, Math.min(1, value)) ** 0.8;
  return DIM.map((dim, channel) => Math.round(dim + heat * (GLOW[channel] - dim)));
}

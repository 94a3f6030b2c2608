// Pixels resized as Pillow does it: bilinear and antialiased, in fixed point, first across and then down.
// Pillow's Resample.c is the reference; the tests hold every byte to within one level of it.
const BITS = 22;
const HALF = 2 ** (BITS - 1);
const PAD = 128; // grey

/** {data, width, height} of RGB bytes at `size` [height, width] by the policy `resize`: crop, pad or squish. */
export function fitted(picture, [height, width], resize) {
  const whole = [0, 0, picture.width, picture.height];
  if (picture.width === width && picture.height === height) return picture;
  if (resize === "squish") return resized(picture, width, height, whole);
  const [across, down] = [width / picture.width, height / picture.height];
  if (resize === "crop") {
    const scale = Math.max(across, down);
    const left = Math.max(0, (picture.width - width / scale) / 2);
    const top = Math.max(0, (picture.height - height / scale) / 2);
    return resized(picture, width, height, [left, top, picture.width - left, picture.height - top]);
  }
  const scale = Math.min(across, down);
  const inner = [picture.width, picture.height].map((side) => Math.max(1, halfEven(side * scale)));
  const small = resized(picture, inner[0], inner[1], whole);
  return onGrey(small, width, height);
}

/** The part `box` (left, top, right, bottom, in pixels and parts of them) at width × height. */
function resized({ data, width: w, height: h }, width, height, box) {
  const [left, top, right, bottom] = box.map(Math.fround); // Pillow holds a box in single precision
  let out = { data, width: w, height: h };
  if (width !== w || left !== 0 || right !== width) out = across(out, weights(w, left, right, width));
  if (height !== h || top !== 0 || bottom !== height) out = down(out, weights(h, top, bottom, height));
  return out;
}

/** For each place of the result: where its sources begin, and their weights in fixed point. */
function weights(length, from, to, wanted) {
  const scale = Math.fround(to - from) / wanted;
  const reach = Math.max(scale, 1); // of the triangle, in source pixels
  return Array.from({ length: wanted }, (_, place) => {
    const centre = from + (place + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(length, Math.trunc(centre + reach + 0.5));
    const shares = [];
    for (let at = first; at < end; at += 1) shares.push(Math.max(0, 1 - Math.abs((at - centre + 0.5) * (1 / reach))));
    const sum = shares.reduce((a, b) => a + b, 0);
    return { first, shares: Int32Array.from(shares, (share) => Math.trunc(0.5 + (share / sum) * 2 ** BITS)) };
  });
}

/** Row by row, as the bytes lie: a cache line is used whole. */
function across({ data, width, height }, places) {
  const out = new Uint8Array(places.length * height * 3);
  for (let y = 0, to = 0; y < height; y += 1) {
    for (let x = 0; x < places.length; x += 1, to += 3) {
      const { first, shares } = places[x];
      let [red, green, blue] = [HALF, HALF, HALF]; // stay below 2^31, as weights add up to 2^22
      for (let index = 0, at = (y * width + first) * 3; index < shares.length; index += 1, at += 3) {
        const share = shares[index];
        red += data[at] * share;
        green += data[at + 1] * share;
        blue += data[at + 2] * share;
      }
      out[to] = Math.min(255, red >> BITS);
      out[to + 1] = Math.min(255, green >> BITS);
      out[to + 2] = Math.min(255, blue >> BITS);
    }
  }
  return { data: out, width: places.length, height };
}

function down({ data, width }, places) {
  const out = new Uint8Array(width * places.length * 3);
  const sums = new Int32Array(width * 3); // of one row of the result
  places.forEach(({ first, shares }, y) => {
    sums.fill(HALF);
    for (let index = 0; index < shares.length; index += 1) {
      const [share, from] = [shares[index], (first + index) * sums.length];
      for (let at = 0; at < sums.length; at += 1) sums[at] += data[from + at] * share;
    }
    for (let at = 0; at < sums.length; at += 1) out[y * sums.length + at] = Math.min(255, sums[at] >> BITS);
  });
  return { data: out, width, height: places.length };
}

function onGrey(small, width, height) {
  const data = new Uint8Array(width * height * 3).fill(PAD);
  const [left, top] = [Math.floor((width - small.width) / 2), Math.floor((height - small.height) / 2)];
  for (let y = 0; y < small.height; y += 1) {
    const row = small.data.subarray(y * small.width * 3, (y + 1) * small.width * 3);
    data.set(row, ((top + y) * width + left) * 3);
  }
  return { data, width, height };
}

/** To the nearest whole number, a half to the even one, as Python rounds. */
function halfEven(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 ? floor + 1 : floor;
}

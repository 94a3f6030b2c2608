// A photo to RGB bytes: upright, on white, its colours as they are in the file.
export const MOST_PIXELS = 100e6; // as the server's decoder

/** {data, width, height} of RGB bytes; an exception where the browser cannot read the photo. */
export async function pixelsOf(photo) {
  const picture = await createImageBitmap(photo, {
    colorSpaceConversion: "none", // the server ignores colour profiles, and so did the trainer
    imageOrientation: "from-image",
    premultiplyAlpha: "default",
  });
  const { width, height } = picture;
  if (width * height > MOST_PIXELS) throw new RangeError("too large");
  const canvas = new OffscreenCanvas(width, height);
  const brush = canvas.getContext("2d", { willReadFrequently: true, alpha: false });
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, width, height);
  brush.drawImage(picture, 0, 0);
  picture.close();
  const { data } = brush.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { data: rgb, width, height };
}

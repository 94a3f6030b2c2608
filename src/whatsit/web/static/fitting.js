// Photos the server would refuse, made to fit by the browser: too many bytes or pixels, or a format it does not read.
const SUSPECT = 4_000_000; // bytes from which it pays to count the pixels
const SIDE = 3000;

/** {photo, note}: the photo as it is wherever possible, as its pixels are what the model should see. */
export async function fitting(photo, facts) {
  const isRead = facts.types.includes(photo.type) || !photo.type;
  if (isRead && photo.size <= Math.min(SUSPECT, facts.maxBytes)) return { photo, note: "" };
  let picture;
  try {
    picture = await createImageBitmap(photo);
  } catch {
    return { photo, note: "" }; // the server says what is wrong with it
  }
  const fits = isRead && photo.size <= facts.maxBytes && picture.width * picture.height <= facts.maxPixels;
  if (fits) return { photo, note: "" };
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  return { photo: await drawn(picture, scale), note: "Made smaller by your browser to be sent." };
}

/** A JPEG of a picture at `scale`. */
export function drawn(picture, scale, quality = 0.92) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

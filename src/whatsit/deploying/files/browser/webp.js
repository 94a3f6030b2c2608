// Which way up a WebP is: some browsers follow its EXIF and some do not, and the server does.
const ORIENTATION = 0x0112;
const HAS_EXIF = 0x08; // of VP8X's flags: without it the chunk means nothing

/** The EXIF orientation of a WebP, 1 to 8; 0 of any other photo, whose orientation every browser follows. */
export async function orientationOf(photo) {
  const head = new DataView(await photo.slice(0, 21).arrayBuffer());
  if (head.byteLength < 21 || textAt(head, 0) !== "RIFF" || textAt(head, 8) !== "WEBP") return 0;
  if (textAt(head, 12) !== "VP8X" || !(head.getUint8(20) & HAS_EXIF)) return 1;
  const file = new DataView(await photo.arrayBuffer());
  for (let at = 12; at + 8 <= file.byteLength; ) {
    const size = file.getUint32(at + 4, true);
    if (textAt(file, at) === "EXIF") return read(file, at + 8, Math.min(at + 8 + size, file.byteLength));
    at += 8 + size + (size % 2);
  }
  return 1;
}

/** The orientation in EXIF from `start` to `end`; 1 where it has none or is damaged. */
function read(file, start, end) {
  while (end - start > 6 && textAt(file, start) === "Exif") start += 6; // some programs write it, some twice
  const exif = new DataView(file.buffer, start, end - start);
  try {
    const isLittle = exif.getUint16(0) === 0x4949;
    const directory = exif.getUint32(4, isLittle);
    const entries = exif.getUint16(directory, isLittle);
    for (let number = 0; number < entries; number++) {
      const entry = directory + 2 + 12 * number;
      if (exif.getUint16(entry, isLittle) !== ORIENTATION) continue;
      const value = exif.getUint16(entry + 2, isLittle) === 3 ? exif.getUint16(entry + 8, isLittle) : exif.getUint32(entry + 8, isLittle);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // cut short: no reason to lose the photo
  }
  return 1;
}

function textAt(view, at) {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

// What a model file says of itself: its top level is walked, as onnxruntime for the web gives no metadata.
const FORMATS = [1, 2];
const GROUNDS = ["white", "black", "drawing"];
const [METADATA, KEY, VALUE] = [14, 1, 2]; // field numbers of ONNX's ModelProto and StringStringEntryProto

/** The facts of a model file (bytes): classes, size, resize, ground, thresholds, golden pictures. */
export function factsOf(bytes) {
  for (const [number, entry] of fields(bytes)) {
    if (number !== METADATA) continue;
    const pair = Object.fromEntries(fields(entry));
    if (text(pair[KEY]) !== "whatsit") continue;
    const facts = JSON.parse(text(pair[VALUE]));
    if (!FORMATS.includes(facts.format)) throw new Error(`The model has format ${facts.format}, and this page reads 1 and 2.`);
    facts.ground ??= "white";
    if (!GROUNDS.includes(facts.ground)) throw new Error(`The model lays photos on ${facts.ground}, which this page does not know.`);
    return facts;
  }
  throw new Error("The model was not made by whatsit.");
}

const text = (bytes) => new TextDecoder().decode(bytes);

function* fields(bytes) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      if (at >= bytes.length) throw new Error("The model was cut short.");
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, kind] = [Math.floor(tag / 8), tag & 7];
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new Error("The model was cut short.");
      yield [number, bytes.subarray(at, at + length)];
      at += length;
    } else throw new Error("The model is damaged.");
  }
}

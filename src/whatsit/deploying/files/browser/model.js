// The model in the browser: fetched, checked, proved on its golden pictures, and then asked.
import { factsOf } from "./container.js";
import { pixelsOf } from "./pixels.js";
import { fitted } from "./resize.js";

const PIXEL_TOLERANCE = { png: 1, light: 1 }; // levels; JPEG decoders may round differently
const JPEG_TOLERANCE = 3;
const PROBABILITY_TOLERANCE = 2e-3;
const MOST_THREADS = 4;
const UNDECIDED = 0.5; // from which on a label is said that has no threshold

/** The answer function of the model that `files` names; an exception where it would answer differently here. */
export async function open(files) {
  const ort = await import(files.ort);
  const [model, wasm] = await Promise.all([bytesOf(files.model), bytesOf(files.wasm)]);
  ort.env.wasm.numThreads = threads(new URL(files.ort, import.meta.url).href);
  ort.env.wasm.wasmBinary = wasm;
  const facts = factsOf(model);
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  const run = async (pixels) => {
    const [height, width] = facts.size;
    const found = await session.run({ pixels: new ort.Tensor("uint8", pixels, [1, height, width, 3]) });
    return { probabilities: found.probabilities.data, distance: found.distance.data[0] };
  };
  const seen = async (photo) => fitted(await pixelsOf(photo, facts.ground), facts.size, facts.resize).data;
  await prove(facts, seen, run);
  return async (photo) => {
    const pixels = await seen(photo);
    return answerOf(facts, await run(pixels));
  };
}

/** How many may compute: several where the service worker has set the page apart. */
function threads(script) {
  if (!globalThis.crossOriginIsolated) return 1;
  // onnxruntime starts each of them from its own file; the page lets no other script be started
  globalThis.trustedTypes?.defaultPolicy ??
    globalThis.trustedTypes?.createPolicy("default", { createScriptURL: (address) => (address === script ? address : null) });
  return Math.min(MOST_THREADS, navigator.hardwareConcurrency);
}

/** A file's bytes, refused by the browser itself where its hash is another. */
async function bytesOf({ address, integrity }) {
  const response = await fetch(address, { integrity });
  if (!response.ok) throw new Error(`${address} is not there (${response.status}).`);
  return new Uint8Array(await response.arrayBuffer());
}

/** The same fields as the server's answer, likeliest class first. */
export function answerOf({ classes, thresholds, target }, { probabilities, distance }) {
  const order = [...classes.keys()].sort((a, b) => probabilities[b] - probabilities[a]);
  const ranked = order.map((index) => [classes[index], probabilities[index]]);
  const { said, sure } = decisionOf(target ? undefined : thresholds.point, order[0], probabilities);
  return {
    label: classes[said],
    probability: probabilities[said],
    probabilities: Object.fromEntries(ranked),
    could_be: ranked.filter(([, share]) => share >= thresholds.probability).map(([label]) => label),
    known: distance <= thresholds.distance,
    distance,
    ...(target ? { labels: classes.filter((_, at) => probabilities[at] >= (thresholds.labels?.[at] ?? UNDECIDED)), target } : {}),
    ...(sure === undefined ? {} : { sure }),
  };
}

/** Which class is said at a model's operating point, and whether it is sure enough of it: as `are_sure` in Python. */
function decisionOf(point, likeliest, probabilities) {
  if (!point) return { said: likeliest };
  if (!point.costs) return { said: likeliest, sure: probabilities[likeliest] >= point.sure };
  const expected = point.costs[0].map((_, answer) =>
    point.costs.reduce((sum, row, truth) => sum + probabilities[truth] * row[answer], 0),
  );
  const cheapest = expected.indexOf(Math.min(...expected));
  return cheapest < probabilities.length ? { said: cheapest, sure: true } : { said: likeliest, sure: false };
}

async function prove(facts, seen, run) {
  for (const entry of facts.golden) {
    const here = await seen(blobOf(entry.file));
    const there = (await pixelsOf(blobOf(entry.pixels), "white")).data;
    const tolerance = PIXEL_TOLERANCE[entry.kind] ?? JPEG_TOLERANCE;
    const apart = here.reduce((worst, level, at) => Math.max(worst, Math.abs(level - there[at])), 0);
    if (!(apart <= tolerance)) {
      throw new Error(`This browser decodes photos otherwise than the trainer did (${entry.kind}, ${apart} levels).`);
    }
    const { probabilities } = await run(there); // the arithmetic, apart from the decoding
    const off = entry.probabilities.reduce((worst, share, at) => Math.max(worst, Math.abs(share - probabilities[at])), 0);

    if (!(off <= PROBABILITY_TOLERANCE)) {
      throw new Error(`This browser computes otherwise than the trainer did (${entry.kind}, off by ${off.toFixed(3)}).`);
    }
  }
}

const blobOf = (base64) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]);

// Sentences in the language of the page: gettext's way, with the English sentence as the key. A page in another
// language brings its catalogue with it; tools/languages.py finds the sentences by the names of these functions.
const told = document.getElementById("catalogue");
const ENGLISH = { language: "en", decimal: ".", messages: {} };
const catalogue = told ? JSON.parse(told.textContent) : ENGLISH;
const rules = new Intl.PluralRules(catalogue.language);
const lists = catalogue.language === "en" ? "en-GB" : catalogue.language; // no comma before the last "and"
const HOLES = /\{(\w+)\}|<(\w+)>(.*?)<\/\2>/gu;

/**
 * A sentence, in which `{name}` stands for the value of that name and `<name>words</name>` for what the function of
 * that name makes of the words. A text; where a value is an element, a list of texts and elements.
 *
 * One that the catalogue does not have, as what a plug-in says, stays as it is.
 */
export const _ = (message, values) => fill([find(message) ?? message].flat()[0], values);

/** A sentence about `{count}` things, in the form that the number takes. */
export function ngettext(one, many, count, values = {}) {
  const found = find(one)?.[catalogue.plurals[rules.select(count)]] ?? (count === 1 ? one : many);
  return fill(found, { count, ...values });
}

/** A sentence that is said later, by `_`: as it is, and found by the catalogue. */
export const gettext_noop = (message) => message;

const find = (message) => (Object.hasOwn(catalogue.messages, message) ? catalogue.messages[message] : undefined);

function fill(text, values) {
  if (values === undefined) return text;
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(HOLES)) {
    const [whole, hole, tag, inside] = found;
    pieces.push(text.slice(end, found.index), tag ? values[tag](fill(inside, values)) : shown(values[hole]));
    end = found.index + whole.length;
  }
  pieces.push(text.slice(end));
  const whole = pieces.flat().filter((one) => one !== "");
  return whole.every((one) => typeof one === "string") ? whole.join("") : whole;
}

const shown = (value) => (typeof value === "number" ? grouped(value) : value);

/** `12345` → `12,345`. */
export const grouped = (number) => number.toLocaleString(catalogue.language);

/** `(12.345, 1)` → `12.3`. */
export const fixed = (number, digits) => number.toFixed(digits).replace(".", catalogue.decimal);

/** `0` → `0 photos`, `1` → `1 photo`, `12345` → `12,345 photos`. */
export const photos = (number) => ngettext("{count} photo", "{count} photos", number);

/** `a, b and c`, or with "disjunction" `a, b or c`: a list of texts, or of elements and texts. */
export function listed(items, type = "conjunction") {
  const parts = new Intl.ListFormat(lists, { type }).formatToParts(items.map((_item, place) => String(place)));
  return parts.map((part) => (part.type === "element" ? items[Number(part.value)] : part.value));
}

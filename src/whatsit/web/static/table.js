// The photos of a visit as a table: on the page, to choose from, and as a file with the columns of `whatsit predict --to`.
import { headline, inWords, isSeveral, isUnsure, named, othersOf, standsOut, sureness } from "./answer.js";

/** The row of an entry; `choose` is called when somebody picks it. */
export function drawRow(entry, choose) {
  const row = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  const button = document.createElement("button");
  button.type = "button";
  button.append(entry.picture ? picture(entry) : placeholder(), named(entry.name || "a photo"));
  name.append(button);
  row.append(name, cell("answer"), cell("figure"), cell("others"));
  row.addEventListener("click", () => choose(entry));
  return row;
}

/** Put into a row what is known of its entry by now. */
export function fillRow(row, entry, isChosen) {
  const { answer } = entry;
  row.firstChild.firstChild.setAttribute("aria-current", String(isChosen));
  row.classList.toggle("strange", Boolean(answer && (!answer.known || isUnsure(answer) || !standsOut(answer))));
  row.classList.toggle("failed", Boolean(entry.error));
  const [, said, share, others] = row.children;
  said.replaceChildren(entry.error ? `No answer: ${entry.error}` : answer ? named(headline(answer)) : "Looking …");
  share.textContent = answer ? sureness(answer) : "";
  const also = answer?.known ? othersOf(answer) : [];
  others.classList.toggle("also", also.length > 0);
  others.textContent = also.length ? inWords(also) : answer && !standsOut(answer) ? "less sure than usual" : "";
}

function cell(kind) {
  const made = document.createElement("td");
  made.className = kind;
  return made;
}

function picture(entry) {
  const image = document.createElement("img");
  Object.assign(image, { alt: "", loading: "lazy", decoding: "async", src: entry.picture });
  image.addEventListener("error", () => image.replaceWith(placeholder()));
  return image;
}

function placeholder() {
  const empty = document.createElement("span");
  empty.className = "none";
  return empty;
}

/** What was answered so far, as CSV. */
export function csvOf(entries, classes) {
  const several = entries.some(({ answer }) => answer && isSeveral(answer));
  const said = several ? ["predicted"] : ["predicted", "probability"];
  const sure = entries.some(({ answer }) => answer && "sure" in answer) ? ["sure"] : [];
  const head = ["name", ...said, "distance", "known", "could_be", ...sure, "reason", ...classes.map((label) => `p(${label})`)];
  const rows = entries.filter(({ answer, error }) => answer || error).map(({ name, answer, error }) => {
    if (!answer) return [name, ...said.map(() => ""), "", "", "", ...sure.map(() => ""), error, ...classes.map(() => "")];
    const { label, labels, probability, distance, known, could_be, probabilities } = answer;
    const shares = classes.map((one) => number(probabilities[one]));
    const what = several ? [labels.join(";")] : [label, number(probability)];
    const isSure = sure.map(() => (answer.sure ? "yes" : "no"));
    return [name, ...what, number(distance), known ? "yes" : "no", could_be.join(" | "), ...isSure, "", ...shares];
  });
  return [head, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

/** Nine digits, which bring back the same float32. */
const number = (value) => String(Number(value.toPrecision(9)));

/** A cell: what a spreadsheet would run as a formula begins with an apostrophe, as in the tables of `predict --to`. */
function quoted(text) {
  const isFormula = /^'*[=+\-@\t\r]/.test(text) && !/^[+-]\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Have the browser save a text as a file. */
export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// An answer of the API drawn into the shape of _answer.html.
const SHOWN = 5;

export function drawAnswer(root, answer) {
  const part = (name) => root.querySelector(`[data-part=${name}]`);
  part("answer").classList.toggle("strange", !answer.known);
  part("label").textContent = answer.known ? answer.label : "Not one of these";
  part("share").textContent = answer.known ? percent(answer.probability) : "";
  part("aside").textContent = aside(answer);
  const rows = Object.entries(answer.probabilities).slice(0, SHOWN).map(([label, share]) => row(label, share));
  part("bars").tBodies[0].replaceChildren(...rows);
}

export function percent(share) {
  const value = 100 * share;
  if ((value > 99 && value < 100) || (value > 0 && value < 1)) return `${Math.min(value, 99.9).toFixed(1)} %`;
  return `${value.toFixed(0)} %`;
}

export function aside(answer) {
  if (!answer.known) {
    return `Unlike anything it has learnt from. The nearest is ${answer.label}, ${percent(answer.probability)}.`;
  }
  const others = answer.could_be.filter((label) => label !== answer.label);
  return others.length ? `It could also be ${others.join(", ")}.` : "";
}

function row(label, share) {
  const line = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = label;
  const bar = document.createElement("td");
  bar.className = "bar";
  const meter = document.createElement("meter");
  meter.max = 1;
  meter.value = share;
  bar.append(meter);
  const figure = document.createElement("td");
  figure.className = "figure";
  figure.textContent = percent(share);
  line.append(name, bar, figure);
  return line;
}

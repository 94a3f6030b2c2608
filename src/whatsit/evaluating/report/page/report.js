"use strict";
document.documentElement.classList.add("js");

// The photos of a cell of the confusion matrix.
const panel = document.getElementById("cell");
if (panel) {
  const photos = JSON.parse(document.getElementById("cells").textContent);
  const buttons = [...document.querySelectorAll(".matrix button")];

  function show(button) {
    for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    const found = photos[button.dataset.cell] || [];
    const total = Number(button.querySelector(".counts").textContent);
    const more = found.length < total ? ` (${found.length} shown)` : "";
    panel.querySelector("h3").textContent = button.getAttribute("aria-label") + more;
    panel.querySelector("ul").replaceChildren(...found.map(listed));
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
  }

  function listed(photo) {
    const item = document.createElement("li");
    const image = document.createElement("img");
    image.src = photo.src;
    image.width = photo.width;
    image.height = photo.height;
    image.alt = image.title = photo.name;
    if (photo.tiny) image.className = "tiny";
    const words = document.createElement("span");
    words.textContent = photo.probability;
    item.append(image, words);
    return item;
  }

  // One stop for the tab key; arrows go to the next cell with photos in that direction.
  function move(from, rows, columns) {
    const cell = from.closest("td");
    const table = cell.closest("tbody").rows;
    let row = cell.parentElement.sectionRowIndex + rows;
    let column = cell.cellIndex + columns;
    while (table[row] && table[row].cells[column]) {
      const next = table[row].cells[column].querySelector("button");
      if (next) return focus(next);
      row += rows;
      column += columns;
    }
  }

  function focus(button) {
    for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  buttons.forEach((button, place) => {
    button.tabIndex = place ? -1 : 0;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => show(button));
    button.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step) return;
      event.preventDefault();
      move(button, ...step);
    });
  });
}

// Tables that sort by the column whose heading is chosen.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  for (const heading of table.tHead.rows[0].cells) {
    if (heading.querySelector(".hidden")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const falling = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
      const key = (row) => row.cells[heading.cellIndex].textContent;
      const number = (text) => (text === "–" ? -1 : Number.parseFloat(text.replaceAll(",", "")));
      const numeric = heading.classList.contains("n");
      const order = (a, b) => (numeric ? number(key(a)) - number(key(b)) : key(a).localeCompare(key(b)));
      body.append(...[...body.rows].sort((a, b) => (falling ? order(b, a) : order(a, b))));
    });
  }
}

// Of a long table only the rows are shown whose name has what is typed.
const LONG = 30;
for (const table of document.querySelectorAll("table.sortable")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length <= LONG) continue;
  const label = document.createElement("label");
  const field = document.createElement("input");
  const count = document.createElement("span");
  label.className = "find";
  field.type = "search";
  field.autocomplete = "off";
  count.setAttribute("role", "status");
  label.append(`Find a ${table.tHead.rows[0].cells[0].textContent.toLowerCase()} `, field, " ", count);
  table.parentElement.before(label);
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const names = rows.map((row) => plain(row.cells[0].textContent));
  field.addEventListener("input", () => {
    const wanted = plain(field.value.trim());
    rows.forEach((row, place) => { row.hidden = !names[place].includes(wanted); });
    count.textContent = wanted ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
  });
}

// Printed, everything is open.
const closed = [];
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    details.open = true;
    closed.push(details);
  }
});
addEventListener("afterprint", () => {
  while (closed.length) closed.pop().open = false;
});

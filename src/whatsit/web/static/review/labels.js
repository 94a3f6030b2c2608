// Several labels a photo: chips that say what it has, a search for all others, and which photos are shown.
import { setApart } from "./names.js";
import { $, element } from "./page.js";
import { _ } from "./translate.js";

const MOST_HAD = 12, MOST_RECENT = 6; // chips beside those on the keys
const MOST_HITS = 60; // of a search
// What is said of a label to those who do not see its chip, and in a search.
const SAID = { has: "", not: _("not there"), unseen: _("nobody looked"), some: _("some of them") };
const PRESSED = { has: "true", some: "mixed" };

/**
 * The strip of labels under the photos. `at` tells of the photos at hand and writes:
 * rows() those meant, labelsOf(row) what one has, isUnseen(row, label), mark(label, decision).
 */
export function makeStrip(classes, onKeys, at) {
  const recent = []; // labels that were given or taken last: they keep their chip
  const search = $("search"), hits = $("hits");
  let active = 0;

  function saysOf(label, rows) {
    const having = rows.filter((row) => at.labelsOf(row).includes(label)).length;
    if (rows.length && having === rows.length) return "has";
    if (having) return "some";
    return rows.some((row) => at.isUnseen(row, label)) ? "unseen" : "not";
  }

  function mark(label, isUnseen = false) {
    if (!onKeys.includes(label)) {
      if (recent.includes(label)) recent.splice(recent.indexOf(label), 1);
      recent.unshift(label);
      recent.length = Math.min(recent.length, MOST_RECENT);
    }
    at.mark(label, isUnseen ? "not-looked" : saysOf(label, at.rows()) === "has" ? "has-not" : "has");
  }

  function had(rows) {
    const all = new Set();
    for (const row of rows) for (const label of at.labelsOf(row)) all.add(label);
    return all;
  }

  function draw() {
    const rows = at.rows();
    const others = [...had(rows)].filter((label) => !onKeys.includes(label) && !recent.includes(label));
    const labels = [...onKeys, ...recent, ...others.slice(0, MOST_HAD)];
    const chips = $("chips"), shown = [...chips.querySelectorAll(".chip")];
    if (shown.map((one) => one.label).join("\n") !== labels.join("\n")) {
      chips.replaceChildren(...labels.map(newChip));
    }
    const rest = others.length - MOST_HAD;
    $("more").hidden = rest <= 0;
    $("more").textContent = _("and {count} more", { count: rest });
    for (const chip of chips.querySelectorAll(".chip")) {
      const says = saysOf(chip.label, rows);
      chip.dataset.says = says;
      chip.setAttribute("aria-pressed", PRESSED[says] ?? "false");
      chip.querySelector(".unseen").textContent = SAID[says] && says !== "not" ? `, ${SAID[says]}` : "";
      chip.title = setApart([chip.label, SAID[says]].filter(Boolean).join(", "));
    }
    if (search.getAttribute("aria-expanded") === "true") drawHits();
  }

  function newChip(label) {
    const key = onKeys.indexOf(label) + 1;
    const chip = element("button", { type: "button", class: "chip" }, element("bdi", {}, label), element("span", { class: "unseen" }));
    if (key) {
      chip.append(element("kbd", {}, String(key)));
      chip.setAttribute("aria-keyshortcuts", String(key));
    }
    chip.label = label;
    chip.addEventListener("click", (event) => mark(label, event.shiftKey));
    return chip;
  }

  // What the typed letters find, those that begin so first; with nothing typed what the photo has.
  function find() {
    const typed = search.value.trim().toLocaleLowerCase();
    if (!typed) return [...had(at.rows())];
    const good = classes.filter((label) => label.toLocaleLowerCase().includes(typed));
    const begins = (label) => label.toLocaleLowerCase().startsWith(typed);
    return [...good.filter(begins), ...good.filter((label) => !begins(label))];
  }

  function drawHits() {
    const rows = at.rows(), found = find();
    const shown = found.slice(0, MOST_HITS);
    active = Math.min(active, Math.max(0, shown.length - 1));
    hits.replaceChildren(...shown.map((label, place) => {
      const says = saysOf(label, rows);
      const hit = element("div", { class: "hit", role: "option", id: `hit-${place}`, "aria-selected": place === active });
      hit.dataset.says = says;
      hit.append(element("bdi", {}, label), element("small", {}, says === "has" ? _("there") : SAID[says]));
      hit.label = label;
      return hit;
    }));
    if (!shown.length) hits.append(element("div", { class: "hit", role: "option", "aria-disabled": "true", "aria-selected": "false" }, _("no such label")));
    else if (found.length > shown.length) {
      const rest = found.length - shown.length;
      hits.append(element("div", { class: "hit", role: "option", "aria-disabled": "true", "aria-selected": "false" }, _("and {count} more: type on", { count: rest })));
    }
    search.setAttribute("aria-expanded", "true");
    hits.hidden = false;
    if (shown.length) search.setAttribute("aria-activedescendant", `hit-${active}`);
    else search.removeAttribute("aria-activedescendant");
    hits.children[active]?.scrollIntoView({ block: "nearest" });
  }

  function close() {
    hits.hidden = true;
    hits.replaceChildren();
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  }

  function open() {
    search.focus();
    search.select();
    active = 0;
    drawHits();
  }

  $("more").addEventListener("click", () => { search.value = ""; open(); });
  search.addEventListener("focus", drawHits);
  search.addEventListener("input", () => { active = 0; drawHits(); });
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const count = hits.querySelectorAll(".hit:not([aria-disabled])").length;
      active = count ? (active + (event.key === "ArrowDown" ? 1 : count - 1)) % count : 0;
      drawHits();
    } else if (event.key === "Enter") {
      const hit = hits.children[active];
      if (hit?.label !== undefined) mark(hit.label, event.shiftKey);
      search.select();
    } else if (event.key === "Escape") {
      search.value = "";
      search.blur();
      at.leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  hits.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the search keeps the focus
    const hit = event.target.closest(".hit");
    if (hit?.label !== undefined) mark(hit.label, event.shiftKey);
  });
  $("marks").hidden = false;
  return { draw, open, mark };
}

/** The words that choose which photos of a queue are shown; `changed(query)` is told what is asked for. */
export function makeFilter(classes, given, changed) {
  const kind = $("sought"), first = $("sought-label"), second = $("sought-without");
  $("names").replaceChildren(...classes.map((label) => element("option", { value: label })));
  const asked = new URLSearchParams(given);
  kind.value = asked.has("unseen") ? "unseen" : asked.has("none") ? "none" : asked.size ? "has" : "";
  first.value = asked.get("unseen") ?? asked.get("has") ?? "";
  second.value = asked.get("without") ?? "";

  const show = () => {
    first.hidden = !["has", "unseen"].includes(kind.value);
    second.hidden = kind.value !== "has";
  };
  const query = () => {
    const words = new URLSearchParams();
    if (kind.value === "none") words.set("none", "1");
    if (kind.value === "has" && first.value) words.set("has", first.value);
    if (kind.value === "has" && second.value) words.set("without", second.value);
    if (kind.value === "unseen" && first.value) words.set("unseen", first.value);
    return words.toString();
  };
  let told = query();
  const tell = () => {
    show();
    if (query() !== told) { told = query(); changed(told); }
  };
  for (const one of [kind, first, second]) one.addEventListener("change", tell);
  $("filter").addEventListener("submit", (event) => { event.preventDefault(); tell(); });
  $("filter").hidden = false;
  show();
}

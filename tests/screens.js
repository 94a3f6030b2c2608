// What must hold of a page on every screen. Each function gives back what is wrong, in words.
const isSeen = (one) => one.checkVisibility({ visibilityProperty: true })
  && !one.closest(".quiet, .hidden, .unseen, .skip, [aria-hidden=true], [inert]");
const told = (one) => {
  const kind = one.classList.length ? `.${[...one.classList].join(".")}` : "";
  return `${one.tagName.toLowerCase()}${one.id && `#${one.id}`}${kind} “${(one.getAttribute("aria-label") ?? one.textContent).trim().slice(0, 60)}”`;
};
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option]";
const hides = (style) => ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis";

/** Controls that nobody can reach: scrolled to, they lie outside the screen or below something else. */
function findOutside() {
  const found = [];
  const scrolled = [...document.querySelectorAll("*")].map((one) => [one, one.scrollTop, one.scrollLeft]);
  const within = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
  for (const one of within.querySelectorAll(CONTROLS)) {
    const shown = one.matches("input[type=file]") ? one.closest("label, .choose") ?? one : one; // it is laid over that
    if (!isSeen(one) || !isSeen(shown)) continue;
    shown.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = shown.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    const line = shown.getClientRects()[0]; // of a link that goes on in the next one the middle is beside it
    const [x, y] = [line.left + line.width / 2, line.top + Math.min(line.height, innerHeight) / 2];
    const at = document.elementFromPoint(x, y);
    if (at?.closest(".menu") && !one.closest(".menu")) continue; // it comes out again when the menu is closed
    const isThere = at && (shown.contains(at) || at.closest("label")?.contains(shown) || at.closest("label")?.control === one);
    if (box.left < -1 || box.right > innerWidth + 1) {
      found.push(`outside: ${told(one)} from ${Math.round(box.left)} to ${Math.round(box.right)} of ${innerWidth}`);
    } else if (!isThere) {
      found.push(`below ${at ? told(at) : "the window"}: ${told(one)}`);
    }
  }
  for (const [one, top, left] of scrolled) {
    if (one.scrollTop !== top || one.scrollLeft !== left) one.scrollTo({ top, left, behavior: "instant" });
  }
  return found;
}

/** What is wider than its place and cut there; a table that scrolls and neither shows it nor heeds keys. */
function findCut() {
  const found = [];
  const width = document.documentElement.scrollWidth;
  if (width > innerWidth) found.push(`the page is ${width} wide on a screen of ${innerWidth}`);
  for (const one of document.querySelectorAll("table, pre, h1, h2, h3, p, li, dd, dt, th, td, label, button, .button, img, svg")) {
    const box = one.getBoundingClientRect();
    if (!isSeen(one) || !box.width || !box.height) continue;
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth && hides(getComputedStyle(one))) found.push(`cut: ${told(one)}`);
    let outer = one.parentElement;
    while (outer && outer !== document.body && getComputedStyle(outer).overflowX === "visible") outer = outer.parentElement;
    if (outer && outer !== document.body) {
      const place = outer.getBoundingClientRect();
      const isWider = box.right > place.right + 2 || box.left < place.left - 2;
      if (isWider && hides(getComputedStyle(outer)) && !one.matches("img, svg")) found.push(`cut by ${told(outer)}: ${told(one)}`);
    }
    if (!one.matches("table")) continue;
    const place = one.closest(".scroll");
    if (one.scrollWidth <= (place ?? one.parentElement).clientWidth + 1) continue;
    if (!place || !["auto", "scroll"].includes(getComputedStyle(place).overflowX)) found.push(`wider than its place: ${told(one)}`);
    else if (place.tabIndex < 0 || !place.getAttribute("aria-label")) found.push(`scrolls, and not by keys: ${told(one)}`);
    else if (!getComputedStyle(place).backgroundImage.includes("gradient")) found.push(`scrolls, and nothing shows it: ${told(one)}`);
  }
  return [...new Set(found)];
}

/** Where a name stands within a sentence as if it were part of it, so that it may turn what is around it. */
function findBare(name) {
  const found = [];
  const isolates = (one) => ["isolate", "isolate-override", "plaintext"].includes(getComputedStyle(one).unicodeBidi);
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const whole = new RegExp(`[^\\s\u2066-\u2069]*${escaped}[^\\s\u2066-\u2069]*`, "g"); // a path has it in it
  const isBare = (text) => [...text.matchAll(whole)].some((one) => one[0].length !== text.trim().length
    && !(text[one.index - 1] === "\u2068" && text[one.index + one[0].length] === "\u2069"));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data;
    const parent = walker.currentNode.parentElement;
    if (!text.includes(name) || parent.closest("script, style, template, code, pre, option, textarea") || !isSeen(parent)) continue;
    if (isBare(text)) { found.push(`bare in “${text.trim().slice(0, 90)}”`); continue; }
    if (text.includes("\u2068")) continue;
    let one = parent; // the text is the name alone: something that holds nothing else sets it apart
    while (one.textContent.trim() === text.trim() && !isolates(one)) one = one.parentElement;
    if (one.textContent.trim() !== text.trim()) found.push(`bare in ${told(one)}`);
  }
  for (const one of document.querySelectorAll("[aria-label], [alt], [title], [placeholder]")) {
    for (const kind of ["aria-label", "alt", "title", "placeholder"]) {
      const text = one.getAttribute(kind) ?? "";
      if (text.includes(name) && isBare(text) && isSeen(one)) found.push(`bare in ${kind} “${text.slice(0, 90)}”`);
    }
  }
  return [...new Set(found)];
}

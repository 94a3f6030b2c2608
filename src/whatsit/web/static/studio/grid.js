// The photos of a class: a grid of which only what is in sight is drawn, chosen from by keys, mouse and touch.
import { html, useEffect, useLayoutEffect, useRef, useState } from "./preact.js";
import { isolate } from "./names.js";
import { photoAt } from "./talk.js";
import { _ } from "./translate.js";

const CELL = 128; // pixels a side at least
const GAP = 6;
const BEYOND = 2; // rows drawn above and below what is in sight
const PAUSE_MS = 80; // of scrolling, after which photos are asked for: a fling through 100,000 asks for none between

/** Names with commas between them, each set apart from the direction of the others. */
const listed = (names) => (names.length ? names.map((name, place) => html`${place ? ", " : ""}<bdi>${name}</bdi>`) : _("none of these"));

export function Grid({ project, label, photos, chosen, setChosen, open, shows, act }) {
  const pane = useRef(null);
  const [here, setHere] = useState(0);
  const [anchor, setAnchor] = useState(0);
  const [view, setView] = useState({ width: 0, height: 0, top: 0 });
  const [settled, setSettled] = useState(0); // the row from which on photos were asked for last
  const pause = useRef(0);
  useLayoutEffect(() => {
    const measure = () => setView((before) => ({ ...before, width: pane.current.clientWidth, height: pane.current.clientHeight }));
    const watch = new ResizeObserver(measure);
    watch.observe(pane.current);
    measure();
    return () => watch.disconnect();
  }, []);
  useEffect(() => { setHere(0); setAnchor(0); setSettled(0); if (pane.current) pane.current.scrollTop = 0; }, [label]);
  const across = Math.max(1, Math.floor((view.width + GAP) / (CELL + GAP)));
  const side = Math.floor((view.width - GAP * (across - 1)) / across) || CELL;
  const rows = Math.ceil(photos.length / across);
  const first = Math.max(0, Math.floor(view.top / (side + GAP)) - BEYOND);
  const last = Math.min(rows, Math.ceil((view.top + view.height) / (side + GAP)) + BEYOND);
  const shown = photos.slice(first * across, last * across);
  const place = Math.min(here, photos.length - 1);

  // drawn anew only where another row comes into sight; photos that were in sight before stay
  const follow = (top) => {
    if (Math.floor(top / (side + GAP)) === Math.floor(view.top / (side + GAP))) return;
    setView((before) => ({ ...before, top }));
    clearTimeout(pause.current);
    pause.current = setTimeout(() => setSettled(Math.floor(top / (side + GAP))), PAUSE_MS);
  };
  useEffect(() => () => clearTimeout(pause.current), []);
  const rowsInSight = Math.ceil(view.height / (side + GAP)) + BEYOND;
  const isAskedFor = (row) => row >= settled - BEYOND && row < settled + rowsInSight;
  const reveal = (index) => {
    const top = Math.floor(index / across) * (side + GAP);
    const { scrollTop, clientHeight } = pane.current;
    if (top < scrollTop) pane.current.scrollTop = top;
    else if (top + side > scrollTop + clientHeight) pane.current.scrollTop = top + side - clientHeight;
  };
  const range = (one, other) => photos.slice(Math.min(one, other), Math.max(one, other) + 1);
  const choose = (index, event) => {
    const next = event.shiftKey ? new Set([...chosen, ...range(anchor, index)]) : new Set(chosen);
    if (!event.shiftKey) {
      if (next.has(photos[index])) next.delete(photos[index]);
      else next.add(photos[index]);
      setAnchor(index);
    }
    setHere(index);
    setChosen(next);
  };
  const go = (index, event) => {
    const to = Math.max(0, Math.min(photos.length - 1, index));
    if (event.shiftKey) setChosen(new Set([...chosen, ...range(place, to)]));
    else setAnchor(to);
    setHere(to);
    reveal(to);
  };
  const byKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "a" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); setChosen(new Set(photos)); }
      return;
    }
    const page = across * Math.max(1, Math.floor(view.height / (side + GAP)));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, PageDown: page, PageUp: -page,
      Home: -photos.length, End: photos.length };
    const picked = chosen.size ? [...chosen] : photos[place] ? [photos[place]] : [];
    if (event.key in steps) go(place + steps[event.key], event);
    else if (event.key === " ") choose(place, event);
    else if (event.key === "Enter") open(photos[place]);
    else if (event.key === "Escape") setChosen(new Set());
    else if (event.key === "Delete" || event.key === "Backspace") act.remove(picked);
    else if (/^[0-9]$/.test(event.key)) act.byNumber(Number(event.key) - 1, picked);
    else return;
    event.preventDefault();
  };
  const drag = (event, name) => {
    const names = chosen.has(name) ? [...chosen] : [name];
    event.dataTransfer.setData("application/x-whatsit", JSON.stringify(names));
    event.dataTransfer.effectAllowed = "move";
  };
  return html`<div class="pane" ref=${pane} tabindex="0" role="listbox" aria-multiselectable="true"
    aria-label=${_("Photos of {name}", { name: isolate(label) })} aria-activedescendant=${photos.length ? `photo-${place}` : undefined}
    onKeyDown=${byKey} onScroll=${(event) => follow(event.currentTarget.scrollTop)}>
    <div class="space" role="presentation" style=${{ height: `${Math.max(0, rows * (side + GAP) - GAP)}px` }}>
      ${shown.map((name, offset) => {
        const index = first * across + offset;
        const [row, column] = [Math.floor(index / across), index % across];
        return html`<div key=${name} id=${`photo-${index}`} role="option" aria-selected=${chosen.has(name)}
          aria-label=${`${name.split("/").slice(1).join("/")}${shows ? `: ${shows(name).map(isolate).join(", ") || _("none of these")}` : ""}`} aria-setsize=${photos.length} aria-posinset=${index + 1}
          class=${`cell${index === place ? " here" : ""}`} draggable="true" onDragStart=${(event) => drag(event, name)}
          onClick=${(event) => choose(index, event)} onDblClick=${() => open(name)}
          style=${{ left: `${column * (side + GAP)}px`, top: `${row * (side + GAP)}px`, width: `${side}px`, height: `${side}px` }}>
          ${isAskedFor(row) && html`<img src=${photoAt(project, name)} alt="" decoding="async" draggable="false" />`}${shows && html`<span class="shows" aria-hidden="true">${listed(shows(name))}</span>`}</div>`;
      })}
    </div>
  </div>`;
}

// What the review page knows of photos: what was decided, what they have, what is proposed, what was found.
import { _ } from "./translate.js";

export const MOST_CHIPS = 6; // in the line under a photo, and in what a screen reader hears of it
export const LINES = { "": "", "leave-out": _("left out"), keep: _("kept"), relabel: "" };

export const places = new Map(); // label → its number
export const states = new Map(); // row → { decision, labels, proposals: [[label, whether it is marked, probability]], by }
export const UNKNOWN = { decision: "", labels: [], proposals: [], by: "" }; // by: who else decided last
export const facts = new Map(); // row → { name, found, faces, unseen: runs of labels that nobody looked for }
export const stale = new Set(); // rows whose facts are to be asked for again

export const stateOf = (row) => states.get(row) ?? UNKNOWN;
export const inWords = ({ decision, labels, by }) => [LINES[decision], inShort(labels), by && _("by {name}", { name: by })].filter(Boolean).join(" · ");

export function inShort(labels) {
  const rest = labels.length - MOST_CHIPS;
  return rest > 0 ? _("{names} and {count} more", { names: labels.slice(0, MOST_CHIPS).join(", "), count: rest }) : labels.join(", ");
}

// Whether nobody looked for a label; what was decided since the facts came stands in `looked`.
export function isUnseen(row, label) {
  const known = facts.get(row);
  if (!known) return false;
  const number = places.get(label);
  return known.looked?.get(label) ?? known.unseen.some(([first, behind]) => first <= number && number < behind);
}

// Classes that there are in the project already: a press gives what is asked about such a name.
import { $ } from "./page.js";

/** Their names, where each is asked about instead: then nothing is left to offer. */
export function takeKnown() {
  const names = [...($("offered")?.children ?? [])].map((button) => button.dataset.name);
  $("offered")?.remove();
  return names;
}

/** Offer those that nothing was named yet; what was is among the answers. */
export function offerKnown(classes) {
  const named = new Set(classes.map((one) => one.name));
  for (const button of $("offered")?.children ?? []) button.hidden = named.has(button.dataset.name);
}

for (const button of $("offered")?.children ?? []) {
  button.addEventListener("click", () => {
    $("name").value = button.dataset.name;
    $("new").requestSubmit();
  });
}

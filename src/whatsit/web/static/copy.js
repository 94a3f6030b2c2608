// Lines to paste: each gets a button that copies it.
import { _ } from "./translate.js";

for (const code of document.querySelectorAll("pre.code")) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button copy", textContent: _("Copy") });
  button.setAttribute("aria-label", _("Copy: {what}", { what: code.dataset.what }));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = _("Copied");
    } catch { // by http:// from another machine, browsers keep the clipboard to themselves
      getSelection().selectAllChildren(code);
      button.textContent = _("Selected: press Ctrl+C");
    }
    setTimeout(() => (button.textContent = _("Copy")), 3000);
  });
  const line = document.createElement("div");
  line.className = "copied";
  const heading = code.previousElementSibling;
  heading.replaceWith(line);
  line.append(heading, button);
}

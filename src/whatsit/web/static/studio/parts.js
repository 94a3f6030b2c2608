// Small parts that several screens of the studio show.
import { html, useState } from "./preact.js";
import { _, fixed, grouped } from "./translate.js";

/** A command that does the same, with a button that copies it. */
export function Command({ text, label = _("The command that does the same") }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 2000);
    } catch { /* the text can be selected by hand */ }
  };
  return html`<details class="command"><summary>${label}</summary>
    <div class="copying"><pre class="code" tabindex="0" aria-label=${label}>${text}</pre>
      <button type="button" class="button small-button" onClick=${copy}>${copied ? _("Copied") : _("Copy")}</button></div>
  </details>`;
}

/** Work under way: what it is, and how far. */
export function Bar({ what, done = 0, total = null, unit = "" }) {
  const share = total ? Math.min(1, done / total) : null;
  const said = unit && total ? _("{done} of {total} {unit}", { done: grouped(Math.floor(done)), total: grouped(Math.ceil(total)), unit }) : "";
  return html`<div class="working">
    <p><span>${what} …</span><span class="small">${said}</span></p>
    <progress aria-label=${what} max="1" value=${share ?? undefined}></progress>
  </div>`;
}

/** What the library tells of its work; its own words where no catalogue has them. */
export function tellWork(what) {
  const size = /^Decoding to (.+)$/.exec(what)?.[1];
  return size ? _("Decoding to {size}", { size }) : _(what);
}

/** A button that lets one choose files, or a folder with all that lies in it. */
export function Chooser({ text, isFolder = false, take }) {
  return html`<label class="button choose-files">${text}
    <input type="file" multiple accept=${isFolder ? undefined : "image/*,.heic,.heif,.avif,.zip"} webkitdirectory=${isFolder || undefined}
      onChange=${(event) => { take([...event.target.files]); event.target.value = ""; }} /></label>`;
}

/** A share as a percentage with the interval around it, drawn as a mark on a line. */
export function Interval({ value, interval, label }) {
  const [low, high] = interval;
  return html`<svg class="interval" viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label=${label}>
    <rect class="track" x="0" y="4" width="100" height="4" rx="2" />
    <rect class="fill" x=${100 * low} y="3" width=${Math.max(0.5, 100 * (high - low))} height="6" rx="2" />
    <rect class="mark" x=${Math.max(0, 100 * value - 0.6)} y="0" width="1.2" height="12" />
  </svg>`;
}

/** `0.934` → `93.4 %`. */
export const percent = (share) => `${fixed(share < 1 ? Math.min(99.9, 100 * share) : 100, 1)}\u202f%`;

/** Whether a run says any number of classes of a photo. */
export const isSeveralRun = (run) => run.mean_average_precision !== null;

/** `75` → `1 min 15 s`. */
export function seconds(number) {
  if (number < 60) return _("{seconds} s", { seconds: Math.round(number) });
  const minutes = Math.floor(number / 60);
  return minutes < 60 ? _("{minutes} min {seconds} s", { minutes, seconds: Math.round(number % 60) }) : _("{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** Commands as they are typed, in the folder of a project. */
export const typed = (project, ...commands) => [`cd ${quoted(project.home)}`, ...commands].join("\n");

const quoted = (path) => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** A name within a sentence, set apart from the direction of what stands around it. */
export const bdi = (name) => html`<bdi>${name}</bdi>`;

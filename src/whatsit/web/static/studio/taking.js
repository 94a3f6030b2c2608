// Taking a model along: its file, kits for other machines, and its page on a phone in the same network.
import { html, useEffect, useRef, useState } from "./preact.js";
import { setApart } from "./names.js";
import { bdi, Command, typed } from "./parts.js";
import { _ } from "./translate.js";

const KITS = [["browser", _("A folder for any web host"), _("answers in the visitor's browser, without a server")],
  ["docker", _("A container"), _("the page and its API, for any machine with Docker")],
  ["ec2", _("A machine at Amazon"), _("the page and its API on EC2, with the steps to it")]];
const RENEW_MS = 10_000; // between two signs that this page is still open

/** The files with which a model goes elsewhere. */
export function Take({ project, run, act }) {
  const here = encodeURIComponent(project.name);
  return html`<details class="take"><summary>${_("Take it along")}</summary>
    <ul class="kits">
      <li><span><strong>model.onnx</strong> <span class="small">${_("the model alone, for any program that reads ONNX")}</span></span>
        <a class="button small-button" href=${`/model/${here}/${encodeURIComponent(run.name)}`} download>${_("Download {name}", { name: "model.onnx" })}</a></li>
      ${KITS.map(([to, title, what]) => html`<li key=${to}><${Kit} project=${project} run=${run} to=${to} title=${title} what=${what} act=${act} /></li>`)}
    </ul></details>`;
}

function Kit({ project, run, to, title, what, act }) {
  const here = encodeURIComponent(project.name);
  const job = project.jobs.find((one) => one.verb === "deploy" && one.run === run.name && one.choices.to === to);
  const isBusy = job && ["waiting", "running"].includes(job.state);
  const make = (fetch) => act("make-kit", { run: run.name, to, fetch });
  const lacks = job?.state === "failed" && /not on this machine/.test(job.sentence);
  return html`<span><strong>${title}</strong> <span class="small">${what}</span></span>
    ${job?.state === "done" ? html`<a class="button small-button" href=${`/kit/${here}/${job.number}`} download>${_("Download {name}", { name: bdi(`${run.name}-${to}.zip`) })}</a>`
      : html`<button type="button" class="button small-button" disabled=${isBusy} onClick=${() => make(false)}>${isBusy ? _("Being packed …") : _("Pack it as a .zip")}<span class="quiet"> ${title}</span></button>`}
    ${lacks ? html`<div class="careful"><p>${_("A part of it is not on this computer: ONNX Runtime for browsers, 15 MB. It can be fetched once from cdn.jsdelivr.net; nothing of yours is sent there.")}</p><button type="button" class="button small-button" onClick=${() => make(true)}>${_("Fetch it and pack")}</button></div>`
      : job?.state === "failed" && html`<p class="trouble" lang="en">${setApart(`${job.sentence} ${job.hint}`)}</p>`}
    <${Command} text=${typed(project, job?.command ?? `whatsit deploy runs/${run.name} --to ${to} --into kit-${to}`)} />`;
}

/** A model on a phone: nothing is reached from outside until it is asked for, and it ends with this page. */
export function Phone({ project, run, act, page }) {
  const [isBusy, setBusy] = useState(false);
  const shared = project.shared;
  useEffect(() => {
    if (!shared) return undefined;
    const timer = setInterval(() => act("keep-sharing"), RENEW_MS);
    const leave = () => fetch(`/api/${encodeURIComponent(project.name)}/stop-sharing`,
      { method: "POST", headers: { "content-type": "application/json" }, body: "{}", keepalive: true });
    addEventListener("pagehide", leave);
    return () => { clearInterval(timer); removeEventListener("pagehide", leave); };
  }, [Boolean(shared), project.name]);
  const isShared = useRef(false);
  isShared.current = Boolean(shared);
  useEffect(() => () => { if (isShared.current) act("stop-sharing"); }, []); // another screen is opened
  const open = async () => {
    setBusy(true);
    if (await act("share", { run })) page.setNews(_("The address is there."));
    setBusy(false);
  };
  return html`<section class="phone" aria-labelledby="phone"><h2 class="title" id="phone">${_("On a phone")}</h2>
    ${shared ? html`<div class="sharing"><img src=${shared.picture} width="220" height="220" alt=${_("The address as a code for the phone's camera")} />
        <div><p>${_("Point the phone's camera at the code, or type the address there. The phone has to be in the same network.")}</p>
          <p><a class="address" href=${shared.address} target="_blank" rel="noopener">${shared.address}</a></p>
          <p class="careful">${_("While this page is open, everybody in that network who has this address can ask {run} about photos. They travel unencrypted, so others in the network could read along: not for a network that strangers use. Phones let such a page take photos one by one, and not use the camera live.", { run: bdi(shared.run) })}</p>
          <div class="actions"><button type="button" class="button main" onClick=${() => act("stop-sharing")}>${_("End it")}</button></div></div></div>`
      : html`<p>${_("Opens {run} to the network that this computer is in, for a phone, until you end it or leave this page. Until then nothing here can be reached from outside.", { run: bdi(run) })}</p>
        <p><button type="button" class="button" disabled=${isBusy} onClick=${open}>${isBusy ? _("Opening …") : _("Show the code for a phone")}</button></p>`}
  </section>`;
}

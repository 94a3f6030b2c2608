// Registers the service worker, which keeps the page for when there is no network and sets it apart, so that several
// cores may compute. That takes a page loaded through it: the first is loaded once more, if nobody has touched it yet.
const files = JSON.parse(document.getElementById("files").textContent);
let untouched = true;
for (const touch of ["pointerdown", "keydown", "dragenter", "paste", "change"]) {
  addEventListener(touch, () => (untouched = false), { capture: true, once: true });
}
if ("serviceWorker" in navigator) {
  const policy = globalThis.trustedTypes?.createPolicy("offline", { createScriptURL: () => files.worker });
  navigator.serviceWorker.addEventListener("controllerchange", () => untouched && !crossOriginIsolated && location.reload());
  navigator.serviceWorker.register(policy ? policy.createScriptURL(files.worker) : files.worker).catch(() => {});
}

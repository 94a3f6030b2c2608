// Registers the service worker, which keeps the page for when there is no network.
const files = JSON.parse(document.getElementById("files").textContent);
if ("serviceWorker" in navigator) {
  const policy = globalThis.trustedTypes?.createPolicy("offline", { createScriptURL: () => files.worker });
  navigator.serviceWorker.register(policy ? policy.createScriptURL(files.worker) : files.worker).catch(() => {});
}

// Keeps this page's own files for when there is no network, each checked by its hash. Never a photo or an answer.
const VERSION = "whatsit-@VERSION@";
const FILES = @FILES@;

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forget().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  event.respondWith(answer(event.request));
});

async function keep() {
  const cache = await caches.open(VERSION);
  await Promise.all(Object.entries(FILES).map(async ([path, integrity]) => {
    const response = await fetch(path, { integrity, cache: "no-cache" });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    await cache.put(path, response);
  }));
}

async function forget() {
  const old = (await caches.keys()).filter((name) => name.startsWith("whatsit-") && name !== VERSION);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** A page from the network where there is one, so that a new version is seen; its files from what is kept. */
async function answer(request) {
  const kept = async () => (await caches.open(VERSION)).match(request, { ignoreSearch: true });
  if (request.mode === "navigate") {
    return isolated(await fetch(request).catch(async () => (await kept()) ?? (await caches.open(VERSION)).match("./")));
  }
  return isolated((await kept()) ?? (await fetch(request)));
}

/** With the headers that let the page compute on several cores, and that a plain file server does not send. */
function isolated({ body, status, statusText, headers: sent }) {
  const headers = new Headers(sent);
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-embedder-policy", "require-corp");
  return new Response(body, { status, statusText, headers });
}

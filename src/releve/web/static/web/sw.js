// Between the pages and the island. A page is always asked of the island first; none is ever kept, for it shows
// patients and a ward's workstation is everybody's. Kept are styles, scripts and one page in words for when no answer
// comes. KEPT (their addresses) is written above this line by the island.
"use strict";

const NAME = `releve-${KEPT.join().split("").reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7)}-${LANGUAGE}`;
const OFFLINE = "/outbox/offline/";
const PAGE_MS = 20000;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll([OFFLINE, ...KEPT].map((address) => new Request(address, { cache: "reload" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

const written = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// A form that could not leave comes back as it was typed, to be sent again: from memory, it is written nowhere.
const withForm = async (page, request) => {
  if (request.method !== "POST") return page;
  let fields;
  try { fields = [...(await request.formData())].filter(([, value]) => typeof value === "string"); } catch { return page; }
  const hidden = fields.map(([name, value]) => `<textarea name="${written(name)}" hidden>\n${written(value)}</textarea>`).join("");
  return page.replace("<!--form-->", `<form method="post" action="${written(request.url)}">${hidden}`)
    .replace("<!--/form-->", "</form>").replace('id="again" hidden', 'id="again"');
};

const offline = async (request) => {
  const kept = await caches.match(OFFLINE);
  const text = kept ? await kept.text() : "Relève : pas de réseau. No network.";
  return new Response(await withForm(text, request), {
    status: 503,
    headers: {
      "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store",
      "Content-Security-Policy": kept?.headers.get("Content-Security-Policy") ?? "default-src 'none'",
    },
  });
};

const page = async (request) => {
  const again = request.method === "POST" ? request.clone() : request;
  const stop = new AbortController();
  // A form may take its time; a page that does not come in twenty seconds is no use at a bedside.
  const timer = request.method === "GET" ? setTimeout(() => stop.abort(), PAGE_MS) : 0;
  try { return await fetch(request, { signal: stop.signal }); } catch { return offline(again); } finally { clearTimeout(timer); }
};

// A style or script carries its version in its address: what is kept is what was asked for.
const still = async (request) => {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) {
    const copy = answer.clone();
    caches.open(NAME).then((cache) => cache.put(request, copy)).catch(() => {});
  }
  return answer;
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (request.method === "GET" && address.pathname.startsWith("/static/")) event.respondWith(still(request));
});

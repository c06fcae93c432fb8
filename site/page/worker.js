// The service worker: it keeps the files of one build and answers with them. It
// takes one command and no data, and asks the host for nothing else.
import { open, verify } from "./load.js";
import { index, files } from "build:files";

const address = (url) => new URL(url, registration.scope).href;
const cacheName = "lendleaf " + registration.scope;
const kept = new Map(files.map((file) => [address(file.url), file]));
const page = address(index.url);

addEventListener("install", (event) => event.waitUntil(navigator.locks.request(cacheName, install)));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("message", (event) => {
  if (event.data === "use") {
    skipWaiting();
  }
});

// Whoever asks for the page gets the kept one, whatever stands behind its
// address.
addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const folder = url.origin + url.pathname.replace(/index\.html$/, "");
  const key = request.mode === "navigate" && folder === registration.scope ? page : url.href;
  if (request.method === "GET" && (key === page || kept.has(key))) {
    event.respondWith(answer(key, request));
  }
});

async function answer(key, request) {
  const cache = await caches.open(cacheName);
  return (await cache.match(key)) ?? fetch(request);
}

// install takes what is not kept yet, and nothing that is of another build. A
// page that is loading keeps what it has loaded first.
async function install() {
  const cache = await caches.open(cacheName);
  const keep = async (key, get) => (await cache.match(key)) ?? cache.put(key, await get());
  await Promise.all([
    keep(page, freshPage),
    ...[...kept].map(([key, file]) => keep(key, () => fresh(file))),
  ]);
}

// fresh prefers what the browser has at hand to asking the host again.
async function fresh(file) {
  const taken = await open(file, () => {}, "force-cache");
  await verify(file, taken.stream);
  return new Response(new Blob(taken.received), { headers: { "Content-Type": file.type } });
}

// freshPage knows the page by the files that it names: some hosts add to it, and
// then its hash would be another.
async function freshPage() {
  for (const cache of ["force-cache", "reload"]) {
    const response = await fetch("./", { cache });
    const html = await response.text();
    if (response.ok && index.names.every((name) => html.includes(name))) {
      return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } });
    }
  }
  throw new Error("the host has the page of another build");
}

// tidy drops what earlier builds left.
async function tidy() {
  const cache = await caches.open(cacheName);
  for (const request of await cache.keys()) {
    if (request.url !== page && !kept.has(request.url)) {
      await cache.delete(request);
    }
  }
}

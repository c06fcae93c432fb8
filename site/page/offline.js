// Keeps the page for flight mode. What cannot be kept is loaded again next time.
import { byId } from "./elements.js";

// worker is the browser's part that keeps a page's files. There is none in a
// frame, where it would belong to the embedding page's visitor, nor where the
// page did not come by a safe way.
function container() {
  try {
    return globalThis.top === globalThis ? navigator.serviceWorker : undefined;
  } catch {
    return undefined; // some browsers refuse the question
  }
}

// install keeps the files that the page loads, once they are there, and has the
// worker keep the rest. It says whether the page works without the network from
// now on.
export async function install(files) {
  const workers = container();
  if (!workers || !globalThis.caches) {
    return false;
  }
  if (!workers.controller) {
    // The worker waits for this lock, so that nothing is asked for twice.
    navigator.locks.request(cacheName(), async () => keep(await files)).catch(() => {});
  }
  const registration = await workers.register("sw.js", { updateViaCache: "none" });
  announce(workers, registration);
  if (registration.active) {
    registration.update().catch(() => {}); // without the network there is no news
    return true;
  }
  return settled(registration.installing ?? registration.waiting);
}

// forget gives up what is kept, here and in the browser's own cache, so that
// the next visit has the host's files.
export async function forget(files) {
  if (container() && globalThis.caches) {
    await caches.delete(cacheName());
  }
  await Promise.all(files.map(({ url }) => fetch(url, { cache: "reload" })));
}

// cacheName is the same for page and worker; pages in other folders of the host
// have caches of their own.
function cacheName() {
  return "lendleaf " + new URL("./", document.baseURI).href;
}

async function keep(files) {
  const cache = await caches.open(cacheName());
  await Promise.all(files.map(({ url, type, received }) =>
    cache.put(url, new Response(new Blob(received), { headers: { "Content-Type": type } }))));
}

// settled waits until a worker has installed itself, or has failed to.
function settled(worker) {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state !== "installing") {
        resolve(worker.state !== "redundant");
      }
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

// announce offers a new version once it is kept as a whole. It is used when the
// visitor says so, never before.
function announce(workers, registration) {
  const offer = async (worker) => {
    if (workers.controller && (await settled(worker))) {
      byId("update").hidden = false;
      byId("update-button").onclick = () => worker.postMessage("use");
    }
  };
  if (registration.waiting) {
    offer(registration.waiting);
  }
  registration.addEventListener("updatefound", () => offer(registration.installing));
  if (workers.controller) {
    workers.addEventListener("controllerchange", () => location.reload());
  }
}

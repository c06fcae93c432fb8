// Starts the page's program, and is all that the program knows of the page. The
// build makes one script of this and all that it imports, in this order.
import "go:runtime";
import "vugu:renderer";
import "./sliders.js";
import { byId } from "./elements.js";

// Vugu's renderer is there already, so that the page needs no 'unsafe-eval'; the
// program still asks to have it evaluated.
window.eval = () => {};

const lendleaf = (globalThis.lendleaf = {
  // model: the model file's bytes, set before the program starts.

  value(id) {
    return byId(id)?.value;
  },

  mark(id, fault) {
    byId(id).setAttribute("aria-invalid", fault ? "true" : "false");
    byId(id + "-fault").textContent = fault;
  },

  focus(id) {
    const element = byId(id);
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  },

  ready(predict) {
    lock();
    byId("applicant").addEventListener("submit", (event) => {
      event.preventDefault();
      predict();
    });
    for (const control of document.querySelectorAll("#applicant :disabled")) {
      control.disabled = false;
    }
    performance.mark("ready");
    byId("progress").textContent = "Ready, and locked: from now on your browser refuses every request of this page.";
  },

  fail(reason) {
    byId("progress").textContent = "";
    byId("predict-button").disabled = true;
    byId("trouble-reason").textContent = reason;
    byId("trouble").hidden = false;
    byId("trouble").focus();
  },
});

// lock closes every way out before anything can be typed: policies only tighten,
// so from here on the browser refuses all requests of this page (its icon is a
// data: URL, which asks for none). Connections
// between browsers are not a policy's business, so they go altogether.
function lock() {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; img-src data:; form-action 'none'; base-uri 'none'";
  document.head.append(policy);
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection"]) {
    delete globalThis[name];
  }
}

// open fetches a file and unpacks it where the host has not: files that begin
// as gzip does are packed.
async function open(url, type) {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${url}: the host answers ${response.status}`);
  }
  const reader = response.body.getReader();
  const first = await reader.read();
  const packed = first.value?.[0] === 0x1f && first.value?.[1] === 0x8b;
  let chunk = first;
  let body = new ReadableStream({
    async pull(controller) {
      chunk.done ? controller.close() : controller.enqueue(chunk.value);
      chunk = chunk.done ? chunk : await reader.read();
    },
  });
  if (packed) {
    body = body.pipeThrough(new DecompressionStream("gzip"));
  }
  return new Response(body, { headers: { "Content-Type": type } });
}

async function start() {
  if (typeof WebAssembly !== "object" || typeof DecompressionStream !== "function") {
    throw new Error("This browser is too old: it lacks WebAssembly or DecompressionStream.");
  }
  const go = new Go();
  const [program, model] = await Promise.all([
    WebAssembly.instantiateStreaming(open("lendleaf.wasm", "application/wasm"), go.importObject),
    open("model.lendleaf", "application/octet-stream").then((r) => r.arrayBuffer()),
  ]);
  lendleaf.model = new Uint8Array(model);
  await go.run(program.instance); // returns only when the program has ended
  if (byId("trouble").hidden) {
    lendleaf.fail("The program has ended.");
  }
}

start().catch((error) => lendleaf.fail(error.message));

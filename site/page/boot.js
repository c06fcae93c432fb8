// Starts the page's program, and is all that the program knows of the page. The
// build makes one script of this and all that it imports, in this order.
import "go:runtime";
import "vugu:renderer";
import "./sliders.js";
import "./combobox.js";
import "./transfer.js";
import { door } from "./door.js";
import { byId } from "./elements.js";
import { open, verify } from "./load.js";
import { lock } from "./lock.js";
import { forget, install } from "./offline.js";
import { program, model } from "build:release";

// Vugu's renderer is there already, so that the page needs no 'unsafe-eval'; the
// program still asks to have it evaluated.
window.eval = () => {};

const outcome = byId("outcome").cloneNode();
let kept; // a promise that says whether the page works without the network
let predict;
let module;
const afterwards = new MessageChannel(); // which, unlike a timer, makes nobody wait

const lendleaf = (globalThis.lendleaf = {
  // model: the model file's bytes, set before the program starts.

  ...door,

  // pause calls back once the browser has done what is due.
  pause(goOn) {
    afterwards.port1.onmessage = () => goOn();
    afterwards.port2.postMessage(null);
  },

  // ready takes what the form is to call, and enables it once the page is locked.
  ready(answer) {
    predict = answer;
    return enable().catch((error) => lendleaf.fail(error.message));
  },

  fail(reason) {
    byId("loading").hidden = true;
    if (!document.body.classList.contains("locked")) {
      byId("progress").textContent = "Not locked, so the form cannot be used.";
    }
    byId("predict-button").disabled = true;
    byId("trouble-reason").textContent = reason;
    byId("restart-button").hidden = !predict;
    byId("trouble").hidden = false;
    byId("trouble").focus();
  },
});

byId("applicant").addEventListener("submit", (event) => {
  event.preventDefault();
  predict?.();
});

byId("restart-button").addEventListener("click", restart);

// enable lets the form be used, once nothing can leave the page any more.
async function enable() {
  const offline = await kept;
  if (!document.body.classList.contains("locked")) {
    lock();
    document.body.classList.add("locked");
  }
  for (const control of document.querySelectorAll("#applicant :disabled")) {
    control.disabled = false;
  }
  performance.mark("ready");
  byId("progress").textContent = "Locked: your browser refuses every request of this page from now on." +
    (offline ? " It opens without a network, too." : " It may need a network to open.");
}

// painted waits until the page is seen, unless nobody looks at it.
function painted() {
  return new Promise((resolve) => (document.hidden ? resolve() : requestAnimationFrame(() => setTimeout(resolve))));
}

async function start() {
  const missing = ["WebAssembly", "DecompressionStream"].filter((name) => !globalThis[name]);
  if (missing.length > 0) {
    throw new Error(`This browser lacks ${missing.join(" and ")}, or has it turned off.`);
  }
  byId("framed").hidden = globalThis.top === globalThis;
  byId("progress").textContent = "Loading the program and its model.";
  await painted();
  const files = Promise.all([loadProgram(), loadModel()]);
  const installed = install(files).catch(() => false);
  await files.catch(async (error) => {
    await forget([program, model]).catch(() => {});
    throw error;
  });
  // A worker that takes long goes on by itself.
  kept = Promise.race([installed, new Promise((resolve) => setTimeout(resolve, 5000, false))]);
  await run();
}

// counted shows a file's part of what is loaded.
function counted(file) {
  const share = file.packed / (program.packed + model.packed);
  return (part) => {
    byId("loading").value += part * share;
  };
}

// loadProgram compiles while the program arrives; it is not run before its hash
// is known.
async function loadProgram() {
  const { stream, received } = await open(program, counted(program));
  const [one, other] = stream.tee();
  const compiled = WebAssembly.compileStreaming(new Response(one, { headers: { "Content-Type": program.type } }));
  compiled.catch(() => {}); // the hash says more
  await verify(program, other);
  module = await compiled;
  return { ...program, received };
}

async function loadModel() {
  const { stream, received } = await open(model, counted(model));
  lendleaf.model = new Uint8Array(await verify(model, stream));
  return { ...model, received };
}

async function run() {
  const go = new Go();
  const instance = await WebAssembly.instantiate(module, go.importObject);
  await new Promise(lendleaf.pause);
  await go.run(instance); // returns only when the program has ended
  if (byId("trouble").hidden) {
    lendleaf.fail("The program has ended.");
  }
}

// restart begins anew with the program that is there, and with what was typed.
function restart() {
  byId("trouble").hidden = true;
  // The renderer remembers the program that has ended, and has made its mount
  // point another element.
  (window.vuguState?.mountPointEl ?? byId("outcome")).replaceWith(outcome.cloneNode());
  delete window.vuguState;
  run().catch((error) => lendleaf.fail(error.message));
}

start().catch((error) => lendleaf.fail(error.message));

// Closes the ways out of the page before anything can be typed. Policies only
// tighten, so from here on the browser refuses every request of the page. What
// no policy covers is taken away: there is one realm, no other can be made, and
// what is gone from it does not come back.
const { apply } = Reflect;
const { prototype: documents } = Document;
const { preventDefault } = Event.prototype;
const { exec } = RegExp.prototype;

const POLICY = "default-src 'none'; img-src data:; form-action 'none'; base-uri 'none'; " +
  "require-trusted-types-for 'script'; trusted-types default";

// Connections between browsers, other windows and realms, what stores, and what
// hands words to the system or a service.
const GLOBALS = [
  "RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "BroadcastChannel", "SharedWorker", "Worker",
  "open", "documentPictureInPicture", "customElements", "DOMParser", "XSLTProcessor", "navigation",
  "localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore", "sharedStorage", "name",
  "Notification", "PaymentRequest", "PresentationRequest", "speechSynthesis", "SpeechRecognition", "webkitSpeechRecognition",
];
const DOCUMENTS = ["cookie", "open", "requestStorageAccess", "browsingTopics"];
// What stays of the navigator: it tells of the browser, and copies for the user.
const NAVIGATOR = ["constructor", "clipboard", "hardwareConcurrency", "language", "languages", "maxTouchPoints", "onLine",
  "platform", "userActivation", "userAgent", "vendor", "webdriver"];
// Elements that make a realm, or ask for something by themselves.
const ELEMENTS = ["base", "embed", "fencedframe", "frame", "frameset", "iframe", "link", "meta", "object", "portal", "script"];

export function lock() {
  closeNavigation();
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = POLICY;
  document.head.append(policy);
  globalThis.opener = null;
  take(globalThis, GLOBALS);
  take(documents, DOCUMENTS);
  take(History.prototype, ["pushState", "replaceState"]);
  take(DOMImplementation.prototype, ["createDocument", "createHTMLDocument"]);
  take(Navigator.prototype, Object.getOwnPropertyNames(Navigator.prototype).filter((name) => !NAVIGATOR.includes(name)));
  closeElements();
}

function take(object, names) {
  for (const name of names) {
    delete object[name];
  }
}

// set can be asked by `in`, which no script can change.
function set(names) {
  return Object.freeze(Object.assign(Object.create(null), Object.fromEntries(names.map((name) => [name, true]))));
}

// reader reads a property past whatever a script puts in its place later.
function reader(prototype, name) {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name);
  return (object) => apply(get, object, []);
}

// closeElements has nobody make such elements, of their names or of text. Text is
// the renderer's way; browsers without trusted types do not let a page look at it.
function closeElements() {
  const localName = reader(Element.prototype, "localName");
  const refused = set(ELEMENTS);
  for (const name of ["createElement", "createElementNS"]) {
    const create = documents[name];
    documents[name] = function (...of) {
      const element = apply(create, this, of);
      if (localName(element) in refused) {
        throw new Error("the page is locked: it makes no such element any more");
      }
      return element;
    };
  }
  const tag = new RegExp(`<([^<>\\s]*:)?(${ELEMENTS.join("|")})`, "i");
  globalThis.trustedTypes?.createPolicy("default", { createHTML: (html) => (apply(exec, tag, [html]) ? null : html) });
}

// closeNavigation lets the visitor follow the links that are in the page now,
// reload, go back, and save files; an address that a script makes up could carry
// something. Not every browser lets a page say that.
function closeNavigation() {
  const { navigation } = globalThis;
  if (!navigation) {
    return;
  }
  const here = location.href.replace(/#.*/, "");
  const known = set([here,
    ...Array.from(document.querySelectorAll("a[href]"), (link) => link.href),
    ...Array.from(document.querySelectorAll("[id]"), ({ id }) => `${here}#${id}`)]);
  const type = reader(NavigateEvent.prototype, "navigationType");
  const destination = reader(NavigateEvent.prototype, "destination");
  const saved = reader(NavigateEvent.prototype, "downloadRequest");
  const address = reader(NavigationDestination.prototype, "url");
  navigation.addEventListener("navigate", (event) => {
    const to = address(destination(event));
    const leaves = type(event) === "reload" || type(event) === "traverse" || to in known;
    const saves = saved(event) !== null && to[0] === "b" && to[1] === "l" && to[2] === "o" && to[3] === "b";
    if (!leaves && !saves) {
      apply(preventDefault, event, []);
    }
  }, { capture: true });
}

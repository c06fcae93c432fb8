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
  "open", "documentPictureInPicture", "customElements", "DOMParser", "XPathEvaluator", "XSLTProcessor", "navigation",
  "localStorage", "sessionStorage", "indexedDB", "caches", "cookieStore", "sharedStorage", "name",
  "Notification", "PaymentRequest", "PresentationRequest", "speechSynthesis", "SpeechRecognition", "webkitSpeechRecognition",
];
const DOCUMENTS = ["cookie", "open", "write", "writeln", "evaluate", "createExpression", "requestStorageAccess", "browsingTopics"];
// What stays of the navigator: it tells of the browser, and copies for the user.
const NAVIGATOR = ["constructor", "clipboard", "hardwareConcurrency", "language", "languages", "maxTouchPoints", "onLine",
  "platform", "userActivation", "userAgent", "vendor", "webdriver"];
// Elements that make a realm, or ask for something by themselves.
const ELEMENTS = ["base", "embed", "fencedframe", "frame", "frameset", "iframe", "link", "meta", "object", "portal", "script"];

export function lock() {
  const known = set(addresses());
  closeNavigation(known);
  closeLinks(known);
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

// before has a method look at what it is given first.
function before(prototype, name, look) {
  const method = prototype[name];
  prototype[name] = function (...of) {
    apply(look, this, of);
    return apply(method, this, of);
  };
}

function refuse(what) {
  throw new Error("the page is locked: " + what);
}

// closeElements has nobody make such elements, of their names or of text, nor
// change those that are there. Text is the renderer's way; browsers without
// trusted types do not let a page look at it.
function closeElements() {
  const localName = reader(Element.prototype, "localName");
  const refused = set(ELEMENTS);
  for (const name of ["createElement", "createElementNS"]) {
    const create = documents[name];
    documents[name] = function (...of) {
      const element = apply(create, this, of);
      return localName(element) in refused ? refuse("it makes no such element any more") : element;
    };
  }
  const unchanged = (element) => (localName(element) in refused ? refuse("this element stays as it is") : element);
  for (const name of ["setAttribute", "setAttributeNS"]) {
    before(Element.prototype, name, function () {
      unchanged(this);
    });
  }
  const attributes = reader(Element.prototype, "attributes");
  Object.defineProperty(Element.prototype, "attributes", {
    get() {
      return attributes(unchanged(this));
    },
  });
  take(Element.prototype, ["attachShadow", "getAttributeNode", "getAttributeNodeNS", "setAttributeNode", "setAttributeNodeNS",
    "toggleAttribute"]);
  for (const { prototype } of [HTMLLinkElement, HTMLMetaElement, HTMLScriptElement]) {
    take(prototype, Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor"));
  }
  const tag = new RegExp(`<([^<>\\s]*:)?(${ELEMENTS.join("|")})`, "i");
  globalThis.trustedTypes?.createPolicy("default", { createHTML: (html) => (apply(exec, tag, [html]) ? null : html) });
}

// closeLinks lets the visitor follow the links that are in the page now, and save
// files; what a script clicks itself only saves. No form is sent.
function closeLinks(known) {
  const parent = reader(Node.prototype, "parentNode");
  const nodeName = reader(Node.prototype, "nodeName");
  const address = reader(HTMLAnchorElement.prototype, "href");
  const saved = reader(HTMLAnchorElement.prototype, "download");
  const type = reader(Event.prototype, "type");
  const { composedPath } = Event.prototype;
  // outward says whether a click on a node would leave for an address that is not known.
  const outward = (node, known) => {
    for (; node; node = parent(node)) {
      if (nodeName(node) === "A") {
        const to = address(node);
        return to !== "" && !(to in known) && !(saved(node) !== "" && isBlob(to));
      }
      if (nodeName(node) === "a" || nodeName(node) === "AREA") {
        return true;
      }
    }
    return false;
  };
  const none = set([]);
  before(HTMLElement.prototype, "click", function () {
    if (outward(this, none)) {
      refuse("no script clicks a link");
    }
  });
  before(EventTarget.prototype, "dispatchEvent", function (event) {
    if (this instanceof Node && type(event) === "click" && outward(this, none)) {
      refuse("no script clicks a link");
    }
  });
  for (const name of ["click", "auxclick"]) {
    addEventListener(name, (event) => {
      const [target] = apply(composedPath, event, []);
      if (outward(target, known)) {
        apply(preventDefault, event, []);
      }
    }, { capture: true });
  }
  addEventListener("submit", (event) => apply(preventDefault, event, []), { capture: true });
  take(HTMLFormElement.prototype, ["submit"]);
}

// isBlob says whether an address is that of a file which the page made.
const isBlob = (url) => url[0] === "b" && url[1] === "l" && url[2] === "o" && url[3] === "b" && url[4] === ":";

// closeNavigation refuses addresses that a script makes up, which could carry
// something. Not every browser lets a page say that.
function closeNavigation(known) {
  const { navigation } = globalThis;
  if (!navigation) {
    return;
  }
  const type = reader(NavigateEvent.prototype, "navigationType");
  const destination = reader(NavigateEvent.prototype, "destination");
  const saved = reader(NavigateEvent.prototype, "downloadRequest");
  const address = reader(NavigationDestination.prototype, "url");
  navigation.addEventListener("navigate", (event) => {
    const to = address(destination(event));
    const stays = type(event) === "reload" || type(event) === "traverse" || to in known;
    if (!stays && !(saved(event) !== null && isBlob(to))) {
      apply(preventDefault, event, []);
    }
  }, { capture: true });
}

// addresses lists where the page's links lead, and the places in the page.
function addresses() {
  const here = location.href.replace(/#.*/, "");
  return [here, ...Array.from(document.querySelectorAll("a[href]"), (link) => link.href),
    ...Array.from(document.querySelectorAll("[id]"), ({ id }) => `${here}#${id}`)];
}

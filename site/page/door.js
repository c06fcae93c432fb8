// The page's side of package wasm/browser: what the program can do to the form;
// tell has the program told what happens there.
import { byId } from "./elements.js";

let answer; // the program's function

// tell tells the program what happened, and returns what it answers.
export const tell = (event, ...args) => answer?.(event, ...args.map(String));

const title = document.title;
const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" }); // which takes long to make
let quiet; // the timer that clears what was announced

export const door = {
  connect(program) {
    answer = program;
  },

  value(id) {
    return byId(id)?.value;
  },

  set(id, text) {
    const control = byId(id);
    const option = [...(control.options ?? [])].find((o) => text !== "" && o.text === text);
    control.value = option ? option.value : text;
    control.dispatchEvent(new Event("input")); // for the slider; it does not bubble
  },

  mark(id, fault) {
    byId(id).setAttribute("aria-invalid", fault ? "true" : "false");
    byId(id + "-fault").textContent = fault;
  },

  markChanged(id, text) {
    byId(id + "-changed").textContent = text;
  },

  offer(id, sentence, label) {
    const offer = byId(id + "-offer");
    if (!offer) return;
    offer.hidden = !sentence;
    byId(id + "-hint").hidden = Boolean(sentence);
    offer.firstElementChild.textContent = sentence;
    offer.lastElementChild.textContent = "Use " + label;
    offer.lastElementChild.value = label;
  },

  waiting(waiting) {
    byId("predict-button").textContent = waiting ? "Predict again with the changes" : "Predict";
  },

  say(done, troubles) {
    const notice = byId("notice");
    notice.hidden = !done && troubles.length === 0;
    const list = document.createElement("ul");
    list.replaceChildren(...troubles.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
    notice.firstElementChild.replaceChildren(done, ...(troubles.length ? [list] : []));
  },

  announce(text) {
    clearTimeout(quiet);
    byId("announced").textContent = text;
    quiet = setTimeout(() => (byId("announced").textContent = ""), 10000);
  },

  // faulty also decides where the outcome is: what is wrong comes before the form.
  faulty(faulty) {
    document.title = (faulty ? "Error: " : "") + title;
    const [form, outcome] = [byId("applicant"), byId("outcome")];
    if (faulty !== Boolean(outcome.compareDocumentPosition(form) & Node.DOCUMENT_POSITION_FOLLOWING)) {
      form[faulty ? "before" : "after"](outcome);
    }
  },

  // show brings a control into view with its label and what is wrong with it.
  show(id) {
    (byId(id).closest(".field") ?? byId(id)).scrollIntoView({ block: "nearest" });
  },

  print() {
    print();
  },

  focus(id) {
    byId(id).focus({ preventScroll: true });
    door.show(id);
  },

  now() {
    return clock.format();
  },
};

// Brings applicants into the form and out of it. All of it happens on this
// device: a file is read and written by the browser itself.
import { byId } from "./elements.js";
import { door, tell } from "./door.js";

const largest = 1 << 20; // bytes of a file

// take fills the form from text, if it can. It says what it could not use.
const take = (text) => tell("take", text);

const dialog = byId("paste-dialog");
const text = byId("paste-text");

function finish() {
  const pasted = text.value;
  text.value = "";
  dialog.close();
  take(pasted);
}

dialog.addEventListener("close", () => {
  text.value = "";
  // Chromium gives the keyboard back to a field that then takes no keys.
  const back = document.activeElement;
  back.blur();
  back.focus();
});
byId("paste-fill").addEventListener("click", finish);
byId("paste-cancel").addEventListener("click", () => dialog.close());

// What is pasted outside a field is an applicant, and so is JSON anywhere.
document.addEventListener("paste", (event) => {
  const pasted = event.clipboardData?.getData("text") ?? "";
  const inField = event.target.closest?.("input, textarea, select");
  if (byId("predict-button").disabled || inField === text || pasted.trim() === "") return;
  if (inField && !/^\s*[[{]/.test(pasted)) return;
  event.preventDefault();
  take(pasted);
});

const file = byId("open-file");
file.addEventListener("change", async () => {
  const [chosen] = file.files;
  if (!chosen) return;
  if (chosen.size > largest) {
    door.say("Nothing was filled in.", ["The file is larger than 1 MB: it must hold one applicant."]);
  } else {
    take(await chosen.text());
  }
  file.value = "";
});

async function copy(json) {
  try {
    await navigator.clipboard.writeText(json);
  } catch {
    // Plain http has no clipboard: the old way still works.
    const area = Object.assign(document.createElement("textarea"), { value: json });
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) {
      door.say("This browser does not let the page copy. Save a file instead.", []);
      return;
    }
  }
  door.say("Copied as JSON.", []);
}

function save(json) {
  const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: url, download: "applicant.json" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  door.say("Saved as applicant.json on this device.", []);
}

const actions = {
  paste: () => dialog.showModal(),
  open: () => file.click(),
  copy: () => withJSON(copy),
  save: () => withJSON(save),
  example: (button) => take(button.value),
  use: (button) => {
    const { field } = button.dataset;
    door.set(field, button.value);
    byId(field).focus();
    tell("typed");
  },
};

function withJSON(use) {
  const json = tell("json");
  if (json) use(json);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || button.disabled) return;
  const { act } = button.dataset;
  actions[act] ? actions[act](button) : tell(act);
});

// Whatever is typed or chosen may be a change to what was scored.
byId("applicant").addEventListener("input", () => tell("typed"));

// Searched fields, by the ARIA pattern of an editable combobox with a list. The
// program knows what matches; this shows it.
import { byId } from "./elements.js";
import { tell } from "./door.js";

const keys = new Set(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Enter", "Tab", "Escape"]);
const row = 44; // px, as high as an option is at least

for (const input of document.querySelectorAll("[role=combobox]")) {
  const part = (name) => byId(input.id + "-" + name);
  const popup = part("popup");
  const list = part("list");
  let shown = "";

  // ask tells the program what happened and shows what comes of it.
  const ask = (event, text) => {
    const box = tell("box", input.id, event, text);
    if (!box) return false;
    if (box.text !== input.value) {
      input.value = box.text;
      tell("typed");
    }
    show(box);
    return box.used;
  };

  const show = (box) => {
    const some = box.offered.length > 0;
    popup.hidden = !box.open;
    list.hidden = !some;
    input.setAttribute("aria-expanded", String(box.open && some));
    if (!box.open) {
      input.removeAttribute("aria-activedescendant");
      part("count").textContent = "";
      shown = "";
      return;
    }
    const key = box.offered.join("\n");
    if (key !== shown) {
      shown = key;
      list.replaceChildren(...box.offered.map(option));
      list.scrollTop = 0;
      place();
    }
    const more = part("more");
    more.textContent = some ? `${box.more} more: type on` : "Nothing in the list matches";
    more.hidden = some && box.more === 0;
    const count = box.offered.length + box.more;
    part("count").textContent = count === 0 ? "No match" : count === 1 ? "1 match" : `${count} matches`;
    activate(box.active);
  };

  const option = (text, i) => {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.id = `${input.id}-option-${i}`;
    item.textContent = text;
    return item;
  };

  const activate = (active) => {
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
    const item = list.children[active];
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  // place opens the list upwards where there is more room.
  const place = () => {
    const { top, bottom } = input.getBoundingClientRect();
    const below = innerHeight - bottom;
    const wanted = Math.min(list.children.length * row, 320);
    popup.classList.toggle("above", below < wanted && top > below);
  };

  input.addEventListener("focus", () => ask("set", input.value));
  input.addEventListener("blur", () => ask("leave", ""));
  input.addEventListener("input", (event) => event.bubbles && ask("type", input.value));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || !keys.has(event.key)) return;
    if (ask("press", event.key)) event.preventDefault();
  });
  popup.addEventListener("pointerdown", (event) => event.preventDefault());
  popup.addEventListener("mousedown", (event) => event.preventDefault()); // the keyboard stays in the field
  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (item) ask("choose", [...list.children].indexOf(item));
  });
  const opener = part("opener");
  opener.addEventListener("mousedown", (event) => event.preventDefault());
  opener.addEventListener("click", () => {
    input.focus();
    ask("toggle", "");
  });
}

import { byId } from "./elements.js";

// A slider and its number show the same.
for (const slider of document.querySelectorAll("[data-number]")) {
  const number = byId(slider.dataset.number);
  slider.addEventListener("input", () => {
    number.value = slider.value;
  });
  number.addEventListener("input", () => {
    slider.value = number.value === "" ? slider.min : number.value;
  });
}

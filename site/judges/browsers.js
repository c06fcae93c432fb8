// The browsers of this machine.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer from "puppeteer-core";

const names = {
  chrome: ["chromium", "chromium-browser", "google-chrome"],
  firefox: ["firefox-esr", "firefox"],
};

// launch starts a "chrome" or a "firefox".
export function launch(browser) {
  // Containers have no sandbox to offer.
  const args = browser === "chrome" ? ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update"] : [];
  return puppeteer.launch({ browser, executablePath: find(names[browser]), headless: true, args });
}

function find(names) {
  for (const folder of process.env.PATH.split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // the next one may be
      }
    }
  }
  throw new Error(`none of these is installed: ${names.join(", ")}`);
}

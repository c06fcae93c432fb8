// Has Lighthouse judge a page by its mobile preset, with further settings in
// JSON, and writes its report: node lighthouse.js URL SETTINGS
import lighthouse from "lighthouse";
import { launch } from "./browsers.js";

const [url, settings] = process.argv.slice(2);
const browser = await launch("chrome");
try {
  const port = Number(new URL(browser.wsEndpoint()).port);
  const { lhr } = await lighthouse(url, { port, logLevel: "error", ...JSON.parse(settings) });
  process.stdout.write(JSON.stringify(lhr));
} finally {
  await browser.close();
}

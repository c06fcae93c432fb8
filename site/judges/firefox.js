// Goes the main way through the page in Firefox, by keyboard alone, and writes
// what it saw: node firefox.js URL '[["FIELD", "TEXT"], …]'
import { launch } from "./browsers.js";

const [url, fields] = process.argv.slice(2);
const browser = await launch("firefox");
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const sent = [];
  page.on("request", (request) => sent.push(request.url()));
  await page.goto(url);
  await page.waitForSelector("#predict-button:enabled");
  const seen = { version: await browser.version(), loaded: sent.length };

  await page.focus("#predict-button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#error-summary");
  seen.faults = await page.$$eval("#error-summary a", (links) => links.map((link) => link.textContent));
  seen.summaryHasFocus = await page.evaluate(() => document.activeElement.id === "error-summary");

  for (const [field, text] of JSON.parse(fields)) {
    await tabTo(page, field);
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector("#result");
  seen.prediction = await page.$eval("#prediction", (e) => e.textContent);
  seen.probability = await page.$eval("#probability-default", (e) => e.textContent);
  seen.resultHasFocus = await page.evaluate(() => document.activeElement.id === "result");
  seen.sent = sent.length;
  seen.refused = await page.evaluate(() => fetch(location.href).then(() => false, () => true));
  process.stdout.write(JSON.stringify(seen));
} finally {
  await browser.close();
}

async function tabTo(page, id) {
  for (let stops = 0; stops < 80; stops++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((id) => document.activeElement.id === id, id)) {
      return;
    }
  }
  throw new Error(`the keyboard does not come to ${id}`);
}

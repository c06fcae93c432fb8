// Goes the main way through the page in Firefox: fills in the form by keyboard
// alone, tries another number in one field, and writes what it saw:
// node firefox.js URL '[["FIELD", "TEXT"], …]' FIELD
import { launch } from "./browsers.js";

const [url, fields, changed] = process.argv.slice(2);
const browser = await launch("firefox");
const page = await browser.newPage();
try {
  page.setDefaultTimeout(60_000);
  const focus = () => page.evaluate(() => document.activeElement.id);
  const sent = [];
  page.on("request", (request) => sent.push(request.url()));
  await page.goto(url);
  await page.waitForSelector("#predict-button:enabled");
  const seen = { version: await browser.version(), loaded: sent.length };

  await page.focus("#predict-button");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#error-summary");
  seen.faults = await page.$$eval("#error-summary a", (links) => links.map((link) => link.textContent));
  seen.summaryHasFocus = (await focus()) === "error-summary";

  await page.click("#error-summary a");
  seen.linkLeadsTo = await focus();

  for (const [field, text] of JSON.parse(fields)) {
    await tabTo(page, field);
    await page.keyboard.type(text);
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector("#result");
  seen.prediction = await page.$eval("#prediction", (e) => e.textContent);
  seen.probability = await page.$eval("#probability-default", (e) => e.textContent);
  seen.resultHasFocus = (await focus()) === "result";

  await page.type("#" + changed, "1");
  await page.click("#again-button");
  await page.waitForSelector("#tried");
  seen.triedHasFocus = (await focus()) === "tried";
  await page.click("#accept-button");
  await page.waitForSelector("#tried", { hidden: true });
  seen.acceptedHasFocus = (await focus()) === "result";
  seen.sent = sent.length;
  seen.refused = await page.evaluate(() => fetch(location.href).then(() => false, () => true));
  process.stdout.write(JSON.stringify(seen));
} catch (error) {
  const shown = page.evaluate(() => location.href + "\n" + document.body.innerText);
  const late = new Promise((resolve) => setTimeout(resolve, 5000, "nothing: it does not answer"));
  console.error(`the page shows: ${await Promise.race([shown, late]).catch(String)}`);
  throw error;
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

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { browserFlags, browserPath, contrast, missingBrowser } from "../../support/chromium.ts";
import { type Balancer, startBalancer } from "./balancer.ts";
import { buildPage, type Running, startPython, startWeb } from "./processes.ts";

const row = { area: 120, bathrooms: 2, bedrooms: 3, age: 12 };
const metrics = (mae: number, rmse: number) => ({ metrics: { mae, rmse } });
const registry = [
  { name: "housing", version: "0.9.0", status: "retired", ...metrics(34_120, 45_980) },
  { name: "housing", version: "1.0.0", status: "serving", stage: "prod", weight: 90, ...metrics(31_400, 41_250) },
  { name: "housing", version: "1.1.0", status: "approved", stage: "prod", weight: 10, ...metrics(29_870, 39_610) },
  { name: "rent", version: "0.3.0", status: "candidate", stage: "dev" },
];
const canary = { name: "housing", version: "1.1.0", intercept: 1, coefficients: { ...row } };
/** Where to write the picture that the documentation shows, e.g. docs/screenshots/models.png. */
const screenshot = process.env["SLIPWAY_SCREENSHOT"];

describe(`models in Chromium, by way of web, api and predict${missingBrowser}`, function () {
  this.timeout(120_000);
  let folder = "";
  let browser: Browser;
  let balancer: Balancer;
  let web: Running;
  let api: Running;
  const services: Running[] = [];

  before(async function () {
    if (missingBrowser !== "") this.skip();
    folder = await mkdtemp(path.join(tmpdir(), "slipway-models-"));
    await write("models.json", registry);
    const MODEL_PATH = await write("canary.json", canary);
    services.push(await startPython("predict", {}), await startPython("predict", { MODEL_PATH }));
    balancer = await startBalancer(services.map(({ url }) => url));
    const MODEL_REGISTRY = path.join(folder, "models.json");
    api = await startPython("api", { ENVIRONMENT: "prod", PREDICT_URL: balancer.url, MODEL_REGISTRY });
    const dist = path.join(folder, "dist");
    await buildPage(dist);
    web = await startWeb({ API_URL: api.url, DIST: dist });
    services.push(api, web);
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({ executablePath: browserPath, args: browserFlags });
  });
  after(async () => {
    if (missingBrowser !== "") return;
    await browser.close();
    await Promise.all(services.map((service) => service.stop()));
    await balancer.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(name: string, value: unknown) {
    const file = path.join(folder, name);
    await writeFile(file, JSON.stringify(value));
    return file;
  }

  /** Opens the page and hands over every request to another server and every complaint with it. */
  async function open(options: { width?: number; colorScheme?: "light" | "dark" } = {}) {
    const { width = 1280, colorScheme = "light" } = options;
    const page = await browser.newPage({ viewport: { width, height: 620 }, colorScheme });
    const foreign: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => void (request.url().startsWith(web.url) || foreign.push(request.url())));
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(error.message));
    await page.goto(web.url);
    return { page, foreign, complaints };
  }

  const cells = (page: Page) =>
    page.evaluate<string[][]>(
      `[...document.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.innerText.replaceAll(/\\s+/g, " ")))`,
    );

  it("shows every version, the canary with the part of the traffic that it really gets, and what failed", async () => {
    const body = JSON.stringify({ rows: [row] });
    const headers = { "content-type": "application/json" };
    // Ten questions one after the other: the balancer hands every tenth to the canary.
    for (let asked = 0; asked < 10; asked += 1)
      assert.ok((await fetch(`${web.url}/api/predict`, { method: "POST", body, headers })).ok);
    const { page, foreign, complaints } = await open();
    await page.getByRole("table").waitFor();
    await page.getByText("prod", { exact: true }).first().waitFor();
    assert.deepEqual(await cells(page), [
      ["housing", "0.9.0", "retired", "– not known", "– not known", "mae 34,120 rmse 45,980", "0", "– not known"],
      ["housing", "1.0.0", "serving", "prod", "stable 90% planned, 90% seen", "mae 31,400 rmse 41,250", "9", "0%"],
      ["housing", "1.1.0", "approved", "prod", "canary 10% planned, 10% seen", "mae 29,870 rmse 39,610", "1", "0%"],
      ["rent", "0.3.0", "candidate", "dev", "– not known", "– not known", "0", "– not known"],
    ]);
    if (screenshot !== undefined) await page.screenshot({ path: screenshot, fullPage: true });
    assert.deepEqual([foreign, complaints], [[], []]);
    await page.close();
  });

  it("can be used with the keyboard alone", async () => {
    const { page } = await open();
    await page.getByRole("table").waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the models");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "models");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Refresh");
    const again = page.waitForResponse(`${web.url}/api/models`);
    await page.keyboard.press("Enter");
    assert.equal((await again).status(), 200);
    await page.close();
  });

  for (const width of [360, 1280])
    it(`fits a window ${width} pixels wide: only the table moves sideways`, async () => {
      const { page } = await open({ width });
      await page.getByRole("table").waitFor();
      assert.ok((await page.evaluate<number>("document.documentElement.scrollWidth")) <= width);
      await page.close();
    });

  for (const colorScheme of ["light", "dark"] as const)
    it(`has enough contrast when it is ${colorScheme}`, async () => {
      const { page } = await open({ colorScheme });
      await page.getByRole("table").waitFor();
      await page.locator(".figure").first().waitFor();
      const selectors = ["h1", ".product", ".badge.stable", ".badge.canary", ".badge.retired", "td .quiet", "thead th"];
      for (const selector of [...selectors, ".figure .note", "button"])
        assert.ok((await contrast(page, selector)) >= 4.5, selector);
      await page.close();
    });

  it("says when there are no models", async () => {
    await write("models.json", []);
    const { page } = await open();
    await page.getByRole("heading", { name: "No models yet" }).waitFor();
    assert.equal(await page.getByRole("status").textContent(), "No models are registered.");
    assert.equal(await page.getByRole("table").count(), 0);
    await page.close();
    await write("models.json", registry);
  });

  it("says that the api is down, keeps what it has, and does not look healthy in its place", async () => {
    const { page } = await open();
    await page.getByRole("table").waitFor();
    await api.stop();
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByRole("heading", { name: "Models could not be loaded" }).waitFor();
    const words = "The models service answers 502: the api cannot be reached.";
    assert.equal(await page.getByRole("status").textContent(), words);
    assert.equal((await cells(page)).length, registry.length);
    assert.ok((await contrast(page, ".problem h2")) >= 4.5);
    assert.deepEqual([(await fetch(`${web.url}/health`)).status, (await fetch(`${web.url}/ready`)).status], [200, 503]);
    await page.close();
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { metricsPage } from "../../automation/report/metrics-page.ts";
import { browserFlags, browserPath, contrast, missingBrowser } from "../support/chromium.ts";
import { sampleEnd, sampleViews } from "./sample.ts";

describe(`the metrics page in Chromium${missingBrowser}`, function () {
  this.timeout(60_000);
  let browser: Browser;
  let directory = "";
  let address = "";

  before(async function () {
    if (missingBrowser !== "") this.skip();
    directory = mkdtempSync(join(tmpdir(), "slipway-page-"));
    const file = join(directory, "metrics.html");
    writeFileSync(file, metricsPage({ project: "slipway", days: 90, views: sampleViews(), now: new Date(sampleEnd) }));
    address = pathToFileURL(file).href;
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({ executablePath: browserPath, args: browserFlags });
  });
  after(async () => {
    if (missingBrowser !== "") return;
    await browser.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens the page and hands over every request and every complaint with it. */
  async function open(options: { width?: number; colorScheme?: "light" | "dark"; scripts?: boolean }) {
    const { width = 1280, colorScheme = "light", scripts = true } = options;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, javaScriptEnabled: scripts });
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => void requests.push(request.url()));
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(error.message));
    await page.goto(address);
    return { page, requests, complaints };
  }

  it("asks for nothing beside itself and complains of nothing", async () => {
    const { page, requests, complaints } = await open({});
    assert.deepEqual(requests, [address]);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("is readable without JavaScript: figures, charts, and tables that open", async () => {
    const { page } = await open({ scripts: false });
    for (const name of ["dev", "staging", "prod"])
      assert.equal(await page.getByRole("heading", { name, exact: true }).count(), 1);
    assert.equal(await page.getByRole("img").count(), 7);
    const table = page.getByRole("table", { name: "Deployments, newest first" });
    assert.equal(await table.isVisible(), false);
    await page.getByText("Promotion timeline as a table").click();
    assert.equal(await table.isVisible(), true);
    assert.ok((await table.getByRole("row").count()) > 80);
    await page.close();
  });

  for (const width of [360, 1280])
    it(`fits a window ${width} pixels wide`, async () => {
      const { page } = await open({ width });
      assert.ok((await page.evaluate<number>("document.documentElement.scrollWidth")) <= width);
      assert.deepEqual(await boxesOutside(page, width), []);
      await page.close();
    });

  for (const colorScheme of ["light", "dark"] as const)
    it(`has enough contrast when it is ${colorScheme}`, async () => {
      const { page } = await open({ colorScheme });
      for (const selector of ["h1", ".quiet", ".card .note", ".card .figure", "summary"])
        assert.ok((await contrast(page, selector)) >= 4.5, selector);
      await page.close();
    });

  it("hatches what failed, so that a bar tells it without its colour", async () => {
    const { page } = await open({});
    const fill = await page.evaluate<string>('getComputedStyle(document.querySelector("rect.failed")).fill');
    assert.equal(fill, 'url("#hatched")');
    assert.equal(await page.locator("pattern#hatched").count(), 1);
    await page.close();
  });
});

/** Cards and figures that reach over the edge. */
function boxesOutside(page: Page, width: number): Promise<string[]> {
  return page.evaluate(
    `[...document.querySelectorAll(".card, figure, h1, h2")].filter((one) => one.getBoundingClientRect().right > ${width}).map((one) => one.textContent.slice(0, 40))`,
  );
}

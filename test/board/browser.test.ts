import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { boardPage } from "../../automation/board/page.ts";
import { scratch } from "../git/throw-away.ts";
import { browserFlags, browserPath, contrast, missingBrowser } from "../support/chromium.ts";
import { boardCheckout, type BoardCheckout } from "./checkout.ts";
import { release, sampleBoard } from "./sample.ts";

const temporary = scratch();

interface OpenOptions {
  width?: number;
  colorScheme?: "light" | "dark";
  reducedMotion?: "reduce" | "no-preference";
}

describe(`the board in Chromium${missingBrowser}`, function () {
  this.timeout(60_000);
  let browser: Browser;
  let checkout: BoardCheckout;
  let served: Awaited<ReturnType<BoardCheckout["serve"]>>;
  let picture = "";

  before(async function () {
    if (missingBrowser !== "") this.skip();
    checkout = boardCheckout(temporary, ["Serve <models>", "Split orders", "Keep raw files"]);
    await checkout.deploy("dev", 1);
    await checkout.deploy("dev", 2);
    await checkout.deploy("staging", 1);
    served = await checkout.serve();
    const file = join(temporary.directory(), "board.html");
    writeFileSync(file, boardPage(sampleBoard()));
    picture = pathToFileURL(file).href;
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({ executablePath: browserPath, args: browserFlags });
  });
  after(async () => {
    if (missingBrowser !== "") return;
    await browser.close();
    await served.stop();
    temporary.clear();
  });

  /** Opens a page and hands over every request and every complaint with it. */
  async function open(address: string, options: OpenOptions = {}) {
    const { width = 1280, ...media } = options;
    const page = await browser.newPage({ viewport: { width, height: 900 }, ...media });
    page.setDefaultTimeout(20_000);
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => void requests.push(request.url()));
    page.on("console", (message) => void complaints.push(message.text()));
    page.on("pageerror", (error) => void complaints.push(error.message));
    await page.goto(address);
    return { page, requests, complaints };
  }

  const live = async (options?: OpenOptions) => {
    const opened = await open(served.address, options);
    await opened.page.getByText("Live: changes show as they happen.").waitFor();
    return opened;
  };

  it("asks for nothing beside itself and complains of nothing", async () => {
    const { page, requests, complaints } = await live();
    assert.deepEqual(requests, [served.address, `${served.address}events`]);
    assert.deepEqual(complaints, []);
    await page.close();
    const still = await open(picture);
    assert.deepEqual([still.requests, still.complaints], [[picture], []]);
    await still.page.close();
  });

  it("shows a promotion while it runs, says what happened, and keeps focus and what is open", async () => {
    const { page, complaints } = await live();
    const summary = page.locator("#environment-staging-checks-summary");
    await summary.focus();
    await page.keyboard.press("Enter");
    const lease = await checkout.begin("staging", 2);
    const staging = page.locator("#environment-staging");
    await staging.getByText("promote running").waitFor();
    const status = page.getByRole("status");
    await status.getByText(`staging: promote of release ${release(2).slice(0, 12)} began`).waitFor();
    await page.locator(`#at-${release(2)}-staging-moving`).waitFor();
    assert.deepEqual(await focusOf(page), ["environment-staging-checks-summary", true]);
    await checkout.deploy("staging", 2);
    await lease.release();
    await page.locator(`#at-${release(2)}-staging-stands`).waitFor();
    await staging.getByText("promote running").waitFor({ state: "detached" });
    await status.getByText("staging: promote has ended, verified").waitFor();
    assert.deepEqual(await focusOf(page), ["environment-staging-checks-summary", true]);
    assert.equal(await page.locator("#history-table tbody tr").count(), 8);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("moves focus from what is gone to what was around it", async () => {
    const { page } = await live();
    await page.locator("#environment-prod-gates-summary").focus();
    const lease = await checkout.begin("prod", 2);
    await page.locator("#environment-prod-running").waitFor();
    assert.deepEqual(await focusOf(page), ["environment-prod", null]);
    await lease.release();
    await page.locator("#environment-prod-running").waitFor({ state: "detached" });
    await page.close();
  });

  for (const [reducedMotion, moves] of [
    ["no-preference", true],
    ["reduce", false],
  ] as const)
    it(`${moves ? "shows" : "does not show"} an arrival by motion where ${reducedMotion} is asked for`, async () => {
      const { page } = await live({ reducedMotion });
      await page.evaluate("window.moved = 0; Element.prototype.animate = () => { window.moved += 1; }");
      const before = await page.locator("#history-table tbody tr").count();
      await checkout.record("prod", { kind: "frozen", by: "ada", active: moves, reason: reducedMotion });
      await page.locator(`#history-table tbody tr:nth-child(${before + 1})`).waitFor();
      assert.equal((await page.evaluate<number>("window.moved")) > 0, moves);
      await page.close();
    });

  it("can be used by keyboard alone: past the head, into what opens, along what scrolls", async () => {
    const { page } = await open(picture, { width: 360 });
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the board");
    await page.keyboard.press("Enter");
    assert.equal((await focusOf(page))[0], "board");
    const reached = new Set<string>();
    for (let at = 0; at < 40; at += 1) {
      await page.keyboard.press("Tab");
      const [id] = await focusOf(page);
      if (id === "" || reached.has(id)) break;
      assert.notEqual(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "none", id);
      reached.add(id);
    }
    for (const id of [
      "environment-prod-gates-summary",
      "environment-dev-drift-summary",
      "releases-table",
      "keys-table",
      "history-table",
    ])
      assert.ok(reached.has(id), id);
    await page.close();
  });

  it("has landmarks, names and a heading for each part", async () => {
    const { page } = await live();
    assert.equal(await page.getByRole("main").count(), 1);
    assert.equal(await page.getByRole("banner").count(), 1);
    for (const name of ["Environments", "Releases", "History"])
      assert.equal(await page.getByRole("region", { name, exact: true }).count(), 1, name);
    for (const name of ["dev", "staging", "prod"])
      assert.equal(await page.getByRole("article", { name: new RegExp(`^${name}`) }).count(), 1, name);
    assert.equal(await page.getByRole("status").getAttribute("aria-live"), "polite");
    await page.close();
  });

  for (const width of [360, 1280])
    it(`fits a window ${width} pixels wide`, async () => {
      const { page } = await open(picture, { width });
      assert.ok((await page.evaluate<number>("document.documentElement.scrollWidth")) <= width);
      const outside = await page.evaluate(
        `[...document.querySelectorAll(".column, .column *, h1, h2, .scroll, header *:not(.skip)")].filter((one) => one.getBoundingClientRect().right > ${width}).map((one) => one.outerHTML.slice(0, 60))`,
      );
      assert.deepEqual(outside, []);
      await page.close();
    });

  for (const colorScheme of ["light", "dark"] as const)
    it(`has enough contrast when it is ${colorScheme}`, async () => {
      const { page } = await open(picture, { colorScheme });
      const told = [
        ".quiet",
        ".facts dt",
        ".state.good",
        ".state.plain",
        ".state.odd",
        ".state.bad",
        "code.type",
        ".running .quiet",
        "td .when",
        "th .subject",
        "caption",
        "summary",
      ];
      for (const selector of told) assert.ok((await contrast(page, selector)) >= 4.5, selector);
      await page.close();
    });

  it("says that it is not connected once the server has ended", async () => {
    const own = await checkout.serve();
    const { page } = await open(own.address);
    await page.getByText("Live: changes show as they happen.").waitFor();
    await own.stop();
    await page.getByRole("status").getByText("The connection to slipway board is lost.").waitFor();
    await page.getByText(/^Not connected\. What is shown is as of \d{4}/).waitFor();
    assert.ok((await page.locator("article").count()) >= 3);
    await page.close();
  });
});

/** Id of what has the focus, and whether what it opens is open. */
function focusOf(page: Page): Promise<[string, boolean | null]> {
  return page.evaluate("[document.activeElement.id, document.activeElement.closest('details')?.open ?? null]");
}

import { existsSync } from "node:fs";
import type { Page } from "playwright-core";

/** The browser of this machine. */
export const browserPath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
/** Why tests in a browser are skipped, for their title; empty where there is one. */
export const missingBrowser = existsSync(browserPath)
  ? ""
  : ` (skipped: there is no browser at ${browserPath}; install chromium or set CHROMIUM_PATH)`;

/** No talk with the network and no wait for a graphics card. */
export const browserFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Ratio by WCAG 2 of an element's text to the nearest ground that is painted. */
export function contrast(page: Page, selector: string): Promise<number> {
  return page.evaluate(`(() => {
    const channels = (color) => color.match(/[\\d.]+/g).map(Number);
    const light = (color) => channels(color).slice(0, 3).map((one) => one / 255)
      .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
      .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const element = document.querySelector(${JSON.stringify(selector)});
    if (element === null) throw new Error("nothing is " + ${JSON.stringify(selector)});
    let ground = element;
    while (channels(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
    const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(ground).backgroundColor)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  })()`);
}

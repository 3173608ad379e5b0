import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { JSDOM } from "jsdom";
import type React from "react";
import type { FunctionComponent } from "react";
import type ReactClient from "react-dom/client";
import type { ViteDevServer } from "vite";
import type { Model, Status } from "../../../services/web/src/api.ts";

const web = path.resolve(import.meta.dirname, "../../../services/web");
const models: Model[] = [
  { name: "housing", version: "1.0.0", status: "serving", stage: "prod", weight: 90, metrics: { rmse: 41_250.5 } },
  { name: "housing", version: "1.1.0", status: "approved", stage: "prod", weight: 10 },
  { name: "housing", version: "1.2.0", status: "candidate" },
];
const status: Status = {
  environment: "staging",
  predict: "ready",
  model: "housing/1.0.0",
  traffic: {
    requests: 1000,
    errors: 20,
    error_rate: 0.02,
    models: [
      { model: "housing/1.0.0", requests: 880, errors: 0, share: 0.88 },
      { model: "housing/1.1.0", requests: 120, errors: 20, share: 0.12 },
    ],
  },
};
/** Parts of the browser that React and the page take from the global object. */
const borrowed = ["window", "document", "IS_REACT_ACT_ENVIRONMENT"] as const;

describe("the page of models", function () {
  this.timeout(60_000);
  let vite: ViteDevServer;
  let App: FunctionComponent;
  let react: typeof React;
  let client: typeof ReactClient;
  let dom: JSDOM;
  const fetchOfNode = globalThis.fetch;

  before(async () => {
    dom = new JSDOM("<!doctype html><div id=root></div>", { url: "http://localhost/", pretendToBeVisual: true });
    const values = { window: dom.window, document: dom.window.document, IS_REACT_ACT_ENVIRONMENT: true };
    for (const name of borrowed) Object.defineProperty(globalThis, name, { value: values[name], configurable: true });
    const { createServer } = await import("vite");
    const server = { middlewareMode: true, hmr: false, ws: false, watch: null } as const;
    vite = await createServer({
      root: web,
      logLevel: "error",
      appType: "custom",
      server,
      optimizeDeps: { noDiscovery: true },
    });
    ({ App } = (await vite.ssrLoadModule("/src/app.tsx")) as { App: typeof App });
    react = await import("react");
    client = await import("react-dom/client");
  });
  after(async () => {
    await vite.close();
    dom.window.close();
    for (const name of borrowed) Reflect.deleteProperty(globalThis, name);
  });
  afterEach(() => void (globalThis.fetch = fetchOfNode));

  const reply =
    (value: unknown, code = 200) =>
    () =>
      Promise.resolve(Response.json(value, { status: code }));
  const text = (selector: string) =>
    [...dom.window.document.querySelectorAll(selector)].map((one) => one.textContent.replaceAll(/\s+/g, " ").trim());

  /** Shows the page with these answers of the service, looks at it, and takes it away again. */
  async function show(answers: Record<string, () => Promise<Response>>, look: () => Promise<void> | void) {
    globalThis.fetch = ((target: string) => (answers[target] ?? reply({}, 404))()) as typeof fetch;
    const root = client.createRoot(dom.window.document.getElementById("root") as never);
    await react.act(async () => root.render(react.createElement(App)));
    try {
      await look();
    } finally {
      await react.act(async () => root.unmount());
    }
  }

  it("lists every version with status, canary state and figures", () =>
    show({ "/api/models": reply(models), "/api/status": reply(status) }, () => {
      assert.deepEqual(text("thead th"), [
        "Model",
        "Version",
        "Status",
        "Stage",
        "Traffic",
        "Evaluation",
        "Predictions",
        "Error rate",
      ]);
      const rows = [...dom.window.document.querySelectorAll("tbody tr")].map((row) =>
        [...row.children].map((cell) => cell.textContent),
      );
      assert.deepEqual(rows, [
        ["housing", "1.0.0", "serving", "prod", "stable88%90% planned, 88% seen", "rmse 41,251", "880", "0%"],
        ["housing", "1.1.0", "approved", "prod", "canary12%10% planned, 12% seen", "–not known", "120", "16.67%"],
        ["housing", "1.2.0", "candidate", "–not known", "–not known", "–not known", "0", "–not known"],
      ]);
      assert.deepEqual(text(".figure"), [
        "Predictions1,000last 1,000 at most, of one replica",
        "Error rate2%20 failed, more than 1%",
        "Answeringhousing/1.0.0the model asked just now",
        "Predict servicereadyits model is loaded",
      ]);
      assert.deepEqual(text(".environment"), ["staging"]);
    }));

  it("can be read by a screen reader: landmarks, one heading, row and column headers, what changed", () =>
    show({ "/api/models": reply(models), "/api/status": reply(status) }, () => {
      const { document } = dom.window;
      for (const landmark of [
        "header",
        "main",
        'section[aria-labelledby="title"]',
        'section[aria-label="Serving"]',
        "caption",
      ])
        assert.equal(document.querySelectorAll(landmark).length, 1, landmark);
      assert.deepEqual(text("h1"), ["Models"]);
      assert.equal(document.querySelectorAll('thead th[scope="col"]').length, 8);
      assert.equal(document.querySelectorAll('tbody th[scope="row"]').length, 3);
      assert.deepEqual(text('[role="status"][aria-live="polite"]'), ["3 model versions listed."]);
      for (const bar of document.querySelectorAll("progress"))
        assert.match(String(bar.ariaLabel ?? bar.getAttribute("aria-label")), /^Part of the traffic of housing 1/);
      const target = document.querySelector(".skip")?.getAttribute("href") ?? "";
      assert.ok(document.querySelector(target), `the skip link leads to ${target}`);
    }));

  it("says that it loads until the first answer is there", () =>
    show({ "/api/models": () => new Promise(() => undefined), "/api/status": reply(status) }, () => {
      assert.deepEqual(text(".loading"), ["Loading models…"]);
      assert.deepEqual(text('[role="status"]'), ["Loading models."]);
      assert.equal(dom.window.document.querySelector("#models")?.getAttribute("aria-busy"), "true");
    }));

  it("says when there are no models", () =>
    show({ "/api/models": reply([]), "/api/status": reply(status) }, () => {
      assert.deepEqual(text(".empty h2"), ["No models yet"]);
      assert.deepEqual(text("table"), []);
    }));

  const failures: [string, () => Promise<Response>, string][] = [
    [
      "is down",
      reply({ detail: "the api cannot be reached" }, 502),
      "The models service answers 502: the api cannot be reached.",
    ],
    [
      "answers what is no JSON",
      () => Promise.resolve(new Response("<p>", { status: 500 })),
      "The models service answers 500.",
    ],
    ["cannot be reached", () => Promise.reject(new TypeError("fetch failed")), "This page's server cannot be reached."],
    ["answers with something else", reply({ models: [] }), "The list of models cannot be read."],
  ];
  for (const [what, answer, words] of failures)
    it(`says why there is no list when the service ${what}`, () =>
      show({ "/api/models": answer, "/api/status": answer }, () => {
        assert.deepEqual(text(".problem h2"), ["Models could not be loaded"]);
        assert.deepEqual(text(".problem p"), [words, "The page keeps trying."]);
        assert.deepEqual(text('[role="status"]'), [words]);
        assert.deepEqual(text(".panel"), []);
      }));

  it("shows models without their figures when only those are missing", () =>
    show({ "/api/models": reply(models), "/api/status": reply({ detail: "late" }, 504) }, () => {
      assert.equal(text("tbody tr").length, 3);
      assert.deepEqual(text("main > .quiet"), ["Serving figures are missing. The models service answers 504: late."]);
    }));

  it("keeps the old list beside the error, and recovers with the button", async () => {
    const answers = { "/api/models": reply(models), "/api/status": reply(status) };
    const press = () => react.act(async () => dom.window.document.querySelector("button")?.click());
    await show(answers, async () => {
      answers["/api/models"] = reply({}, 502);
      await press();
      assert.match(text(".problem p").join(" "), /What is shown below is from \d\d:\d\d:\d\d/);
      assert.equal(text("tbody tr").length, 3);
      answers["/api/models"] = reply([]);
      await press();
      assert.deepEqual([text(".problem"), text(".empty h2")], [[], ["No models yet"]]);
    });
  });

  it("asks no other server for anything", () => {
    const sources = ["index.html", "src/styles.css", "vite.config.mjs"].map((file) => path.join(web, file));
    for (const file of sources) {
      assert.ok(existsSync(file));
      assert.doesNotMatch(readFileSync(file, "utf8"), /https?:\/\//);
    }
  });
});

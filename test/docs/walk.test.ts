import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { freePort } from "../../sandbox/live/emulator.ts";
import { GitHubServer } from "../github/server.ts";
import { live, makeCheckout, type Checkout } from "../support/checkout.ts";
import { someSpRepository } from "../support/sp-repository.ts";
import { startWalk, type Walk } from "../support/walk.ts";
import { root } from "./blocks.ts";

/** What needs neither engine nor cloud. */
describe("pages that only need files, word for word", function () {
  this.timeout(240_000);
  const github = new GitHubServer();
  let checkout: Checkout;
  let walk: Walk;

  before(async () => {
    await github.start();
    github.faults = [({ path }) => answers(path)];
    checkout = await makeCheckout({ streams: true, delivery: true });
    await symlink(join(root, ".venv"), join(checkout.root, ".venv"));
    await someSpRepository(join(checkout.root, "..", "my-streams"));
    const environment = {
      ...checkout.environment,
      GITHUB_API_URL: github.url,
      SLIPWAY_MODEL_PYTHON: live["SLIPWAY_SANDBOX_PYTHON"] ?? "",
    };
    walk = startWalk("test/docs/walk.test.ts", { root: checkout.root, environment });
  });
  after(async () => {
    await checkout?.remove();
    await github.stop();
  });

  it("working on it", async () => {
    await walk.follow("CONTRIBUTING.md#checks");
    await walk.follow("docs/delivery-identity.md#the-table");
    await walk.follow("docs/workflows.md#trying-a-workflow-out");
    const said = await walk.follow("docs/operations.md#a-secret-is-too-old", {}, { "=…": "=any" });
    assert.match(said, /KAFKA_PASSWORD/u);
    await walk.follow("docs/recipes/move-from-path-pipelines.md");
  });

  it("services", async () => {
    const [predict, api, web] = [await freePort(), await freePort(), await freePort()];
    const serves = (port: number) => ({ serves: () => `http://127.0.0.1:${port}/health` });
    await walk.follow(
      "docs/services.md#run-them-here",
      { "(cd services/predict": serves(predict), "(cd services/api": serves(api), "(cd services/web": serves(web) },
      // Whoever runs the tests may have something else at the ports of the page.
      { "--port 8001": `--port ${predict}`, "--port 8000": `--port ${api}`, "HOST=": `PORT=${web} HOST=` },
    );
  });

  it("services under load", async () => {
    const server = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const words = { "127.0.0.1:8000": `127.0.0.1:${port}` };
      const said = await walk.follow("docs/services.md#how-much-they-bear", {}, words);
      assert.match(said, /250 requests in 5 s, 50 a second, 0 failed/u);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("models", async () => {
    const own = join(checkout.root, "..", "houses");
    const houses = Array.from({ length: 400 }, (_, index) => {
      const [area, bedrooms, bathrooms, age] = [
        40 + ((index * 7) % 160),
        1 + (index % 5),
        1 + (index % 3),
        (index * 3) % 60,
      ];
      return [`H${index}`, area, bedrooms, bathrooms, age, 20_000 + area * 2500 + bedrooms * 9000 - age * 800].join();
    });
    await mkdir(own);
    await writeFile(join(own, "houses.csv"), ["house_id,area,bedrooms,bathrooms,age,price", ...houses].join("\n"));
    await walk.follow("docs/model.md#on-this-machine-without-a-cloud", {}, { FOLDER: own });
    await walk.follow("docs/model.md#versions");
  });

  it("stream processors", async () => {
    await walk.follow("docs/streams-simulator.md#the-simulator-of-stream-processors");
    await walk.follow("docs/streams.md#i-come-from-sp");
    const said = await walk.follow("docs/streams.md#does-it-get-there");
    assert.match(said, /events +Kafka +\S+:9096 +untested +nothing leaves the sandbox/u);
  });

  it("no page is left out", () => walk.done());
});

/** A repository with one environment, whose secret was set just now. */
function answers(path: string): { status: number; body: string } | undefined {
  const ok = (value: object) => ({ status: 200, body: JSON.stringify(value) });
  const secret = { name: "KAFKA_PASSWORD", updated_at: new Date().toISOString() };
  if (path.includes("/environments/prod/secrets")) return ok({ secrets: [secret] });
  return path.includes("/environments?") ? ok({ environments: [{ name: "prod" }] }) : undefined;
}

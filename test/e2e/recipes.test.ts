import assert from "node:assert/strict";
import { makeCheckout, type Checkout } from "../support/checkout.ts";
import { startWalk, type Walk } from "../support/walk.ts";

const planned = async (checkout: Checkout, variables: Record<string, string> = {}) => {
  const { code, json, stderr } = await checkout.slipwayWith(variables, "preview", "dev", "--json");
  assert.equal(code, 0, stderr);
  return json.resources.filter(({ op }) => op === "create").map(({ urn }) => urn.split("::").slice(2).join(" "));
};

describe("recipes, word for word", function () {
  this.timeout(900_000);
  let checkout: Checkout;
  let walk: Walk;

  before(async () => {
    checkout = await makeCheckout({ data: true, model: false, streams: true });
    walk = startWalk("test/e2e/recipes.test.ts", checkout);
  });
  after(() => checkout?.remove());

  const clean = async () => assert.equal(await checkout.git("status", "--porcelain"), "");

  it("add a service", async () => {
    const said = await walk.follow("docs/recipes/add-a-service.md");
    assert.match(said, /services\/hello/u);
    const hello = (await planned(checkout, secrets)).filter((urn) => /\bhello\b/u.test(urn));
    assert.ok(
      hello.some((urn) => urn.includes("argoproj.io/v1alpha1:Application")),
      hello.join("\n"),
    );
    await clean();
  });

  it("add a processor", async () => {
    const said = await walk.follow("docs/recipes/add-a-processor.md");
    assert.match(said, /sensor_peaks/u);
    const created = await planned(checkout, secrets);
    assert.ok(
      created.some((urn) => /StreamProcessor.*sensor_peaks/u.test(urn)),
      created.join("\n"),
    );
    await clean();
  });

  it("add a dataset", async () => {
    await walk.follow("docs/recipes/add-a-dataset.md");
    const created = await planned(checkout, secrets);
    for (const type of ["CatalogTable", "DataQualityRuleset"])
      assert.ok(
        created.some((urn) => urn.includes(type) && /suppliers/u.test(urn)),
        created.join("\n"),
      );
    await clean();
  });

  it("add an environment", async () => {
    const said = await walk.follow("docs/recipes/add-an-environment.md", { "npm run typecheck": {} });
    assert.match(said, /^preview qa: \d+ to create/mu);
    await clean();
  });

  it("no recipe is left out", () => walk.done());
});

/** What connections of the checkout's streams name. */
const secrets = { KAFKA_USERNAME: "any", KAFKA_PASSWORD: "any", GEOCODER_TOKEN: "any", NOTIFIER_TOKEN: "any" };

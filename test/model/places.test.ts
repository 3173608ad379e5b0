import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../automation/commands/model.ts";
import { ExitCode } from "../../automation/errors.ts";
import { runLocally } from "../../automation/model/run/execute.ts";
import { folderPlace } from "../../automation/model/run/place.ts";
import { modelPython } from "../../automation/model/run/python.ts";
import { modelDefaults } from "../../config/model-profile.ts";
import { scratch } from "../git/throw-away.ts";
import { fails, houses, TinyCheckout } from "./tiny-checkout.ts";

const temporary = scratch();
after(() => temporary.clear());

describe("slipway model", function () {
  this.timeout(60_000);

  it("registers in the folder that is named, and compares what is still there", async () => {
    const checkout = await TinyCheckout.open(temporary.directory());
    const registry = join(checkout.root, "elsewhere");
    checkout.write("more/houses.csv", houses(12));
    await checkout.run({ registry, set: ["alpha=0.1"] });
    await checkout.run({ registry, data: join(checkout.root, "more"), set: ["alpha=0.2"] });
    assert.ok(existsSync(join(registry, "approved.json")));
    const differing = await checkout.model(["compare", "1", "2"], { registry });
    assert.match(differing.text, /measured on different houses/);
    rmSync(join(registry, "evaluations"), { recursive: true });
    assert.match((await checkout.model(["compare", "1", "2"], { registry })).text, /not there any more/);
    await fails(
      checkout.model(["compare", "1", "2"], { registry, svg: "a.svg" }),
      ExitCode.notFound,
      /predictions of versions 1 and 2/,
    );
  });

  it("says that nothing is registered yet", async () => {
    const checkout = await TinyCheckout.open(temporary.directory());
    assert.match((await checkout.model(["list"])).text, /no version is registered in .*model run makes one/);
  });

  it("runs a tuning as well: its jobs start what the image would", async () => {
    const checkout = await TinyCheckout.open(temporary.directory());
    const context = checkout.context();
    const tuning = { grid: { alpha: [1, 0.25, 4] }, parallel: 2 };
    const place = await folderPlace(context, { profile: { ...modelDefaults, tuning } });
    const python = await modelPython({ ...context, say: () => undefined });
    const wish = { data: checkout.data, parameters: {}, cache: true, again: "again" };
    const { steps, registered: made } = await runLocally(context, place, python, wish);
    const tuned = steps.find(({ step }) => step === "tune-model");
    assert.deepEqual([tuned?.status, tuned?.detail], ["done", "best of 3: alpha 0.25; validation:r2 0.8"]);
    assert.deepEqual([made?.version.status, made?.version.metrics["r2"]], ["Approved", 0.8]);
  });

  it("runs with the settings of an environment in folders, and asks for nothing of it", async () => {
    const checkout = await TinyCheckout.open(temporary.directory());
    const root = join(import.meta.dirname, "..", "..");
    checkout.write("config/promotion.yaml", readFileSync(join(root, "config", "promotion.yaml"), "utf8"));
    const stack = readFileSync(join(root, "Pulumi.dev.yaml"), "utf8");
    checkout.write("Pulumi.dev.yaml", `${stack}  slipway:model:\n    threshold: 0.4\n    approval: manual\n`);
    const run = (...args: string[]) => checkout.model(["run", ...args], { data: checkout.data, local: true });
    const { json, text } = await run("dev");
    assert.deepEqual(json["threshold"], { metric: "r2", minimum: 0.4, value: 0.5, reached: true });
    assert.deepEqual(json["registered"], { version: 1, status: "PendingManualApproval", created: true });
    assert.match(text, /next +\.\/slipway model approve 1$/m);
    await fails(run("nowhere"), ExitCode.notFound, /There is no stack "nowhere"/);
  });

  it("loads an action only by its own name", async () => {
    await fails(run({} as never, ["toString"], {}), ExitCode.usage, /There is no action "toString"/);
  });
});

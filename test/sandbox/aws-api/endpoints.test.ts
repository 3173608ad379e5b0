import { strict as assert } from "node:assert";
import { DeleteEndpointCommand } from "@aws-sdk/client-sagemaker";

import { markOf } from "../../../sandbox/live/process.ts";
import { foreignListeners } from "../../support/ministack.ts";
import { modelArchive } from "./aws-lab.ts";
import { canary, EndpointLab } from "./endpoint-lab.ts";

describe("the sandbox's endpoints", function () {
  this.timeout(60_000);
  let lab: EndpointLab;
  before(async function () {
    this.timeout(600_000);
    lab = await EndpointLab.open();
  });
  after(async () => {
    await lab?.close();
  });

  it("run a local process for a model, hand requests on, and say that they are simulated", async () => {
    await lab.config("one");
    const { EndpointStatus, EndpointConfigName, ProductionVariants } = await lab.created("lab", "one");
    assert.deepEqual([EndpointStatus, EndpointConfigName], ["InService", "one"]);
    assert.deepEqual(
      ProductionVariants?.map(({ VariantName, CurrentInstanceCount }) => [VariantName, CurrentInstanceCount]),
      [["AllTraffic", 2]],
    );
    const { body, InvokedProductionVariant, CustomAttributes, ContentType } = await lab.invoke("lab", {
      Body: "hello",
      ContentType: "text/csv",
    });
    const { pid, ...said } = body;
    assert.deepEqual(said, { model: "one", url: "/invocations", text: "hello", type: "text/csv", STAGE: "lab" });
    assert.deepEqual([InvokedProductionVariant, ContentType], ["AllTraffic", "application/json"]);
    assert.equal(CustomAttributes, "endpoint simulated: a local process of services/predict");
    assert.ok(markOf(Number(pid)));
    assert.deepEqual(foreignListeners(Number(new URL(lab.api.endpoint).port)), []);
  });

  it("hand on what the model says of itself, and its errors", async () => {
    await lab.config("talkative", await lab.archive("talkative", { attributes: "x-model-version=housing/3" }));
    await lab.created("talkative", "talkative");
    assert.equal((await lab.invoke("talkative")).CustomAttributes, "x-model-version=housing/3");
    await assert.rejects(lab.invoke("talkative", { Body: "break" }), {
      name: "ModelError",
      OriginalStatusCode: 422,
      message: /Received client error \(422\) from primary/,
    });
  });

  it("split requests by the weight of a canary, then move all of them", async () => {
    await lab.config("two");
    await lab.update("lab", "two", canary());
    await lab.baking("lab");
    const { EndpointStatus, EndpointConfigName, PendingDeploymentSummary } = await lab.describe("lab");
    assert.deepEqual([EndpointStatus, EndpointConfigName], ["Updating", "one"]);
    assert.equal(PendingDeploymentSummary?.EndpointConfigName, "two");
    assert.deepEqual(await lab.counted("lab", 20), { one: 18, two: 2 });
    await assert.rejects(lab.update("lab", "one"), /Cannot update in-progress endpoint/);
    const after = await lab.settled("lab");
    assert.deepEqual(
      [after.EndpointStatus, after.EndpointConfigName, after.FailureReason],
      ["InService", "two", undefined],
    );
    assert.equal(after.LastDeploymentConfig?.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.Type, "CANARY");
    assert.deepEqual(await lab.counted("lab", 5), { two: 5 });
  });

  it("go back when an alarm rings, and say why", async () => {
    const alarm = lab.lab.alarm("lab-errors");
    await lab.update("lab", "one", canary(["lab-errors"], 3_600));
    await lab.baking("lab");
    assert.deepEqual(await lab.counted("lab", 10), { two: 9, one: 1 });
    alarm.ring();
    const { EndpointStatus, EndpointConfigName, FailureReason, PendingDeploymentSummary } = await lab.settled("lab");
    assert.deepEqual([EndpointStatus, EndpointConfigName, PendingDeploymentSummary], ["InService", "two", undefined]);
    assert.match(FailureReason ?? "", /alarms of the auto rollback configuration are in ALARM: lab-errors/);
    assert.deepEqual(await lab.counted("lab", 5), { two: 5 });
  });

  it("go back from a model that does not get healthy, with its own words", async () => {
    await lab.config("nameless", await lab.archive(""));
    await lab.update("lab", "nameless", canary());
    const { EndpointConfigName, FailureReason } = await lab.settled("lab");
    assert.equal(EndpointConfigName, "two");
    assert.equal(
      FailureReason,
      "The primary container for production variant AllTraffic did not pass the ping health check: model.json: not a valid model",
    );
  });

  it("refuse an artifact that is no archive, that is not there, or leads outside", async () => {
    const outside = await modelArchive({ "../../escaped.json": "{}" });
    const cases: [name: string, url: string, reason: RegExp][] = [
      ["broken", await lab.lab.object("broken/model.tar.gz", "no archive"), /Failed to extract the model data archive s3:.*incorrect header check/],
      ["absent", `s3://${lab.lab.bucket}/absent/model.tar.gz`, /Failed to download model data from s3:.*(NoSuchKey|not exist)/],
      ["outside", await lab.lab.object("outside/model.tar.gz", outside), /the archive holds a path outside of it/],
    ]; // prettier-ignore
    for (const [name, url, reason] of cases) {
      await lab.config(name, url);
      const { EndpointStatus, FailureReason } = await lab.created(name, name);
      assert.equal(EndpointStatus, "Failed", name);
      assert.match(FailureReason ?? "", reason);
      await assert.rejects(lab.invoke(name), {
        name: "ValidationError",
        message: /Endpoint \w+ of account \d{12} not found/,
      });
      await assert.rejects(lab.update(name, "one"), /it can only be deleted/);
      await lab.clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
      await assert.rejects(lab.describe(name), {
        name: "ValidationException",
        message: /^Could not find endpoint "arn:/,
      });
    }
  });

  it("refuse what cannot be followed", async () => {
    const wrong = canary();
    const size = wrong.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.CanarySize;
    if (size) size.Value = 60;
    const cases: [work: () => Promise<unknown>, message: RegExp][] = [
      [() => lab.update("lab", "one", wrong), /'60' at '.*CanarySize.Value'.*at most 50 percent/],
      [() => lab.update("lab", "one", canary(["no-alarm"])), /'no-alarm' at '.*Alarms'/],
      [() => lab.update("lab", "nowhere"), /Could not find endpoint configuration "arn:.*\/nowhere"/],
      [() => lab.created("lab", "one"), /Cannot create already existing endpoint/],
      [() => lab.config("one", "s3://b/m"), /Cannot create already existing model/],
      [() => lab.created("-lab", "one"), /'-lab' at 'EndpointName'.*1 to 63 letters/],
      [() => lab.invoke("lab", { TargetVariant: "Other" }), /Variant Other of endpoint lab not found/],
    ];
    for (const [work, message] of cases) await assert.rejects(work(), { message });
  });
});

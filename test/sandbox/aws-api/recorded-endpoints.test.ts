import { strict as assert } from "node:assert";
import {
  DeleteEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointsCommand,
} from "@aws-sdk/client-sagemaker";

import { driftProperty } from "../../../sandbox/index.ts";
import { isRunning, markOf, type ProcessMark } from "../../../sandbox/live/process.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { until } from "../live/live-lab.ts";
import { EndpointLab } from "./endpoint-lab.ts";

const endpointType = "aws:sagemaker/endpoint:Endpoint";

describe("the sandbox's endpoints of Pulumi's record", function () {
  this.timeout(60_000);
  let lab: EndpointLab;
  before(async function () {
    this.timeout(600_000);
    lab = await EndpointLab.open();
    await lab.config("one");
    await lab.config("two");
    await lab.created("lab", "one");
  });
  after(async () => {
    await lab?.close();
  });

  /** The three resources of an endpoint, all of one name. */
  const recorded = (name: string, modelDataUrl: string, more: { variant?: Properties; config?: Properties } = {}) => {
    const put = lab.lab.recorded;
    const primaryContainer = { image: lab.image, modelDataUrl, environment: { STAGE: "made" } };
    put("aws:sagemaker/model:Model", name, { name, primaryContainer });
    const productionVariants = [{ variantName: "main", modelName: name, ...more.variant }];
    put(`aws:sagemaker/endpointConfiguration:EndpointConfiguration`, name, {
      name,
      productionVariants,
      ...more.config,
    });
    put(endpointType, name, { name, endpointConfigName: name });
  };

  it("begin as the record says", async () => {
    const capture = {
      enableCapture: true,
      initialSamplingPercentage: 100,
      destinationS3Uri: "s3://lab-models/capture",
    };
    recorded("made", await lab.archive("made"), {
      variant: { serverlessConfig: { memorySizeInMb: 2_048, maxConcurrency: 5 } },
      config: { dataCaptureConfig: { ...capture, captureOptions: [{ captureMode: "Input" }] } },
    });
    const { EndpointStatus, EndpointConfigName, ProductionVariants, DataCaptureConfig } = await lab.describe("made");
    assert.deepEqual([EndpointStatus, EndpointConfigName], ["InService", "made"]);
    const { CurrentServerlessConfig } = ProductionVariants?.[0] ?? {};
    assert.deepEqual(CurrentServerlessConfig, { MemorySizeInMB: 2_048, MaxConcurrency: 5 });
    const { CaptureStatus, DestinationS3Uri } = DataCaptureConfig ?? {};
    assert.deepEqual([CaptureStatus, DestinationS3Uri], ["Started", "s3://lab-models/capture"]);
    const { sagemaker } = lab.clients;
    const { PrimaryContainer } = await sagemaker.send(new DescribeModelCommand({ ModelName: "made" }));
    assert.deepEqual(PrimaryContainer?.Environment, { STAGE: "made" });
    const found = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "made" }));
    assert.equal(found.ProductionVariants?.[0]?.ModelName, "made");
    assert.equal((await lab.invoke("made")).body["model"], "made");
  });

  it("follow the record to another configuration", async () => {
    driftProperty(lab.lab.directory, { resource: "made", type: endpointType }, "endpointConfigName", "two");
    assert.equal((await lab.settled("made")).EndpointConfigName, "two");
    assert.equal((await lab.invoke("made")).body["model"], "two");
    const listed = new ListEndpointsCommand({ StatusEquals: "InService" });
    const { Endpoints = [] } = await lab.clients.sagemaker.send(listed);
    assert.deepEqual(
      Endpoints.map(({ EndpointName }) => EndpointName),
      ["lab", "made"],
    );
  });

  it("stay deleted though the record names them, and can be made again", async () => {
    await lab.clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: "made" }));
    await assert.rejects(lab.describe("made"), /Could not find endpoint/);
    assert.equal((await lab.created("made", "one")).EndpointStatus, "InService");
    assert.equal((await lab.invoke("made")).body["model"], "one");
  });

  it("fail where the first process of a recorded one does not get healthy", async () => {
    recorded("bad", await lab.archive(""));
    await assert.rejects(lab.invoke("bad"), {
      name: "ModelError",
      message: /did not pass the ping health check: model.json/,
    });
    const { EndpointStatus, FailureReason } = await lab.describe("bad");
    assert.equal(EndpointStatus, "Failed");
    assert.match(
      FailureReason ?? "",
      /production variant main did not pass the ping health check: model.json: not a valid model/,
    );
  });

  it("start with the first request, end when nobody asks, and leave no process behind", async () => {
    const marks: (ProcessMark | undefined)[] = [markOf(Number((await lab.invoke("lab")).body["pid"]))];
    await lab.restart(200);
    assert.ok(marks[0] !== undefined && !isRunning(marks[0]), "the server's end is the end of its processes");
    const mark = markOf(Number((await lab.invoke("lab")).body["pid"]));
    await until("the idle process has ended", () => mark !== undefined && !isRunning(mark));
    marks.push(mark, markOf(Number((await lab.invoke("lab")).body["pid"])));
    await lab.api.close();
    assert.ok(marks.every((each) => each !== undefined && !isRunning(each)));
  });
});

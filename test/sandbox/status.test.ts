import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { atlasServices } from "../../sandbox/atlas/table.ts";
import { awsApiServices } from "../../sandbox/aws-api/table.ts";
import { sandboxStatus } from "../../sandbox/index.ts";
import { recordServices } from "../../sandbox/live/record-table.ts";
import { liveServices, liveTable } from "../../sandbox/live/table.ts";
import { typeSpec } from "../../sandbox/types/index.ts";
import { record, resourceOf } from "./live/live-lab.ts";

describe("what the sandbox says of services", () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-status-"));
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("names those that have resources, by what production has and what takes its place", async () => {
    const types = [
      "aws:apigatewayv2/api:Api",
      "aws:lambda/alias:Alias",
      "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
      "aws:sagemaker/endpoint:Endpoint",
      "aws:codedeploy/deploymentGroup:DeploymentGroup",
      "aws:sagemaker/pipeline:Pipeline",
      "aws:sagemaker/domain:Domain",
      "aws:sagemaker/userProfile:UserProfile",
      "aws:servicequotas/serviceQuota:ServiceQuota",
      "mongodbatlas:index/streamProcessor:StreamProcessor",
    ];
    for (const type of types) record(directory, resourceOf(type, "one", { name: "one" }));
    const { live } = await sandboxStatus(directory, { environment: { SLIPWAY_SANDBOX_LIVE: "off" } });
    const counts = live.services.map(({ service, resources }) => [service, resources]);
    assert.deepEqual(Object.fromEntries(counts), {
      ...{ apigateway: 1, lambda: 1, registry: 1, endpoints: 1, codedeploy: 1, training: 1, studio: 2, quotas: 1 },
      processors: 1,
    });
    for (const { production, sandbox } of live.services) assert.ok(production !== "" && sandbox !== "");
    assert.match(live.services.find(({ service }) => service === "endpoints")?.sandbox ?? "", /simulated/);
  });

  it("has one row for a type, and knows what it speaks of", () => {
    const tables = [awsApiServices, recordServices, atlasServices];
    const byType = { ...awsApiServices, ...recordServices, ...atlasServices };
    assert.equal(Object.keys(byType).length, tables.flatMap(Object.keys).length);
    assert.deepEqual(
      Object.keys(byType).filter((service) => service in liveServices),
      [],
    );
    const named = Object.values(byType).flatMap(({ types }): readonly string[] => types);
    assert.equal(new Set(named).size, named.length);
    for (const type of named) {
      assert.ok(typeSpec(type) !== undefined, `${type} is modelled`);
      assert.ok(!(type in liveTable), `${type} has a row of its own`);
    }
  });
});

import assert from "node:assert/strict";
import { boundaryViolation } from "../../tools/eslint/boundaries.ts";

const allowed: [from: string, to: string][] = [
  ["index.ts", "config/load.ts"],
  ["index.ts", "program/environment.ts"],
  ["program/environment.ts", "components/foundation/network.ts"],
  ["components/services/services-pipeline.ts", "components/shared/tags.ts"],
  ["config/schema.ts", "automation/errors.ts"],
  ["config/release.ts", "automation/release/release.ts"],
  ["automation/commands/up.ts", "config/outputs.ts"],
  ["automation/engine/sandbox.ts", "sandbox/index.ts"],
  ["sandbox/index.ts", "automation/errors.ts"],
  ["sandbox/provider.ts", "sandbox/server/server.ts"],
  ["test/components/network.test.ts", "components/foundation/network.ts"],
  ["test/sandbox/cloud.test.ts", "sandbox/index.ts"],
  ["test/program/program.test.ts", "index.ts"],
  ["bench/main.ts", "sandbox/index.ts"],
  ["components/model/training.ts", "model/pipeline/housing.ts"],
  ["automation/model/local/run.ts", "model/pipeline/render.ts"],
  ["model/pipeline/housing.ts", "model/pipeline/steps.ts"],
  ["sandbox/atlas/server.ts", "streams/engine/simulator/simulator.ts"],
  ["components/shared/iam.ts", "policy/predicates/wildcards.ts"],
  ["automation/commands/policy.ts", "policy/catalog.ts"],
  ["policy/suppressions.ts", "automation/errors.ts"],
];

const refused: [from: string, to: string, reason: RegExp][] = [
  ["components/foundation/network.ts", "config/schema.ts", /pass the value in from program\//],
  ["components/foundation/network.ts", "automation/errors.ts", /bare `pulumi up`/],
  ["components/foundation/network.ts", "sandbox/index.ts", /automation\/engine\/sandbox\.ts alone/],
  ["automation/commands/up.ts", "components/index.ts", /only program\/ composes components/],
  ["index.ts", "components/foundation/network.ts", /only program\/ composes components/],
  ["automation/commands/up.ts", "program/environment.ts", /only index\.ts starts it/],
  ["program/environment.ts", "automation/release/manifest.ts", /bare `pulumi up`/],
  ["config/load.ts", "components/shared/naming.ts", /only program\/ composes components/],
  ["automation/commands/sandbox.ts", "sandbox/index.ts", /automation\/engine\/sandbox\.ts alone/],
  ["index.ts", "sandbox/index.ts", /automation\/engine\/sandbox\.ts alone/],
  ["sandbox/index.ts", "automation/store/store.ts", /neither the program nor the driver/],
  ["sandbox/index.ts", "config/schema.ts", /neither the program nor the driver/],
  ["config/load.ts", "automation/release/release.ts", /config\/release\.ts alone/],
  ["config/release.ts", "automation/store/store.ts", /only automation\/release/],
  ["automation/main.ts", "index.ts", /entry of the program/],
  ["automation/main.ts", "test/support/harness.ts", /stands without tests/],
  ["model/pipeline/housing.ts", "components/shared/validation.ts", /stands alone/],
  ["model/pipeline/housing.ts", "automation/errors.ts", /stands alone/],
  ["streams/engine/lint/rules.ts", "automation/errors.ts", /engine of streams stands alone/],
  ["policy/rules/identity.ts", "components/shared/iam.ts", /only program\/ composes components/],
  ["policy/pack.ts", "automation/policy/pack.ts", /started by an engine alone/],
  ["components/shared/iam.ts", "policy/rules/identity.ts", /share policy\/predicates/],
];

describe("boundaryViolation", () => {
  for (const [from, to] of allowed)
    it(`lets ${from} import ${to}`, () => assert.equal(boundaryViolation(from, to), undefined));
  for (const [from, to, reason] of refused)
    it(`keeps ${from} from importing ${to}`, () => assert.match(boundaryViolation(from, to) ?? "", reason));

  it("does not take a folder for another whose name begins alike", () => {
    assert.equal(boundaryViolation("components/shared/tags.ts", "configuration/schema.ts"), undefined);
  });
});

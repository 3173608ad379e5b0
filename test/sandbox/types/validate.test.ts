import assert from "node:assert/strict";

import { typeSpec } from "../../../sandbox/types/index.ts";
import type { Properties } from "../../../sandbox/types/type-spec.ts";
import { computeCases } from "./compute-cases.ts";
import { contextWith } from "./context.ts";
import { dataCases } from "./data-cases.ts";
import { inferenceCases } from "./inference-cases.ts";
import { storageCases } from "./input-cases.ts";
import { messagingCases } from "./messaging-cases.ts";
import { modelCases } from "./model-cases.ts";
import { monitoringCases } from "./monitoring-cases.ts";
import { observabilityCases } from "./observability-cases.ts";
import { platformCases } from "./platform-cases.ts";
import { atlasCases } from "./atlas-cases.ts";

const cases = {
  ...storageCases,
  ...platformCases,
  ...atlasCases,
  ...dataCases,
  ...computeCases,
  ...messagingCases,
  ...monitoringCases,
  ...observabilityCases,
  ...modelCases,
  ...inferenceCases,
};

describe("type tables: inputs", () => {
  for (const [type, { valid, invalid }] of Object.entries(cases)) {
    it(`${type} takes what the service takes and names what it refuses`, () => {
      const check = (inputs: Properties) =>
        typeSpec(type)?.validate?.(inputs, contextWith()) ?? assert.fail("no table");
      for (const inputs of valid) assert.deepEqual(check(inputs), []);
      for (const [property, inputs] of invalid) {
        const found = check(inputs).map((failure) => failure.property);
        assert.ok(
          found.includes(property),
          `${JSON.stringify(inputs)} should fail at ${property}, got ${found.join(", ") || "nothing"}`,
        );
      }
    });
  }
});

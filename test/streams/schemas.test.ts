import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import { editorSchemas } from "../../tools/streams/schemas.ts";
import { connections, dlq, merge, tumbling, watch } from "./lint/lab.ts";

const root = join(import.meta.dirname, "..", "..");

describe("JSON Schemas for editors", () => {
  let schemas: Record<string, string> = {};
  const compiled = new Map<string, ValidateFunction>();
  const accepts = (name: string, value: unknown) => compiled.get(name)?.(value);

  before(async () => {
    schemas = await editorSchemas();
    for (const [path, text] of Object.entries(schemas)) {
      const name = /([^/]+)\.schema\.json$/.exec(path)?.[1] ?? path;
      compiled.set(
        name,
        new Ajv({ strict: false, formats: { "date-time": true } }).compile(JSON.parse(text) as object),
      );
    }
  });

  it("are those of the definitions that read the files: npm run schemas:streams", () => {
    for (const [path, text] of Object.entries(schemas))
      assert.equal(readFileSync(join(root, path), "utf8"), text, path);
    const names = Object.keys(schemas).map((path) => path.slice("streams/schemas/".length));
    const made = readdirSync(join(root, "streams/schemas")).filter((name) => names.includes(name));
    assert.equal(made.length, names.length);
  });

  const rows: [schema: string, what: string, value: unknown, accepted: boolean][] = [
    ["processor", "a pipeline", { pipeline: [watch, tumbling(), merge], options: { dlq } }, true],
    ["processor", "no pipeline", { options: { dlq } }, false],
    ["processor", "a stage that is not there", { pipeline: [watch, { $mach: {} }] }, false],
    ["processor", "two stages in one", { pipeline: [{ ...watch, ...merge }] }, false],
    ["processor", "a group outside of a window", { pipeline: [watch, { $group: {} }] }, false],
    ["processor", "a window inside a window", { pipeline: [watch, tumbling([tumbling()])] }, false],
    ["processor", "an unknown field of a stage", { pipeline: [{ $source: { topik: "a" } }] }, false],
    [
      "processor",
      "a unit that is not there",
      { pipeline: [tumbling([], { allowedLateness: { size: 1, unit: "days" } })] },
      false,
    ],
    ["connections", "a list", JSON.parse(connections), true],
    ["connections", "an object with a list", { connections: JSON.parse(connections) as unknown }, true],
    ["connections", "one alone", { name: "a", type: "Cluster" }, true],
    ["connections", "an unknown type", { name: "a", type: "Clustr" }, false],
    ["thresholds", "all three", { memory_mb: 500, latency_p99_ms: 100, throughput_min: 10 }, true],
    ["thresholds", "another one", { cpu: 1 }, false],
    ["test", "cases", { cases: [{ name: "a", steps: [{ in: { a: 1 } }, { idle: "2m" }], expect: { out: [] } }] }, true],
    ["test", "a step of no kind", { cases: [{ name: "a", steps: [{ inn: {} }] }] }, false],
    ["policy", "bounds", { autoscaling: { minTier: "SP2", maxTier: "SP10" } }, true],
    ["policy", "a tier that is not there", { tier: "SP100" }, false],
    [
      "consent",
      "without a reason",
      {
        processor: "p",
        from: `sha256:${"0".repeat(64)}`,
        to: `sha256:${"0".repeat(64)}`,
        class: "new-version",
        by: "me",
      },
      false,
    ],
  ];
  for (const [schema, what, value, accepted] of rows)
    it(`${schema}: ${accepted ? "takes" : "refuses"} ${what}`, () => assert.equal(accepts(schema, value), accepted));
});

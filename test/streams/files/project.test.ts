import assert from "node:assert/strict";
import { parseEnvironment } from "../../../streams/engine/files/environment.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";

const pipeline =
  '[{"$source": {"connectionName": "in"}}, {"$merge": {"into": {"connectionName": "out", "db": "a", "coll": "b"}}}]';
const processor = `{"name": "other", "pipeline": ${pipeline},\n "options": {"dlq": {"connectionName": "out", "db": "a", "coll": "dlq"}}}`;

/** What is found, in short. */
const found = (files: Record<string, string>) =>
  loadStreams(files).findings.map(({ rule, severity, file, line, column, path }) => [
    rule,
    severity,
    file,
    line,
    column,
    path,
  ]);

describe("a folder of streams", () => {
  it("is read as it is", () => {
    const project = loadStreams({
      "processors/orders.json": processor,
      "connections/all.json":
        '{"connections": [{"name": "in", "type": "Sample"}, {"name": "out", "type": "Cluster", "clusterName": "c"}]}',
      "connections/list.json": '[{"name": "hook", "type": "Https", "url": "https://example.com/${TOKEN}"}]',
      "connections/one.json": '{"name": "kafka", "type": "Kafka", "bootstrapServers": "b:9092"}',
      "environments/staging/config.env": "WORKSPACE_NAME=staging-streams\nDEFAULT_TIER=SP10\n",
      "environments/production/config.env": "DEFAULT_TIER=auto\n",
      "environments/production/thresholds.json": '{"memory_mb": 500, "latency_p99_ms": 100, "throughput_min": 10}',
      "policies/orders.json": '{"tier": "SP5", "state": "STARTED"}',
      "tests/orders.test.yaml": "cases: []",
      "README.md": "nothing to read",
    });
    assert.deepEqual(project.findings, []);
    assert.deepEqual(
      project.processors.map(({ name, pipelineText, dlq }) => [name, pipelineText, dlq?.coll]),
      [["orders", pipeline.replaceAll(/\s/g, ""), "dlq"]],
    );
    assert.deepEqual(
      project.connections.map(({ path, at, value }) => [path, at, value.name]),
      [
        ["connections/all.json", ["connections", 0], "in"],
        ["connections/all.json", ["connections", 1], "out"],
        ["connections/list.json", [0], "hook"],
        ["connections/one.json", [], "kafka"],
      ],
    );
    assert.deepEqual([...project.environments.keys()].sort(), ["prod", "staging"]);
    const prod = project.environments.get("prod");
    assert.deepEqual([prod?.config?.defaultTier, prod?.thresholds?.memory_mb], ["auto", 500]);
    assert.equal(project.environments.get("staging")?.config?.workspaceName, "staging-streams");
    assert.equal(project.policies.get("orders")?.value.tier, "SP5");
    assert.deepEqual([...project.tests.keys()], ["orders"]);
  });

  const refused: [what: string, files: Record<string, string>, findings: unknown[]][] = [
    [
      "broken JSON",
      { "processors/a.json": '{"pipeline": [\n  {"$source": }]}' },
      [["json/syntax", "error", "processors/a.json", 2, 15, ""]],
    ],
    [
      "a doubled key",
      { "processors/a.json": `{"pipeline": ${pipeline},\n "pipeline": ${pipeline}}` },
      [["json/duplicate-key", "error", "processors/a.json", 2, 2, ""]],
    ],
    ["no pipeline", { "processors/a.json": "{}" }, [["file/schema", "error", "processors/a.json", 1, 1, "pipeline"]]],
    [
      "an unknown key of a processor",
      { "processors/a.json": `{"pipeline": ${pipeline}, "tier": "SP5"}` },
      [["file/unknown-key", "error", "processors/a.json", 1, 128, "tier"]],
    ],
    [
      "an unknown threshold",
      { "environments/dev/thresholds.json": '{"memory_mb": 5,\n "cpu": 1}' },
      [["file/unknown-key", "error", "environments/dev/thresholds.json", 2, 2, "cpu"]],
    ],
    [
      "an unknown type of connection",
      { "connections/a.json": '{"connections": [{"name": "x", "type": "HTTP"}]}' },
      [["file/schema", "error", "connections/a.json", 1, 32, "connections[0].type"]],
    ],
    [
      "a pipeline of 17 MB",
      { "processors/a.json": `{"pipeline": [${" ".repeat(17 * 1024 * 1024)}]}` },
      [["json/too-large", "error", "processors/a.json", 1, 1, ""]],
    ],
  ];
  for (const [what, files, findings] of refused)
    it(`names the place of ${what}`, () => {
      assert.deepEqual(found(files), findings);
      assert.deepEqual(loadStreams(files).connections, []);
    });

  it("leaves out what cannot be read and goes on with the rest", () => {
    const { processors } = loadStreams({ "processors/a.json": "{", "processors/b.json": processor });
    assert.deepEqual(
      processors.map(({ name }) => name),
      ["b"],
    );
  });
});

describe("config.env", () => {
  it("is data: nothing in it is expanded or executed", () => {
    const { config, findings } = parseEnvironment(
      "e",
      'export WORKSPACE_NAME="my space"\nATLAS_PUBLIC_KEY=$ATLAS_PUBLIC_KEY_STAGING\nPROJECT_ID=$(id)\n# done\n',
    );
    assert.deepEqual(config.variables, {
      WORKSPACE_NAME: "my space",
      ATLAS_PUBLIC_KEY: "$ATLAS_PUBLIC_KEY_STAGING",
      PROJECT_ID: "$(id)",
    });
    assert.deepEqual(findings, []);
  });

  it("names what is wrong by its line, and never the value of a key", () => {
    const { config, findings } = parseEnvironment(
      "e",
      "oops\nDEFAULT_TIER=SP100\nATLAS_PRIVATE_KEY=hunter2-hunter2\nCOLOUR=red\nCOLOUR=blue\n",
    );
    assert.deepEqual(
      findings.map(({ rule, line }) => [rule, line]),
      [
        ["env/syntax", 1],
        ["env/tier", 2],
        ["env/secret", 3],
        ["env/unknown", 4],
        ["env/duplicate", 5],
        ["env/unknown", 5],
      ],
    );
    assert.equal(config.defaultTier, undefined);
    assert.ok(!JSON.stringify(findings).includes("hunter2"));
  });
});

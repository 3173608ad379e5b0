import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ExitCode } from "../../../automation/errors.ts";
import { importRepository } from "../../../automation/streams/import/import.ts";
import { failsWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { checkout, streams } from "../command/lab.ts";

const temporary = scratch();
after(() => temporary.clear());

const key = "b7c1f0de-55aa-4f0e-9d4c-000000000000";

/** A small repository of the other tool, with one of each mistake. */
const repository: Readonly<Record<string, string>> = {
  "processors/orders.json": `{
  "name": "order_totals",
  "tier": "SP5",
  "colour": "red",
  "pipeline": [
    { "$source": { "connectionName": "shop", "db": "shop", "coll": "orders" } },
    { "$match": { "status": "$$NOW" } },
    { "$set": { "seenAt": "$$NOW", "b": 1, "a": 2 } },
    { "$merge": { "into": { "connectionName": "out", "db": "shop", "coll": "totals" }, "on": "_id" } }
  ],
  "options": { "dlq": { "connectionName": "out", "db": "ops", "coll": "dlq" }, "retries": 3 }
}
`,
  "connections/all.json": JSON.stringify(
    {
      connections: [
        { name: "shop", type: "Cluster", clusterName: "shop" },
        { name: "out", type: "Cluster", clusterName: "out" },
        { name: "hook", type: "Https", url: `https://hook.example.com/?api_key=${key}`, config: {} },
        { name: "bus", type: "EventBridge" },
      ],
    },
    null,
    2,
  ),
  "environments/production/config.env": [
    "ATLAS_PUBLIC_KEY=$ATLAS_PUBLIC_KEY_PRODUCTION",
    `ATLAS_PRIVATE_KEY=${key}`,
    "WORKSPACE_NAME=orders",
    "DEFAULT_TIER=SP100",
    "STARTED=$(date)",
    "set -e",
  ].join("\n"),
  "environments/production/thresholds.json": '{"memory_mb": 100, "cpu": 3}',
  "environments/prod/thresholds.json": '{"memory_mb": 200}',
  ".github/workflows/deploy.yml": [
    "jobs:",
    "  deploy:",
    "    steps:",
    '      - run: echo "PRIVATE_KEY=$KEY" > config.txt',
    "      - run: ./sp processors create --all",
    "      - if: failure()",
    "        run: sleep 60",
  ].join("\n"),
  "config.txt": `PRIVATE_KEY=${key}\n`,
  "README.md": "sp processors create --all",
};

const note = (text: string) => {
  const [file = "", line = "", column = "", rule = "", outcome = ""] = text.split(" ");
  return { file, line: Number(line), column: Number(column), rule, outcome };
};

describe("import of a repository of sp", () => {
  const { files, notes, variables, findings } = importRepository(repository);

  it("names every place that is not carried over, with what became of it", () => {
    const found = notes.map(({ file, line, column, rule, outcome }) => ({ file, line, column, rule, outcome }));
    const place = (file: string, ...rest: string[]) => rest.map((each) => note(`${file} ${each}`));
    assert.deepEqual(found, [
      ...place(
        ".github/workflows/deploy.yml",
        ...["1 1 import/workflow left-out", "4 28 import/key-file left-out"],
        ...["5 14 import/command-fails left-out", "6 9 import/no-failure left-out", "7 14 import/sleep left-out"],
      ),
      ...place("config.txt", "1 1 import/key-file left-out"),
      ...place(
        "connections/all.json",
        ...["3 5 import/admin changed", "8 5 import/admin changed", "16 7 import/secret left-out"],
        ...["17 7 import/unknown-key left-out", "21 7 import/connection-type left-out"],
      ),
      ...place(
        "environments/production/config.env",
        ...["2 1 import/secret left-out", "4 1 import/tier left-out", "5 1 import/variable left-out"],
        "6 1 import/shell left-out",
      ),
      ...place("environments/production/thresholds.json", "1 1 import/environment left-out"),
      ...place(
        "processors/orders.json",
        ...["2 3 import/name changed", "3 3 import/policy changed", "4 3 import/unknown-key left-out"],
        ...["8 17 import/now changed", "11 80 import/unknown-key left-out"],
      ),
    ]);
  });

  it("carries pipelines over as they are written, and what has another place into that", () => {
    const processor = files["processors/orders.json"] ?? "";
    assert.match(processor, /"name": "orders"/);
    assert.match(processor, /"status": "\$\$NOW"/, "a text in a query is no variable");
    assert.match(processor, /"seenAt": \{\s*"\$currentDate": \{\}\s*\}, "b": 1, "a": 2/);
    assert.doesNotMatch(processor, /colour|retries|tier/);
    assert.deepEqual(JSON.parse(files["policies/orders.json"] ?? ""), { tier: "SP5" });
  });

  it("gives a connection the least role that its use needs, and no secret", () => {
    const { connections } = JSON.parse(files["connections/all.json"] ?? "") as { connections: unknown[] };
    const role = (name: string) => ({ role: name, type: "BUILT_IN" });
    assert.deepEqual(connections, [
      { name: "shop", type: "Cluster", clusterName: "shop", dbRoleToExecute: role("readAnyDatabase") },
      { name: "out", type: "Cluster", clusterName: "out", dbRoleToExecute: role("readWriteAnyDatabase") },
      { name: "hook", type: "Https", url: "https://${HOOK_URL}" },
    ]);
    assert.deepEqual(variables, ["HOOK_URL"]);
  });

  it("says no secret, in files and in words", () => {
    assert.doesNotMatch(JSON.stringify({ files, notes }), new RegExp(key));
    assert.equal(
      files["environments/prod/config.env"],
      "ATLAS_PUBLIC_KEY=$ATLAS_PUBLIC_KEY_PRODUCTION\nATLAS_PRIVATE_KEY=$ATLAS_PRIVATE_KEY_PROD\nWORKSPACE_NAME=orders\n",
    );
  });

  it("leaves nothing that the linter calls an error", () => {
    assert.deepEqual(
      findings.filter(({ severity }) => severity === "error").map(({ message }) => message),
      [],
    );
  });

  it("leaves out a processor with a secret in its pipeline, even where the tool's own keys stand beside it", () => {
    const text = `{"tier": "SP5", "pipeline": [{"$https": {"connectionName": "x", "headers": {"Authorization": "Bearer ${"a".repeat(20)}"}}}]}`;
    const result = importRepository({ "processors/calls.json": text });
    assert.deepEqual(result.files, {});
    assert.deepEqual(
      result.notes.map(({ rule, severity, path }) => [rule, severity, path]),
      [["import/secret", "error", "pipeline[0].$https.headers.Authorization"]],
    );
  });

  it("gives broken files a place and never fails", () => {
    const result = importRepository({
      "processors/broken.json": '{"pipeline": [}',
      "processors/empty.json": "[]",
      "connections/broken.json": '{"connections": [\n{]}',
      "connections/nameless.json": "[{}]",
      "environments/dev/thresholds.json": "{",
    });
    assert.deepEqual(result.files, {});
    assert.deepEqual(
      result.notes.map(({ file, line, column, severity }) => `${file}:${line}:${column} ${severity}`),
      [
        "connections/broken.json:2:2 error",
        "connections/nameless.json:1:2 error",
        "environments/dev/thresholds.json:1:2 error",
        "processors/broken.json:1:15 error",
        "processors/empty.json:1:1 error",
      ],
    );
  });
});

describe("slipway streams import", () => {
  const setUp = () => {
    const root = temporary.directory();
    const from = temporary.directory();
    writeFiles(root, checkout);
    writeFiles(from, repository);
    return { root, from, to: join(temporary.directory(), "streams") };
  };

  it("writes nothing where no folder is named, and ends with 5 where something is lost", async () => {
    const { root, from } = setUp();
    const result = await streams(root, ["import", from]);
    assert.equal(result.exitCode, ExitCode.policy, "keys in a file, and a connection of no known type");
    assert.match(result.text, /nothing was written/);
    assert.deepEqual(result.json["written"], []);
  });

  it("writes what the linter accepts, once", async () => {
    const { root, from, to } = setUp();
    const first = await streams(root, ["import", from], { out: to });
    assert.deepEqual(first.json["written"], first.json["files"]);
    assert.equal((await streams(root, ["lint"], { folder: to })).exitCode, ExitCode.done);
    const again = await streams(root, ["import", from], { out: to });
    assert.deepEqual(again.json["written"], []);
    assert.deepEqual(again.json["unchanged"], first.json["files"]);
  });

  it("replaces nothing without --force, and then writes none of the others either", async () => {
    const { root, from, to } = setUp();
    writeFiles(to, { "processors/orders.json": "{}" });
    await assert.rejects(
      streams(root, ["import", from], { out: to }),
      failsWith(ExitCode.usage, /there already, and are others: processors\/orders\.json/),
    );
    assert.deepEqual(readdirSync(to), ["processors"]);
    await streams(root, ["import", from], { out: to, force: true });
    assert.match(readFileSync(join(to, "processors/orders.json"), "utf8"), /pipeline/);
  });

  it("refuses a folder without processors, and none at all", async () => {
    const { root } = setUp();
    await assert.rejects(
      streams(root, ["import", temporary.directory()]),
      failsWith(ExitCode.notFound, /no stream processors/),
    );
    await assert.rejects(streams(root, ["import"]), failsWith(ExitCode.usage, /one folder/));
  });
});

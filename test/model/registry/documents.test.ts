import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ExitCode, SlipwayError } from "../../../automation/errors.ts";
import {
  approvedOf,
  approvedSchema,
  documentText,
  indexOf,
  indexSchema,
  parseDocument,
  stageOf,
  versionSchema,
  type Status,
} from "../../../automation/model/registry/documents.ts";
import { findPython } from "../../../tools/testing/python.ts";
import { sha256, versionWith } from "./registry-lab.ts";

const good = versionWith();
const { artifact, lineage, threshold } = good;

/** Documents that one of the two readers must not take and the other refuse. */
const cases: [name: string, document: unknown, accepted: boolean][] = [
  ["a version", good, true],
  ["a model in S3", versionWith({ artifact: { ...artifact, uri: "s3://bucket/runs/a/model.tar.gz" } }), true],
  ["a fraction of a second", versionWith({ createdAt: "2026-01-02T03:04:05.123Z" }), true],
  ["a metric below zero", versionWith({ metrics: { r2: -3.5 } }), true],
  ["a lineage with blanks inside", versionWith({ lineage: { ...lineage, data: "seven of nine" } }), true],
  ["another schema", { ...good, schema: 2 }, false],
  ["a member too many", { ...good, owner: "me" }, false],
  ["a member too few", { ...good, lineage: undefined }, false],
  ["version 0", versionWith({ version: 0 }), false],
  ["half a version", versionWith({ version: 1.5 }), false],
  ["an unknown status", { ...good, status: "Serving" }, false],
  ["a group with a blank", versionWith({ group: "a b" }), false],
  ["a group with a dash at its end", versionWith({ group: "housing-" }), false],
  ["a name in capitals", versionWith({ name: "Housing" }), false],
  ["a digest too short", versionWith({ artifact: { ...artifact, sha256: "abc" } }), false],
  ["a path that leads out", versionWith({ artifact: { ...artifact, uri: "../model.tar.gz" } }), false],
  ["a path from the root", versionWith({ artifact: { ...artifact, uri: "/etc/passwd" } }), false],
  ["a bucket without a key", versionWith({ artifact: { ...artifact, uri: "s3://bucket" } }), false],
  ["another scheme", versionWith({ artifact: { ...artifact, uri: "https://host/model" } }), false],
  ["an empty model", versionWith({ artifact: { ...artifact, bytes: 0 } }), false],
  ["no metrics", versionWith({ metrics: {} }), false],
  ["a metric that is a text", { ...good, metrics: { r2: "0.8" } }, false],
  ["a metric that is a truth value", { ...good, metrics: { r2: true } }, false],
  ["a threshold above 1", versionWith({ threshold: { ...threshold, minimum: 1.1 } }), false],
  ["a threshold of a metric without bounds", { ...good, threshold: { metric: "rmse", minimum: 0.5 } }, false],
  ["code without its algorithm", versionWith({ lineage: { ...lineage, code: sha256("code") } }), false],
  ["an empty execution", versionWith({ lineage: { ...lineage, execution: "" } }), false],
  ["a local time", versionWith({ createdAt: "2026-01-02T03:04:05" }), false],
  ["a list", [good], false],
];

describe("documents of the model registry", () => {
  for (const [name, document, accepted] of cases)
    it(`${accepted ? "may hold" : "never hold"} ${name}`, () => {
      const text = Buffer.from(JSON.stringify(document));
      if (accepted) assert.deepEqual(parseDocument(versionSchema, text, "1.json"), document);
      else
        assert.throws(
          () => parseDocument(versionSchema, text, "1.json"),
          (error) => error instanceof SlipwayError && error.code === ExitCode.unexpected && error.where === "1.json",
        );
    });

  it("are refused for what is no JSON", () => {
    assert.throws(() => parseDocument(versionSchema, Buffer.from("{"), "1.json"), /it is not JSON/);
  });

  it("are judged by the services' reader in the same way", async function () {
    this.timeout(30_000);
    const python = await findPython(process.env);
    const program = [
      "import json, sys",
      "from modelkit.documents import parse_version",
      "from modelkit.errors import DocumentError",
      "def accepted(text):",
      "    try: parse_version(text.encode(), 'x')",
      "    except DocumentError: return False",
      "    return True",
      "print(json.dumps([accepted(text) for text in json.loads(sys.argv[1])]))",
    ].join("\n");
    const texts = cases.map(([, document]) => documentText(document));
    const env = {
      PATH: process.env["PATH"],
      PYTHONPATH: join(import.meta.dirname, "../../../model/src"),
      PYTHONDONTWRITEBYTECODE: "1",
    };
    const { stdout } = await promisify(execFile)(python, ["-c", program, JSON.stringify(texts)], { env });
    const judged = JSON.parse(stdout) as boolean[];
    assert.deepEqual(
      cases.filter(([, , accepted], at) => judged[at] !== accepted).map(([name]) => name),
      [],
    );
  });

  it("are the same bytes for the same values, whatever order they come in", () => {
    assert.equal(documentText({ b: 1, a: { d: [2], c: "ü" } }), documentText({ a: { c: "ü", d: [2] }, b: 1 }));
    assert.equal(documentText({ b: 1, a: [2] }), '{\n "a": [\n  2\n ],\n "b": 1\n}\n');
  });
});

describe("what follows from versions", () => {
  const versions = (...statuses: Status[]) => statuses.map((status, at) => versionWith({ version: at + 1, status }));

  const table: [statuses: Status[], serving: number | undefined, stages: string[]][] = [
    [[], undefined, []],
    [["Approved"], 1, ["serving"]],
    [["Approved", "Approved"], 2, ["retired", "serving"]],
    [["Approved", "PendingManualApproval"], 1, ["serving", "candidate"]],
    [["Approved", "Rejected"], 1, ["serving", "rejected"]],
    [["Rejected", "PendingManualApproval"], undefined, ["rejected", "candidate"]],
    [["Approved", "Approved", "Rejected"], 2, ["retired", "serving", "rejected"]],
  ];
  for (const [statuses, serving, stages] of table)
    it(`of ${statuses.join(", ") || "none"}: ${serving === undefined ? "nothing serves" : `version ${serving} serves`}`, () => {
      const all = versions(...statuses);
      assert.equal(approvedOf(all)?.version, serving);
      assert.deepEqual(
        all.map((version) => stageOf(version, all)),
        stages,
      );
      const index = indexOf([...all].reverse());
      assert.deepEqual(
        index.map(({ version, status }) => [version, status]),
        stages.map((stage, at) => [String(at + 1), stage]),
      );
      assert.deepEqual(indexSchema.parse(index), index);
      if (serving !== undefined) assert.ok(approvedSchema.parse(approvedOf(all)));
    });
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as prettier from "prettier";
import { run } from "../../automation/commands/docs.ts";
import { ExitCode } from "../../automation/errors.ts";
import type { Context } from "../../automation/context.ts";
import { columnRules, dataCatalog } from "../../automation/report/data-catalog.ts";
import { datasetsFolder, loadDatasets, type DatasetDefinition } from "../../config/datasets.ts";
import { scratch, writeFiles } from "../git/throw-away.ts";

const root = join(import.meta.dirname, "../..");
const page = "docs/data-catalog.md";

const visits: DatasetDefinition = {
  ...{ schema: 1, name: "visits", description: "Who came.", source: "csv", key: ["visit_id"], version: "at" },
  partition: { column: "day", from: "at", transform: "date" },
  columns: [
    { name: "visit_id", type: "string", required: true, pattern: "^(V|W)\\d+$", description: "Tells visits apart." },
    { name: "at", type: "timestamp", required: true, description: "When." },
  ],
  ruleset: "Rules = [\n    RowCount > 0\n]\n",
};

describe("the data catalog", () => {
  it("in the repository is current", async () => {
    assert.equal(readFileSync(join(root, page), "utf8"), dataCatalog(await loadDatasets(root)));
  });

  it("shows tables, columns, types, rules and places, whatever order they are read in", async () => {
    const datasets = await loadDatasets(root);
    const text = dataCatalog(datasets);
    assert.equal(dataCatalog([...datasets].reverse()), text);
    for (const { name, columns, ruleset, partition } of datasets) {
      for (const shown of [
        `## ${name}\n`,
        ruleset.trim(),
        `s3://<ProcessedBucket>/${name}/run=<run>/${partition.column}=<value>/`,
      ])
        assert.ok(text.includes(shown), shown);
      for (const column of columns) {
        const line = text
          .split("\n")
          .find((each) => each.startsWith(`| \`${column.name}\` `) && each.includes(column.description));
        assert.ok(line?.includes(` \`${column.type}\` `), column.name);
      }
    }
  });

  it("is formatted as the repository wants it", async () => {
    const text = dataCatalog([visits]);
    const options = JSON.parse(readFileSync(join(root, ".prettierrc.json"), "utf8")) as prettier.Options;
    assert.equal(await prettier.format(text, { ...options, parser: "markdown" }), text);
    assert.match(
      text,
      /\| `visit_id` \| `string` +\| yes +\| matches `\^\(V\\\|W\)\\d\+\$` \| Tells visits apart\. +\|/,
    );
    assert.match(text, /\| `day` +\| `date` +\| yes +\| +\| The day \(UTC\) of `at`\. \|/);
    assert.match(text, /^- Partitioned by: `day`, the day \(UTC\) of `at`$/m);
    const monthly = dataCatalog([{ ...visits, partition: { column: "month", from: "at", transform: "month" } }]);
    assert.match(monthly, /\| `month` +\| `date` +\| yes +\| +\| The first day of the month \(UTC\) of `at`\. \|/);
    assert.match(monthly, /^- Partitioned by: `month`, the first day of the month \(UTC\) of `at`$/m);
    const plain = dataCatalog([{ ...visits, partition: { column: "at", from: "at", transform: "identity" } }]);
    assert.match(plain, /^- Partitioned by: `at`$/m);
  });

  const rules: [rules: object, words: string][] = [
    [{}, ""],
    [{ minimum: 1, maximum: 9 }, "from 1 to 9"],
    [{ minimum: "0.00" }, "at least 0.00"],
    [{ maximum: 0 }, "at most 0"],
    [{ allowed: ["a", "b"], pattern: "^.$" }, "one of `a`, `b`; matches `^.$`"],
  ];
  for (const [given, words] of rules)
    it(`says ${JSON.stringify(given)} as "${words}"`, () => {
      assert.equal(columnRules({ name: "x", type: "string", required: true, description: "x", ...given }), words);
    });

  describe("by its verb", () => {
    const temporary = scratch();
    let context: Context;
    before(() => {
      const { ruleset, ...definition } = visits;
      const directory = temporary.directory();
      writeFiles(directory, {
        [`${datasetsFolder}/visits.json`]: JSON.stringify(definition),
        [`${datasetsFolder}/visits.dqdl`]: ruleset,
      });
      context = { root: directory } as Context;
    });
    after(() => temporary.clear());

    it("is missing, written, current, and stale again", async () => {
      const check = async () => {
        const { exitCode, json } = await run(context, ["catalog"], { check: true });
        return [exitCode, json["current"], json["written"]];
      };
      assert.deepEqual(await check(), [ExitCode.unexpectedChanges, false, false]);
      const { exitCode, json } = await run(context, [], {});
      assert.deepEqual([exitCode, json["file"], json["written"]], [ExitCode.done, page, true]);
      assert.deepEqual(await check(), [ExitCode.done, true, false]);
      writeFiles(context.root, { [page]: "# edited\n" });
      assert.deepEqual(await check(), [ExitCode.unexpectedChanges, false, false]);
      assert.equal(readFileSync(join(context.root, page), "utf8"), "# edited\n");
    });

    it("is refused by another name", async () => {
      await assert.rejects(run(context, ["toString"], {}), /There is no page "toString"/);
    });
  });
});

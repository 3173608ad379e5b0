import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { validateDatasets, type DatasetDefinition } from "../../components/data/dataset.ts";
import { datasetsFolder, loadDatasets } from "../../config/datasets.ts";
import { scratch, writeFiles } from "../git/throw-away.ts";

const root = new URL("../..", import.meta.url).pathname;

const visits = {
  schema: 1,
  name: "visits",
  description: "Who came.",
  source: "csv",
  key: ["visit_id"],
  version: "at",
  partition: { column: "day", from: "at", transform: "date" },
  columns: [
    { name: "visit_id", type: "string", required: true, pattern: "^V\\d+$", description: "Tells visits apart." },
    { name: "at", type: "timestamp", required: true, description: "When." },
    { name: "spent", type: "decimal(10,2)", required: false, minimum: "0.00", description: "How much." },
    { name: "people", type: "int", required: true, minimum: 1, maximum: 9, description: "How many." },
  ],
};
const rules = "Rules = [ RowCount > 0 ]\n";

const withColumn = (change: object) => ({
  ...visits,
  columns: visits.columns.map((column, at) => (at === 2 ? { ...column, ...change } : column)),
});

describe("config/datasets", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  function folderWith(files: Record<string, string>): string {
    const directory = temporary.directory();
    writeFiles(
      directory,
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`${datasetsFolder}/${name}`, text])),
    );
    return directory;
  }

  async function problemsOf(files: Record<string, string>): Promise<string[]> {
    const error: unknown = await loadDatasets(folderWith(files)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof SlipwayError, "expected a refusal");
    assert.equal(error.code, ExitCode.usage);
    assert.equal(error.where, datasetsFolder);
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }

  it("reads the datasets of this program, which the component takes as they are", async () => {
    const datasets: DatasetDefinition[] = await loadDatasets(root);
    assert.deepEqual(
      datasets.map(({ name }) => name),
      ["customers", "daily_features", "houses", "orders", "products"],
    );
    assert.deepEqual(validateDatasets(datasets), []);
  });

  it("gives a definition with its rules word for word", async () => {
    const directory = folderWith({ "visits.json": JSON.stringify(visits), "visits.dqdl": rules, "notes.txt": "" });
    assert.deepEqual(await loadDatasets(directory), [{ ...visits, ruleset: rules }]);
  });

  const broken: [title: string, definition: unknown, problem: RegExp][] = [
    ["an unknown key", { ...visits, keys: [] }, /^visits\.json: keys: unknown key\. Did you mean .*key\?$/],
    ["a missing key", { ...visits, partition: undefined }, /^visits\.json: partition: missing, expected column, from/],
    ["another schema", { ...visits, schema: 2 }, /^visits\.json: schema: got 2, expected 1\.$/],
    ["an empty key", { ...visits, key: [] }, /^visits\.json: key: got \[\], expected at least one column name\.$/],
    ["another name than the file's", { ...visits, name: "guests" }, /name: got "guests", expected "visits"/],
    [
      "a transform nobody knows",
      { ...visits, partition: { ...visits.partition, transform: "week" } },
      /partition\.transform: got "week", expected date, month or identity/,
    ],
    [
      "a column's typo",
      withColumn({ requried: true }),
      /columns\[2\]\.requried: unknown key\. Did you mean .*required\?/,
    ],
    ["a type nobody has", withColumn({ type: "double" }), /columns\[2\]\.type: got "double", expected string, int/],
    ["too many digits", withColumn({ type: "decimal(39,2)" }), /columns\[2\]\.type: got "decimal\(39,2\)"/],
    ["more digits after the point than in all", withColumn({ type: "decimal(2,3)" }), /columns\[2\]\.type/],
    [
      "a decimal's bound as a number",
      withColumn({ minimum: 0 }),
      /columns\[2\]\.minimum: got 0, expected a number as text/,
    ],
    [
      "a whole number's bound as text",
      withColumn({ type: "int" }),
      /columns\[2\]\.minimum: got "0\.00", expected a whole number/,
    ],
    [
      "bounds of a string",
      withColumn({ type: "string" }),
      /columns\[2\]\.minimum: got "0\.00", expected nothing for string/,
    ],
    [
      "a pattern of a number",
      withColumn({ pattern: "^1$" }),
      /columns\[2\]\.pattern: got "\^1\$", expected nothing for decimal/,
    ],
    [
      "a pattern that is open",
      withColumn({ type: "string", minimum: undefined, pattern: "V\\d" }),
      /columns\[2\]\.pattern: .*from \^ to \$/,
    ],
    [
      "a pattern that is none",
      withColumn({ type: "string", minimum: undefined, pattern: "^($" }),
      /columns\[2\]\.pattern/,
    ],
    ["allowed values of a number", withColumn({ allowed: ["1"] }), /columns\[2\]\.allowed: .*only strings have it/],
  ];
  for (const [title, definition, problem] of broken)
    it(`refuses ${title}`, async () => {
      const problems = await problemsOf({ "visits.json": JSON.stringify(definition), "visits.dqdl": rules });
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", problem);
    });

  it("lists everything at once, with the file", async () => {
    const problems = await problemsOf({
      "visits.json": JSON.stringify({ ...visits, source: "xml", key: "visit_id" }),
      "guests.json": "{",
      "guests.dqdl": rules,
      "rooms.dqdl": rules,
    });
    const expected = [
      /^rooms\.json: missing, expected the definition that rooms\.dqdl has rules for\.$/,
      /^guests\.json: not JSON: /,
      /^visits\.json: source: got "xml", expected csv or derived\.$/,
      /^visits\.json: key: got "visit_id", expected a list of column names\.$/,
      /^visits\.dqdl: missing or empty, expected the data-quality rules of visits\.$/,
    ];
    assert.equal(problems.length, expected.length, problems.join("\n"));
    for (const each of expected)
      assert.ok(
        problems.some((line) => each.test(line)),
        String(each),
      );
  });

  it("refuses a program without datasets", async () => {
    assert.deepEqual(await problemsOf({}), ["no dataset: expected <name>.json and <name>.dqdl."]);
  });
});

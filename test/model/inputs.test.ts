import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { SlipwayError } from "../../automation/errors.ts";
import { FolderStore } from "../../automation/model/local/folder-store.ts";
import { objectsOf } from "../../automation/model/local/staging.ts";
import { codeIn, trainingEntrypoint } from "../../automation/model/run/code.ts";
import { givenInput, publishedInput } from "../../automation/model/run/inputs.ts";
import { localDefinition } from "../../automation/model/run/local-settings.ts";
import { lacks, modelPython, pinsIn } from "../../automation/model/run/python.ts";
import { modelDefaults } from "../../config/model-profile.ts";
import { findPython } from "../../tools/testing/python.ts";
import { scratch } from "../git/throw-away.ts";

const root = join(import.meta.dirname, "..", "..");
const temporary = scratch();
after(() => temporary.clear());

function store() {
  const directory = temporary.directory();
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  return { directory, put, objects: new FolderStore(join(directory, "s3")) };
}

describe("data that is given to a run", () => {
  it("is the same input for the same data, wherever it comes from", async () => {
    const { directory, put, objects } = store();
    for (const folder of ["a", "b"]) {
      put(`${folder}/houses.csv`, "price\n1\n");
      put(`${folder}/more/older.parquet`, "x");
      put(`${folder}/_SUCCESS`, "");
      put(`${folder}/.hidden.csv`, "price\n2\n");
      put(`${folder}/notes.txt`, folder);
    }
    const [one, other] = [
      await givenInput(objects, "bucket", join(directory, "a")),
      await givenInput(objects, "bucket", join(directory, "b")),
    ];
    assert.equal(one.manifest, other.manifest);
    assert.match(one.manifest, /^s3:\/\/bucket\/inputs\/given-[0-9a-f]{16}\/manifest\.json$/);
    const staged = await objectsOf(objects, { uri: one.manifest, type: "ManifestFile" });
    assert.deepEqual(
      staged.map(({ path }) => path),
      ["houses.csv", "more/older.parquet"],
    );
    put("a/houses.csv", "price\n3\n");
    assert.notEqual((await givenInput(objects, "bucket", join(directory, "a"))).manifest, one.manifest);
  });

  it("may be one file", async () => {
    const { directory, put, objects } = store();
    put("a/houses.csv", "price\n1\n");
    put("a/others.csv", "price\n2\n");
    const { manifest, told } = await givenInput(objects, "bucket", join(directory, "a", "houses.csv"));
    assert.deepEqual(
      (await objectsOf(objects, { uri: manifest, type: "ManifestFile" })).map(({ path }) => path),
      ["houses.csv"],
    );
    assert.match(told, /^houses\.csv of /);
  });
});

describe("data that the lake published", () => {
  const lake = () => {
    const made = store();
    const object = (key: string, content: string) => made.put(`s3/lake/${key}`, content);
    const partition = (month: string, rows: number): [string, object] => [
      month,
      { location: `s3://lake/tables/houses/${month}/run/`, rows, checksum: "0" },
    ];
    object("_state/current.json", JSON.stringify({ schema: 1, version: 7, snapshot: "_state/snapshots/7-run.json" }));
    object(
      "_state/snapshots/7-run.json",
      JSON.stringify({
        schema: 1,
        datasets: { houses: { partitions: Object.fromEntries([partition("2024-05", 2), partition("2024-04", 3)]) } },
      }),
    );
    for (const file of [
      "2024-05/run/part-0.parquet",
      "2024-05/run/_SUCCESS",
      "2024-05/run/_tmp/part-9.parquet",
      "2024-04/run/part-1.parquet",
      "2024-04/old/part-0.parquet",
    ])
      object(`tables/houses/${file}`, "x");
    return { ...made, object };
  };

  it("is what the pointer leads to, as the training function lists it", async () => {
    const { directory, objects } = lake();
    const input = await publishedInput(objects, "lake", "houses", "model");
    assert.deepEqual(input, {
      manifest: "s3://model/inputs/7-run/manifest.json",
      told: "5 rows of houses in snapshot 7-run",
    });
    const text = readFileSync(join(directory, "s3/model/inputs/7-run/manifest.json"), "utf8");
    const python = await findPython(process.env);
    const program =
      "import sys; from modelkit.manifest import manifest_bytes, manifest_of; " +
      "sys.stdout.buffer.write(manifest_bytes(manifest_of(['s3://lake/tables/houses/2024-05/run/part-0.parquet', 's3://lake/tables/houses/2024-04/run/part-1.parquet'], 'x')))";
    const env = { PATH: process.env["PATH"], PYTHONPATH: join(root, "model", "src"), PYTHONDONTWRITEBYTECODE: "1" };
    const { stdout } = await promisify(execFile)(python, ["-c", program], { env });
    assert.equal(text, stdout);
  });

  it("is no input where there is none", async () => {
    const { objects, object } = lake();
    assert.equal(await publishedInput(objects, "lake", "orders", "model"), undefined);
    assert.equal(await publishedInput(objects, "elsewhere", "houses", "model"), undefined);
    object("_state/current.json", "{");
    await assert.rejects(publishedInput(objects, "lake", "houses", "model"), /The state of the lake cannot be read/);
  });

  it("is never two lists for one snapshot", async () => {
    const { objects, object } = lake();
    await publishedInput(objects, "lake", "houses", "model");
    await publishedInput(objects, "lake", "houses", "model");
    object("tables/houses/2024-04/run/part-2.parquet", "x");
    await assert.rejects(
      publishedInput(objects, "lake", "houses", "model"),
      /names other files than snapshot 7-run has/,
    );
  });
});

describe("the sample that stands in for a lake", () => {
  it("has the rows that the data pipeline publishes", async function () {
    this.timeout(30_000);
    const python = await findPython(process.env);
    const target = join(temporary.directory(), "houses.csv");
    const script = join(root, "automation", "model", "run", "sample_rows.py");
    const samples = join(root, "data", "samples", "1k");
    await promisify(execFile)(python, ["-B", script, join(root, "data"), "houses", samples, target]);
    const [head = "", ...rows]: string[] = readFileSync(target, "utf8").trimEnd().split("\n");
    const expected = JSON.parse(readFileSync(join(samples, "expected.json"), "utf8")) as {
      datasets: Record<string, { rows: number }>;
    };
    assert.equal(rows.length, expected.datasets["houses"]?.rows);
    assert.match(head, /^house_id,area,bedrooms,bathrooms,age,price,/);
    const ids = rows.map((row) => row.split(",")[0]);
    assert.equal(new Set(ids).size, ids.length);
  });
});

describe("the training code of a definition", () => {
  const digest = `sha256:${"c0de".repeat(16)}`;
  it("is found by its place, and is what an image starts by itself", () => {
    assert.equal(codeIn(localDefinition(modelDefaults, digest)), "c0de".repeat(16));
    assert.equal(codeIn({ Steps: [] }), undefined);
    assert.deepEqual(trainingEntrypoint("ab"), ["python3", "/opt/ml/input/data/code/ab.zip", "train"]);
    assert.equal(trainingEntrypoint(undefined), undefined);
  });

  it("stands in a definition only with settings that make sense", () => {
    assert.throws(
      () => localDefinition({ ...modelDefaults, threshold: 7 }, digest),
      (error) => error instanceof SlipwayError && /threshold/.test(error.message),
    );
  });
});

describe("the Python that stands in for the image", () => {
  const pins = pinsIn("# comment\nnumpy==2.4.6\nscikit-learn==1.9.1 ; python_version > '3'\nnot a pin\nscipy>=1\n");

  it("is judged by what the image pins", () => {
    assert.deepEqual(pins, { numpy: "2.4.6", "scikit-learn": "1.9.1" });
    const has = (packages: Record<string, string | null>) => lacks(pins, { python: "3.13.1", packages });
    assert.deepEqual(has({ numpy: "2.4.6", "scikit-learn": "1.9.1" }), []);
    assert.deepEqual(has({ numpy: "2.0.0", "scikit-learn": null }), ["numpy 2.4.6 (has 2.0.0)", "scikit-learn 1.9.1"]);
  });

  const checkout = (requirements: string) => {
    const folder = temporary.directory();
    mkdirSync(join(folder, "model", "image"), { recursive: true });
    writeFileSync(join(folder, "model", "image", "requirements.txt"), requirements);
    return folder;
  };

  it("is the one that is named, where it has everything", async () => {
    const python = await findPython(process.env);
    const ask = (requirements: string, named: string) =>
      modelPython({ root: checkout(requirements), environment: { SLIPWAY_MODEL_PYTHON: named }, say: () => undefined });
    const found = await ask("", python);
    assert.equal(found.python, python);
    assert.match(found.runtime, /^python 3\.\d+/);
    await assert.rejects(
      ask("numpy==0.0.1\n", python),
      (error) => error instanceof SlipwayError && /it lacks: numpy 0\.0\.1/.test(error.message),
    );
    await assert.rejects(
      ask("", "/nowhere/python"),
      (error) => error instanceof SlipwayError && /it cannot be run/.test(error.message),
    );
  });

  it("cannot be found without the requirements", async () => {
    const folder = temporary.directory();
    await assert.rejects(
      modelPython({ root: folder, environment: {}, say: () => undefined }),
      (error) =>
        error instanceof SlipwayError && /requirements of the model's image cannot be read/.test(error.message),
    );
  });
});

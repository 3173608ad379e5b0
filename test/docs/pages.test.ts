import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  dataPipelineEdges,
  flowchart,
  folderImports,
  modelPipelineEdges,
  partImports,
  stackEdges,
  type Edge,
} from "../../tools/docs/architecture.ts";
import { componentsPage } from "../../tools/docs/components.ts";
import { pages } from "../../tools/docs/pages.ts";
import { scratch, writeFiles } from "../git/throw-away.ts";
import { root } from "./blocks.ts";

describe("pages made of the tree", function () {
  this.timeout(60_000);

  for (const [path, make] of Object.entries(pages))
    it(`${path} is current: npm run docs writes it`, () => {
      assert.equal(readFileSync(join(root, path), "utf8"), make(root));
    });
});

describe("the page of the components", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  it("has for each component what it takes, tells and makes, by its JSDoc", () => {
    const directory = temporary.directory();
    writeFiles(directory, {
      "components/shared/scope.ts":
        "export interface Scope {\n  /** Where. */\n  account: string;\n  region: string;\n}\n",
      "components/data/lake.ts": [
        "export interface LakeArgs extends Scope {",
        "  /** One | other. */",
        '  kind?: "a" | "b";',
        "  /** Which. */",
        "  region: Region;",
        "}",
        "/** Keeps\n * data. */",
        "export class Lake extends SlipwayComponent {",
        "  /** Its name. */",
        "  readonly bucket: pulumi.Output<string>;",
        "  private readonly hidden: string;",
        "  constructor(name: string, args: LakeArgs) { new aws.s3.Bucket(name, {}); new Keys(name, args); new Set(); }",
        "}",
        "export class Other {}",
      ].join("\n"),
    });
    const page = componentsPage(directory);
    assert.deepEqual(page.split("\n").slice(6), [
      ...[
        "## Data pipeline",
        "",
        "### Lake",
        "",
        "Keeps data. ([components/data/lake.ts](../components/data/lake.ts))",
      ],
      ...["", "| argument | type | what it is |", "| --- | --- | --- |", "| `account` | `string` | Where. |"],
      ...['| `kind?` | `"a" \\| "b"` | One \\| other. |', "| `region` | `Region` | Which. |"],
      ...["", "| output | type | what it is |", "| --- | --- | --- |"],
      ...["| `bucket` | `pulumi.Output<string>` | Its name. |", "", "Makes `Keys`, `aws.s3.Bucket`.", ""],
    ]);
  });

  it("says of every component what it is", () => {
    const bare = componentsPage(root)
      .split("\n")
      .filter((line) => line.startsWith("([components/"));
    assert.deepEqual(bare, []);
  });
});

describe("the diagrams", () => {
  const temporary = scratch();
  after(() => temporary.clear());
  const has = (edges: readonly Edge[], ...wanted: string[]) => {
    const all = edges.map((edge) => edge.join(" "));
    for (const one of wanted) assert.ok(all.includes(one), `${one} is not among ${all.join(", ")}`);
  };

  it("show imports of folders and of their parts, those of types and those on demand as well", () => {
    const directory = temporary.directory();
    const files = Object.fromEntries(
      ["program", "components", "automation", "policy", "sandbox", "model/pipeline", "streams/engine"].map((folder) => [
        `${folder}/a.ts`,
        "",
      ]),
    );
    writeFiles(directory, {
      ...files,
      "index.ts": 'import { a } from "./program/a.ts";\n',
      "config/b.ts": 'export type { a } from "../automation/errors.ts";\nimport fs from "node:fs";\n',
      "automation/x/c.ts": 'const load = () => import("../y/d.ts");\nimport type { b } from "../../config/b.ts";\n',
      "automation/y/d.ts": '// import "../x/c.ts"\n',
    });
    assert.deepEqual(folderImports(directory), [
      ["automation", "config"],
      ["config", "automation"],
      ["index.ts", "program"],
    ]);
    assert.deepEqual(
      [...partImports(directory, "automation")],
      [
        ["x", ["y"]],
        ["y", []],
      ],
    );
  });

  it("show the ways of releases, of data and of models", () => {
    has(stackEdges(root), "operations prod outputs", "dev staging tag staging");
    has(dataPipelineEdges(), "Transform Features", "GoodEnough Quarantine", "PublishError Validate");
    has(modelPipelineEdges(root), "train-model evaluate-model", "accuracy-check register-rejected no");
  });

  it("are written with every name in quotes", () => {
    assert.equal(
      flowchart("LR", [["a/b", "c d", "e"]]),
      '```mermaid\nflowchart LR\n  a_b["a/b"]\n  c_d["c d"]\n  a_b -->|"e"| c_d\n```',
    );
  });
});

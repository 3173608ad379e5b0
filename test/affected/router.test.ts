import assert from "node:assert/strict";
import fc from "fast-check";
import picomatch from "picomatch";
import { explainPath } from "../../automation/affected/explain.ts";
import { expressionOf } from "../../automation/affected/pattern.ts";
import { rulesOf } from "../../automation/affected/router.ts";
import { ownRouter, routerOver } from "./units.ts";

describe("the router of this repository", () => {
  const router = ownRouter();
  const golden: [string, string, string[]][] = [
    ["services/api/app/main.py", "services/api", ["dev", "staging", "prod"]],
    ["services/api/tests/test_app.py", "services/api", ["dev", "staging", "prod"]],
    ["services/new-one/Dockerfile", "services/new-one", ["dev", "staging", "prod"]],
    ["data/src/preprocess.py", "data", ["dev", "staging", "prod"]],
    ["model/housing_models.py", "model", ["dev", "staging", "prod"]],
    ["streams/processors/orders.json", "streams", ["dev", "staging", "prod"]],
    ["components/streams/processor.ts", "streams", ["dev", "staging", "prod"]],
    ["components/operations/secure-bucket.ts", "operations", ["operations"]],
    ["components/foundation/network.ts", "infrastructure", ["operations", "dev", "staging", "prod"]],
    ["index.ts", "infrastructure", ["operations", "dev", "staging", "prod"]],
    ["Pulumi.yaml", "infrastructure", ["operations", "dev", "staging", "prod"]],
    ["Pulumi.prod.yaml", "settings/prod", ["prod"]],
    ["README.md", "docs", []],
    ["docs/adr/0001.md", "docs", []],
    ["services/README.md", "docs", []],
    // What is packed with a service is no documentation.
    ["services/api/README.md", "services/api", ["dev", "staging", "prod"]],
    [".github/workflows/ci.yml", "checks", []],
    ["automation/release/zip.ts", "packing", []],
    ["automation/main.ts", "driver", []],
    // Nobody has thought of these: the fallback takes them.
    ["some/new/folder/x", "infrastructure", ["operations", "dev", "staging", "prod"]],
    [".npmrc", "infrastructure", ["operations", "dev", "staging", "prod"]],
    ["services/.dockerignore", "infrastructure", ["operations", "dev", "staging", "prod"]],
  ];
  for (const [path, unit, stacks] of golden)
    it(`gives ${path} to ${unit} alone`, () => {
      const route = router.route(path);
      assert.deepEqual([route.unit, route.stacks], [unit, stacks]);
    });
});

const segment = fc.constantFrom("a", "b", "api", "x.md", ".md", "y.ts", ".env", "a b", "ü", "a\nb", "[x]", "Makefile");
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const globPart = fc.constantFrom(
  "a",
  "b",
  "api",
  "x.md",
  ".env",
  "a b",
  "*",
  "**",
  "*.md",
  "?",
  "{a,b}",
  "[ab]",
  "*.{md,ts}",
  "ap*",
);
const glob = fc.array(globPart, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const units = fc
  .uniqueArray(glob, { minLength: 1, maxLength: 12 })
  .map((globs) => [
    ...globs.map((one, index) => ({ name: `u${index}`, paths: [one] })),
    { name: "rest", paths: ["never/matched/by/anything"] },
  ]);

describe("the router", () => {
  it("gives every path to the first pattern that picomatch says matches, else to the fallback", () => {
    fc.assert(
      fc.property(units, fc.array(path, { maxLength: 20 }), (lines, paths) => {
        const router = routerOver(lines);
        for (const one of paths) {
          const expected = lines.find(({ paths: [pattern] }) =>
            picomatch(pattern ?? "", { dot: true, flags: "s" })(one),
          );
          assert.equal(router.route(one).unit, expected?.name ?? "rest", JSON.stringify({ one, lines }));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does so for patterns with a placeholder too, each read as one expression", () => {
    const word = fc.constantFrom("a", "b", "api", "*", "**", "<x>", "<x>.md", "p-<x>", "*.ts");
    const named = fc
      .array(word, { minLength: 1, maxLength: 4 })
      .filter((parts) => parts.filter((one) => one.includes("<")).length === 1);
    const globs = fc.uniqueArray(
      named.map((parts) => parts.join("/")),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(globs, fc.array(path, { maxLength: 20 }), (patterns, paths) => {
        const lines = patterns.map((one, index) => ({ name: `u${index}/<x>`, paths: [one] }));
        const router = routerOver([...lines, { name: "rest", paths: ["never/matched"] }]);
        for (const one of paths) {
          const expected = patterns.findIndex((pattern) => expressionOf(pattern).test(one));
          assert.equal(router.route(one).rule?.order ?? -1, expected, JSON.stringify({ one, patterns }));
        }
      }),
      { numRuns: 500 },
    );
  });

  const odd: [string, string][] = [
    ["a/**/**", "a"],
    ["a/**", "a"],
    ["*/**/x", "a/x"],
    ["**/x/**", "x"],
    ["{a,b/c}/*.ts", "b/c/d.ts"],
    ["{a/b,c}.ts", "a/b.ts"],
    ["[ab]/*", "b/.x"],
  ];
  for (const [pattern, one] of odd)
    it(`takes ${one} for ${pattern}`, () => {
      assert.ok(picomatch(pattern, { dot: true })(one));
      const router = routerOver([
        { name: "u", paths: [pattern] },
        { name: "rest", paths: ["never/matched"] },
      ]);
      assert.equal(router.route(one).unit, "u");
    });

  it("makes a unit of every name that a placeholder takes, and of nothing else", () => {
    const router = routerOver([
      { name: "services/<service>", paths: ["services/<service>/**", "deploy/<service>.yaml"], stacks: ["dev"] },
      { name: "env/<stack>", paths: ["Pulumi.<stack>.yaml"], stacks: ["<stack>"] },
      { name: "two/<a>/<b>", paths: ["x/<a>/y/<b>/*.ts"] },
      { name: "rest", paths: ["rest"] },
    ]);
    const cases: [string, string, string[]][] = [
      ["services/api/a/b.py", "services/api", ["dev"]],
      ["services/api/.env", "services/api", ["dev"]],
      ["services/api/a\nb", "services/api", ["dev"]],
      ["deploy/api.yaml", "services/api", ["dev"]],
      ["Pulumi.prod.yaml", "env/prod", ["prod"]],
      ["x/1/y/2/z.ts", "two/1/2", []],
      // A file beside the services is none, and neither is a hidden folder.
      ["services/Makefile", "rest", []],
      ["services/.cache/x", "rest", []],
      ["Pulumi..yaml", "rest", []],
    ];
    for (const [one, unit, stacks] of cases) {
      const route = router.route(one);
      assert.deepEqual([route.unit, route.stacks], [unit, stacks], one);
    }
  });

  it("explains a path the way it routes it: one took it, none above it matches, what matches below came later", () => {
    fc.assert(
      fc.property(units, path, (lines, one) => {
        const router = routerOver(lines);
        const { route, patterns } = explainPath(router, one);
        const took = patterns.findIndex(({ verdict }) => verdict === "took");
        assert.equal(took, route.rule === undefined ? -1 : route.rule.order);
        assert.equal(patterns.length, rulesOf(router.units).length);
        for (const [index, { verdict, pattern, why }] of patterns.entries()) {
          assert.ok(why.length > 0);
          const matches = picomatch(pattern, { dot: true, flags: "s" })(one);
          assert.equal(verdict, !matches ? "no match" : index === took ? "took" : "later");
        }
      }),
    );
  });

  const reasons: [string, string, RegExp][] = [
    ["data/**", "model/x.py", /^"model" is not data$/],
    ["services/*/deploy/**", "services/api/app/x", /^"app" in services\/api\/ is not deploy$/],
    ["docs/*.md", "docs/a/b.md", /^"a" in docs\/ is not \*\.md$/],
    ["docs/*", "docs/a/b", /^the path goes on below docs\/a$/],
    ["docs/*/x", "docs/a", /^the path ends before x$/],
    ["src/**/x.ts", "src/a/y.ts", /^what is left of the path does not match \*\*\/x\.ts$/],
  ];
  for (const [pattern, one, why] of reasons)
    it(`says where ${one} and ${pattern} part`, () => {
      const [verdict] = explainPath(routerOver([{ name: "a", paths: [pattern] }]), one).patterns;
      assert.match(verdict?.why ?? "", why);
    });
});

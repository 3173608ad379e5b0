import assert from "node:assert/strict";
import fc from "fast-check";
import {
  affectedUnits,
  reaching,
  stacksOf,
  withinStacks,
  type AffectedInput,
} from "../../automation/affected/affected.ts";
import { matrixOf, reasonText, shownPath } from "../../automation/report/affected.ts";
import { ownRouter, routerOver } from "./units.ts";

const router = routerOver([
  { name: "packing", paths: ["pack/**"] },
  { name: "services/<service>", paths: ["services/<service>/**"], needs: ["packing"], stacks: ["dev", "prod"] },
  { name: "data", paths: ["data/**"], needs: ["packing"], stacks: ["dev"] },
  { name: "model", paths: ["model/**"], needs: ["data"], stacks: ["dev", "prod"] },
  { name: "rest", paths: ["index.ts"], stacks: ["operations", "dev", "prod"] },
]);
const head = ["pack/a", "services/api/a", "services/web/a", "data/a", "model/a", "index.ts"];
const all = ["packing", "rest", "services/api", "services/web", "data", "model"];

const affected = (changes: AffectedInput["changes"], extra: Partial<AffectedInput> = {}) =>
  affectedUnits({ router, changes, paths: head, dependents: true, ...extra });
const names = (units: readonly { unit: string }[]) => units.map(({ unit }) => unit);

describe("affected units", () => {
  const cases: [string, AffectedInput["changes"], string[]][] = [
    ["nothing for no change", [], []],
    ["one service for its file", ["services/api/x"], ["services/api"]],
    ["each owner for several files", ["services/api/x", "model/x"], ["services/api", "model"]],
    ["what needs it, across units", ["data/x"], ["data", "model"]],
    ["every service that needs it", ["pack/x"], ["packing", "services/api", "services/web", "data", "model"]],
    ["the fallback for what nobody owns", ["strange/x"], ["rest"]],
    ["a service whose last file was deleted", ["services/gone/x"], ["services/gone"]],
    ["everything there is, with its reason", { everything: "first run" }, all],
  ];
  for (const [what, changes, expected] of cases)
    it(`are ${what}`, () => assert.deepEqual(names(affected(changes)), expected));

  it("come in waves, what is needed first, each with what it needs", () => {
    const waves = affected(["pack/x"]).map(({ unit, wave, needs }) => [unit, wave, needs]);
    assert.deepEqual(waves, [
      ["packing", 0, []],
      ["services/api", 1, ["packing"]],
      ["services/web", 1, ["packing"]],
      ["data", 1, ["packing"]],
      ["model", 2, ["data"]],
    ]);
    assert.deepEqual(
      affected(["model/x"]).map(({ wave, needs }) => [wave, needs]),
      [[0, []]],
    );
  });

  it("say why, from the file over every unit between to the stacks", () => {
    const [packing, , , , model] = affected(["pack/x y", "pack/z"]).map(reasonText);
    assert.equal(packing, '"pack/x y" (pack/**) -> packing -> no stack');
    assert.equal(model, '"pack/x y" (pack/**) -> packing -> data -> model -> dev, prod');
    assert.equal(affected(["odd"]).map(reasonText)[0], "odd (no pattern: fallback) -> rest -> operations, dev, prod");
    assert.equal(affected({ everything: "first run" }).map(reasonText)[4], "first run -> data -> dev");
    assert.deepEqual(
      affected(["pack/x", "pack/z"])
        .map(({ files, direct }) => [files, direct])
        .slice(0, 2),
      [
        [2, true],
        [0, false],
      ],
    );
  });

  it("leave dependents out when asked to", () => {
    assert.deepEqual(names(affected(["pack/x"], { dependents: false })), ["packing"]);
  });

  it("are cut to one environment with its stack alone", () => {
    const units = affected({ everything: "first run" });
    assert.deepEqual(names(reaching(units, "prod")), ["rest", "services/api", "services/web", "model"]);
    assert.ok(reaching(units, "prod").every(({ stacks }) => stacks.join() === "prod"));
    assert.deepEqual(stacksOf(units, ["operations", "dev", "staging", "prod"]), ["operations", "dev", "prod"]);
    assert.deepEqual(stacksOf(withinStacks(units, ["dev"]), ["operations", "dev"]), ["dev"]);
  });

  it("make a matrix for CI", () => {
    assert.deepEqual(matrixOf(affected(["data/x"])), {
      include: [
        { unit: "data", stacks: ["dev"], reason: "data/x (data/**) -> data -> dev" },
        { unit: "model", stacks: ["dev", "prod"], reason: "data/x (data/**) -> data -> model -> dev, prod" },
      ],
    });
  });

  it("show hostile file names without what steers a terminal", () => {
    assert.equal(shownPath("a/b.ts"), "a/b.ts");
    assert.equal(shownPath("ü"), "ü");
    assert.equal(shownPath("a\u001b[31m\nb"), '"a\\u001b[31m\\nb"');
    assert.equal(shownPath("a\u202eb\u009b"), '"a\\u202eb\\u009b"');
  });
});

describe("affected units of any change", () => {
  const own = ownRouter();
  const folder = fc.constantFrom(
    "services/api",
    "services/web",
    "data",
    "model",
    "docs",
    "automation/release",
    "config",
    "x/y",
  );
  const path = fc.tuple(folder, fc.constantFrom("a.ts", "b.py", "c.md")).map((parts) => parts.join("/"));
  const paths = fc.uniqueArray(path, { maxLength: 12 });
  const of = (changes: readonly string[], atHead: readonly string[]) =>
    affectedUnits({ router: own, changes, paths: atHead, dependents: true });

  it("hold the owner of every changed path with the right count, and only reasons that begin with a changed path", () => {
    fc.assert(
      fc.property(paths, paths, (changes, atHead) => {
        const units = new Map(of(changes, atHead).map((one) => [one.unit, one]));
        for (const changed of changes) assert.ok(units.get(own.route(changed).unit)?.direct);
        assert.equal(
          [...units.values()].reduce((sum, { files }) => sum + files, 0),
          changes.length,
        );
        for (const { reason, unit } of units.values()) {
          assert.ok(reason[0]?.kind === "file" && changes.includes(reason[0].path));
          assert.deepEqual(reason.at(-1), { kind: "unit", unit });
        }
      }),
    );
  });

  it("grow with the change: what a part affects, the whole affects too", () => {
    fc.assert(
      fc.property(paths, paths, paths, (part, more, atHead) => {
        const whole = new Set(names(of([...new Set([...part, ...more])], atHead)));
        for (const unit of names(of(part, atHead))) assert.ok(whole.has(unit), unit);
      }),
    );
  });

  it("are closed under needs, and no unit comes before one it needs", () => {
    fc.assert(
      fc.property(paths, paths, (changes, atHead) => {
        const units = of(changes, atHead);
        const place = new Map(units.map(({ unit }, index) => [unit, index]));
        for (const [index, { needs, wave }] of units.entries())
          for (const need of needs) {
            assert.ok((place.get(need) ?? Infinity) < index);
            assert.ok((units[place.get(need) ?? -1]?.wave ?? Infinity) < wave);
          }
        const hit = new Set(units.map(({ unit }) => unit));
        for (const present of atHead.map((one) => own.route(one)))
          if (present.declared.needs.some((need) => hit.has(need))) assert.ok(hit.has(present.unit), present.unit);
      }),
    );
  });
});

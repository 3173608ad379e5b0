import assert from "node:assert/strict";
import { operationArguments, takesLock, type OperationFlags } from "../../automation/engine/operation-arguments.ts";

const common = [
  "--stack=dev",
  "--non-interactive",
  "--color=never",
  "--suppress-progress",
  "--suppress-outputs",
  "--event-log=/logs/e",
];

describe("arguments of an operation", () => {
  const cases: [Omit<OperationFlags, "stack">, before: string[], after: string[]][] = [
    [{ kind: "preview" }, ["preview"], []],
    [{ kind: "up" }, ["up", "--yes", "--skip-preview"], []],
    [{ kind: "destroy" }, ["destroy", "--yes", "--skip-preview"], []],
    [{ kind: "destroy", previewOnly: true }, ["destroy", "--preview-only"], []],
    [{ kind: "refresh" }, ["refresh", "--yes", "--skip-preview"], []],
    [
      { kind: "refresh", previewOnly: true, expectNoChanges: true },
      ["refresh", "--preview-only"],
      ["--expect-no-changes"],
    ],
    [{ kind: "refresh", refresh: true }, ["refresh", "--yes", "--skip-preview"], []],
    [
      { kind: "refresh", clearPendingCreates: true },
      ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"],
      [],
    ],
    [{ kind: "up", plan: "p" }, ["up", "--yes", "--plan=p"], []],
    [{ kind: "preview", savePlan: "p", configFile: "c" }, ["preview", "--save-plan=p"], ["--config-file=c"]],
    [{ kind: "up", targets: ["a", "--b"] }, ["up", "--yes", "--skip-preview"], ["--target=a", "--target=--b"]],
    [{ kind: "preview", refresh: true, diff: true }, ["preview"], ["--refresh", "--diff"]],
    [
      { kind: "destroy", expectNoChanges: true, replace: ["x"], policyPacks: ["p"] },
      ["destroy", "--yes", "--skip-preview"],
      [],
    ],
    [{ kind: "up", message: "m n", parallel: 4 }, ["up", "--yes", "--skip-preview"], ["--message=m n", "--parallel=4"]],
    [
      { kind: "preview", policyPacks: ["p"], policyPackConfigs: ["c"], continueOnError: true },
      ["preview"],
      ["--policy-pack=p", "--policy-pack-config=c"],
    ],
  ];
  for (const [flags, before, after] of cases)
    it(JSON.stringify(flags), () =>
      assert.deepEqual(operationArguments({ ...flags, stack: "dev" }, "/logs/e"), [...before, ...common, ...after]),
    );

  it("say which operations take the lock", () => {
    const locks = (["preview", "up", "destroy", "refresh"] as const).map((kind) => [
      takesLock({ kind }),
      takesLock({ kind, previewOnly: true }),
    ]);
    assert.deepEqual(locks, [
      [false, false],
      [true, true],
      [true, false],
      [true, false],
    ]);
  });
});

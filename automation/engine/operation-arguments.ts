export type OperationKind = "preview" | "up" | "destroy" | "refresh";

/** What decides the CLI's arguments. */
export interface OperationFlags {
  kind: OperationKind;
  stack: string;
  /** Instead of `Pulumi.<stack>.yaml`. */
  configFile?: string;
  /** URNs, wildcards allowed. */
  targets?: readonly string[];
  targetDependents?: boolean;
  replace?: readonly string[];
  expectNoChanges?: boolean;
  /** Read the real state of resources first. */
  refresh?: boolean;
  /** For `refresh` and `destroy`: show what would change, write nothing, take no lock. */
  previewOnly?: boolean;
  /** Show property diffs in the log. */
  diff?: boolean;
  message?: string;
  parallel?: number;
  continueOnError?: boolean;
  /** Write the plan of a preview to this file. */
  savePlan?: string;
  /** Hold `up` to a plan made by `savePlan`. */
  plan?: string;
  policyPacks?: readonly string[];
  policyPackConfigs?: readonly string[];
  /** For `refresh`: forget creates of which nobody knows whether they happened. */
  clearPendingCreates?: boolean;
}

const repeated = (flag: string, values: readonly string[] | undefined): string[] =>
  (values ?? []).map((value) => `${flag}=${value}`);

const when = (condition: boolean | undefined, ...args: string[]): string[] => (condition === true ? args : []);

const given = (flag: string, value: string | number | undefined): string[] =>
  value === undefined ? [] : [`${flag}=${value}`];

function kindArguments(flags: OperationFlags): string[] {
  const previewOnly = flags.previewOnly === true;
  switch (flags.kind) {
    case "preview":
      return given("--save-plan", flags.savePlan);
    case "up":
      // A plan binds what the engine may do; checking it needs the engine's own preview before the first change.
      return ["--yes", ...(flags.plan === undefined ? ["--skip-preview"] : [`--plan=${flags.plan}`])];
    case "destroy":
      return previewOnly ? ["--preview-only"] : ["--yes", "--skip-preview"];
    case "refresh":
      return [
        ...(previewOnly ? ["--preview-only"] : ["--yes", "--skip-preview"]),
        ...when(flags.clearPendingCreates, "--clear-pending-creates"),
      ];
  }
}

/** The arguments of one CLI run. Every value is joined to its flag, so none can be taken for a flag of its own. */
export function operationArguments(flags: OperationFlags, eventLog: string): string[] {
  const runsProgram = flags.kind === "preview" || flags.kind === "up";
  return [
    flags.kind,
    ...kindArguments(flags),
    `--stack=${flags.stack}`,
    ...["--non-interactive", "--color=never", "--suppress-progress", "--suppress-outputs"],
    `--event-log=${eventLog}`,
    ...given("--config-file", flags.configFile),
    ...repeated("--target", flags.targets),
    ...when(flags.targetDependents, "--target-dependents"),
    ...(runsProgram ? repeated("--replace", flags.replace) : []),
    ...when(flags.expectNoChanges && flags.kind !== "destroy", "--expect-no-changes"),
    ...when(flags.refresh && flags.kind !== "refresh", "--refresh"),
    ...when(flags.diff, "--diff"),
    ...given("--message", flags.message),
    ...given("--parallel", flags.parallel),
    ...when(flags.continueOnError && (flags.kind === "up" || flags.kind === "destroy"), "--continue-on-error"),
    ...(runsProgram ? repeated("--policy-pack", flags.policyPacks) : []),
    ...(runsProgram ? repeated("--policy-pack-config", flags.policyPackConfigs) : []),
  ];
}

/** Whether the operation writes state, and so takes the stack's lock. */
export const takesLock = (flags: Pick<OperationFlags, "kind" | "previewOnly">): boolean =>
  flags.kind !== "preview" && !(flags.previewOnly === true && flags.kind !== "up");

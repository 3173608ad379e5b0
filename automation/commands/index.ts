import type { CommandModule } from "./result.ts";
import { boardVerb } from "./board-spec.ts";
import { imagesVerb } from "./images-spec.ts";
import { loadVerb } from "./load-spec.ts";
import { policyVerb } from "./policy-spec.ts";
import { previewVerbs } from "./preview-spec.ts";
import { streamsVerb } from "./streams-spec.ts";
import { workflowVerbs } from "./workflow-specs.ts";

/** An option as commander spells it, with its help line. */
export type OptionSpec = readonly [flags: string, description: string];

/** A verb as data: the whole command line can be read here; the code of a verb is loaded only when it runs. */
export interface VerbSpec {
  name: string;
  /** Positional arguments as commander spells them: `<required>`, `[optional]`. */
  arguments?: string;
  summary: string;
  options?: readonly OptionSpec[];
  load(): Promise<CommandModule>;
}

const assumeYes: OptionSpec = ["--yes", "do not ask before changing anything"];
const wait: OptionSpec = ["--timeout <seconds>", "give up after this long (exit code 9)"];
const target: OptionSpec = ["--target <urn...>", "only these resources"];

export const verbs: readonly VerbSpec[] = [
  ...previewVerbs(target, wait),
  {
    name: "plan",
    arguments: "<action> [file]",
    summary: "show a saved plan: `plan show FILE`",
    load: () => import("./plan.ts"),
  },
  {
    name: "up",
    arguments: "<stack>",
    summary: "bring a stack to what this checkout says, then verify it",
    options: [
      assumeYes,
      ["--create", "create the stack when it does not exist yet"],
      ["--no-verify", "skip verification"],
      ["--plan <file>", "do what this saved plan allows and nothing else; a stale one is refused (exit code 22)"],
      target,
      wait,
    ],
    load: () => import("./up.ts"),
  },
  {
    name: "drift",
    arguments: "[stacks...]",
    summary: "what was changed outside the program; changes nothing and ends with code 7 when there is any",
    options: [
      ["--repair", "put back what the program says, as a deployment of what stands there"],
      ["--here", "compare with this checkout instead of the commit that was deployed"],
      ["--parallel <count>", "stacks at a time (default: half the processors)"],
      assumeYes,
      wait,
    ],
    load: () => import("./drift.ts"),
  },
  {
    name: "destroy",
    arguments: "<stack>",
    summary: "delete everything a stack manages",
    options: [assumeYes, wait],
    load: () => import("./destroy.ts"),
  },
  {
    name: "bootstrap",
    summary: "make the state bucket and its key, and move state and records there; may be run again at any point",
    options: [assumeYes],
    load: () => import("./bootstrap.ts"),
  },
  {
    name: "build",
    summary: "build the release of the current commit, once",
    options: [["--commit <commit>", "build this commit instead of HEAD"]],
    load: () => import("./build.ts"),
  },
  {
    name: "promote",
    arguments: "[environment]",
    summary: "move a release to an environment: gates, tag, deploy, verify, record",
    options: [
      ["--commit <commit>", "promote the release of this commit (default: HEAD)"],
      ["--release <id>", "promote this release"],
      ["--from-tag <tag>", "follow a tag that was pushed; it decides environment and commit (also --tag)"],
      ["--tag <tag>", "the same as --from-tag"],
      ["--from-branch <branch>", "follow a branch that was pushed, where the policy lets workflows promote"],
      ["--automatic", "as a workflow: what upstream verified last, where the policy lets workflows promote"],
      ["--remote <remote>", "git remote whose tag moves (default: from the promotion policy)"],
      ["--dry-run", "evaluate every gate and change nothing"],
      ["--plan <file>", "do what this saved plan allows and nothing else; approvals are then bound to it"],
      ["--override <reason>", "go on past gates that refuse; recorded with the reason"],
      ["--gate <name...>", "only these gates are overridden (default: all that refuse)"],
      assumeYes,
      wait,
    ],
    load: () => import("./promote.ts"),
  },
  {
    name: "rollback",
    arguments: "<environment>",
    summary: "bring back the last verified release, or the one that is named",
    options: [
      ["--to <release>", "the release to bring back"],
      ["--reason <text>", "why, for the record"],
      ["--remote <remote>", "git remote whose tag moves back (default: from the promotion policy)"],
      assumeYes,
    ],
    load: () => import("./rollback.ts"),
  },
  {
    name: "approve",
    arguments: "<environment>",
    summary: "agree to a release going to an environment",
    options: [
      ["--release <id>", "the release (default: that of HEAD)"],
      ["--commit <commit>", "the release of this commit"],
      ["--plan <digest>", "agree to this saved plan and to no other"],
      ["--comment <text>", "what was looked at"],
    ],
    load: () => import("./approve.ts"),
  },
  {
    name: "freeze",
    arguments: "<environment>",
    summary: "hold promotion into an environment, or set it free again",
    options: [
      ["--reason <text>", "why; everybody who is stopped sees it"],
      ["--until <time>", "when it ends by itself, e.g. 2026-12-24T18:00+01:00"],
      ["--lift", "set it free again"],
    ],
    load: () => import("./freeze.ts"),
  },
  {
    name: "verify",
    arguments: "<stack>",
    summary: "check that what stands in an environment works",
    options: [wait],
    load: () => import("./verify.ts"),
  },
  { name: "status", summary: "what stands where", load: () => import("./status.ts") },
  {
    name: "history",
    arguments: "<environment>",
    summary: "every record of an environment, newest first",
    options: [["--limit <count>", "at most this many records (default: 20)"]],
    load: () => import("./history.ts"),
  },
  {
    name: "affected",
    summary: "which units and stacks a change reaches, and why",
    options: [
      ["--base <ref>", "compare with this commit, tag or branch (default: where HEAD left the protected branch)"],
      ["--environment <environment>", "compare with what was last deployed there, and name what reaches it"],
      ["--head <ref>", "look at this commit instead of HEAD"],
      ["--uncommitted", "count files that no commit holds yet"],
      ["--no-dependents", "leave out units that only need a changed one"],
      ["--explain <file>", "which pattern takes this file, and why others do not"],
    ],
    load: () => import("./affected.ts"),
  },
  {
    name: "metrics",
    summary: "deployment frequency, lead time, change failure rate, time to restore, success rate",
    options: [
      ["--environment <environment>", "only this one (default: all)"],
      ["--days <count>", "of the last so many days (default: 90)"],
      ["--html <file>", "write a page with charts and a promotion timeline"],
    ],
    load: () => import("./metrics.ts"),
  },
  loadVerb,
  boardVerb,
  policyVerb,
  {
    name: "docs",
    arguments: "[page]",
    summary: "write the pages that are made from the program: catalog (docs/data-catalog.md)",
    options: [["--check", "write nothing; end with code 7 when a page is stale"]],
    load: () => import("./docs.ts"),
  },
  imagesVerb,
  {
    name: "model",
    arguments: "<action> [arguments...]",
    summary: "the model pipeline: run [environment], list, compare A B, approve VERSION, reject VERSION",
    options: [
      ["--local", "run: in folders of this checkout, with the settings of the environment that is named"],
      ["--data <path>", "run: learn from this file or folder (default: what the lake published, else the sample)"],
      ["--set <parameter=value...>", "run: a parameter of the pipeline, e.g. alpha=0.5"],
      ["--threshold <number>", "run: what the metric has to reach, from 0 to 1"],
      ["--no-cache", "run: every step, also those that have not changed"],
      ["--require-approved", "run: end with code 23 unless the version is approved"],
      ["--attempt <number>", "run on AWS: another execution of the same request"],
      ["--registry <folder>", "folder of the local registry (default: .slipway/model/registry)"],
      ["--svg <file>", "compare: write a picture of both"],
      ["--html <file>", "compare: write a page with metrics, plots and lineage"],
      ["--reason <text>", "approve, reject: why, for the record"],
      ["--override <reason>", "approve: against its threshold or an earlier no; recorded with the reason"],
      ["--timeout <seconds>", "run on AWS: stop following after this long (exit code 9)"],
    ],
    load: () => import("./model.ts"),
  },
  streamsVerb,
  ...workflowVerbs,
  {
    name: "demo",
    summary: "the whole way in the sandbox: operations and dev up, a release built, promoted to staging and prod",
    load: () => import("./demo.ts"),
  },
  {
    name: "sandbox",
    arguments: "<action> [arguments...]",
    summary: "the local cloud: status, shell, serve [environment], promote, fault, drift, reset",
    options: [
      ["--type <glob>", "resource types a fault or drift is about"],
      ["--operation <operation>", "create, read, update, delete, invoke (default: any)"],
      ["--count <count>", "how often the fault strikes (default: 1)"],
      ["--latency <milliseconds>", "how long a latency fault waits"],
      ["--message <text>", "what an error fault says"],
      ["--account <account>", "drift: the account or cluster of the resource"],
      ["--set <property=value>", "drift: the property to change and its new JSON value"],
      assumeYes,
    ],
    load: () => import("./sandbox.ts"),
  },
  {
    name: "doctor",
    summary: "what is missing on this machine and how to get it",
    options: [
      ["--install", "install the Pulumi CLI when it is missing"],
      [
        "--go-live [environment]",
        "the ten points before going live, with what shows them (exit code 23 when one is open)",
      ],
    ],
    load: () => import("./doctor.ts"),
  },
];

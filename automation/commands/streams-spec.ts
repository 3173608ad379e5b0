import type { VerbSpec } from "./index.ts";

/** `slipway streams`: each action takes some of the options; their help says which. */
export const streamsVerb: VerbSpec = {
  name: "streams",
  arguments: "<action> [arguments...]",
  summary:
    "stream processors: lint, advise, diff [processors...], test [processors...], replay [processors...], import <folder>, dlq [environment], backup <environment>, restore <environment> [backup]; status, stats, profile, baseline, compare <environment> [processors...]; connections <environment> [connections...]; blue-green, canary, rollback <environment> <processors...>",
  options: [
    [
      "--folder <path>",
      "folder of the stream processors (default: streams); blue-green, canary: hand over to its definitions instead of those that were deployed",
    ],
    ["--percent <number>", "canary: share of the documents that the trial gets (default: 10)"],
    ["--to <version>", "rollback: this version, by its name or the beginning of its digest (default: the one before)"],
    [
      "--environment <name>",
      "lint, advise: by the limits of this environment (lint's default: all); with --workspace: whose keys, limits and baselines count",
    ],
    ["--format <format>", "lint: text, json or sarif"],
    [
      "--strict",
      "lint: end with code 5 where there are warnings, too; compare: with code 7 where nothing can be said; replay: where anything differs",
    ],
    ["--base <revision>", "diff, replay, advise: compare with this commit (default of diff and replay: HEAD)"],
    ["--head <revision>", "diff, replay: this commit instead of the files as they lie here"],
    ["--stats <file>", "advise: figures of what runs, as JSON by processor"],
    ["--region <region>", "advise: where it is paid for (default: us-east-1)"],
    ["--prices <file>", "advise: other prices than those that are shipped"],
    ["--project <id>", "status, stats, profile, baseline, compare: a project instead of an environment's"],
    ["--workspace <name>", "and its workspace"],
    ["--interval <time>", "profile, baseline, compare: between two readings (default: 30s)"],
    ["--warm-up <time>", "profile, baseline, compare: left out at the beginning (default: 60s)"],
    ["--against <release>", "compare: with this baseline (default: that of what runs, else the newest)"],
    ["--band <name=number...>", "compare: how far a figure may move, e.g. latencyPercent=40"],
    [
      "--duration <time>",
      "profile, baseline, compare: how long it is measured (default: 5m); dlq: count twice, so far apart (without it: since it was counted last)",
    ],
    ["--most <documents>", "dlq: as many may come where a policy names no dlqRate (default: 0)"],
    ["--documents <file>", "dlq: group what was exported of a dead letter queue, without Atlas"],
    ["--replay <file>", "dlq: write a test that delivers those documents"],
    ["--processor <name>", "dlq: whose documents are replayed, where there are those of several"],
    [
      "--out <folder>",
      "import, backup: write the files into this folder, too; stats, profile: readings into this file, for advise --stats",
    ],
    ["--force", "import, dlq, backup: replace files; restore: change what is there and is not as in the backup"],
    ["--to-workspace <name>", "restore: into another workspace than the environment's own"],
    ["--to-project <id>", "restore: into another project"],
    ["--yes", "restore: do it; without it, say what would be done; blue-green, canary, rollback: do not ask before"],
    [
      "--timeout <seconds>",
      "restore: for each processor and connection to be ready (default: 900); connections: for each address (default: 5)",
    ],
    ["--test", "connections: try names, connections and certificates from here; nobody logs in"],
    ["--case <text>", "test: only cases whose name contains this"],
    ["--update", "test: write what came out into the test files where it is not what they expect"],
    ["--junit <file>", "test: write a JUnit report"],
    ["--coverage-min <percent>", "test: end with code 5 where tests reach less of the stages and branches"],
    ["--trace", "test: show the documents behind every stage of the cases that fail"],
  ],
  load: () => import("./streams.ts"),
};

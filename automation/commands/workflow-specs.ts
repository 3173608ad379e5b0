import type { VerbSpec } from "./index.ts";

/** What workflows need beside the verbs that people type. */
export const workflowVerbs: readonly VerbSpec[] = [
  {
    name: "ci",
    arguments: "<action>",
    summary:
      "what workflows ask: affected (checks and stacks), messages (of commits and the request), route (what a deployment does), secrets (their age), credentials, token",
    options: [
      ["--base <ref>", "affected, messages: compare with this commit (default: where HEAD left the protected branch)"],
      ["--max-age-days <count>", "secrets: how old one may be (default: 90; exit code 23 when one is older)"],
      ["--role <arn>", "credentials, token: the role that the job takes on"],
      ["--region <region>", "credentials, token: the region of its account"],
    ],
    load: () => import("./ci.ts"),
  },
  {
    name: "ephemeral",
    arguments: "<action> [number]",
    summary: "stacks of pull requests, for a time: up NUMBER, list, down NUMBER, sweep (those whose time is over)",
    options: [
      ["--time-to-live <time>", "up: how long it lives from now on (default: of config/ephemeral.yaml)"],
      ["--no-verify", "up: skip verification"],
      ["--dry-run", "down, sweep: say what would be deleted"],
      ["--yes", "do not ask before changing anything"],
      ["--timeout <seconds>", "up: give up after this long (exit code 9)"],
    ],
    load: () => import("./ephemeral.ts"),
  },
];

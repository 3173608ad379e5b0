import type { VerbSpec } from "./index.ts";

/** What workflows need beside the verbs that people type. */
export const workflowVerbs: readonly VerbSpec[] = [
  {
    name: "ci",
    arguments: "<action>",
    summary: "what workflows ask: affected (checks and stacks), route (what a deployment does), credentials, token",
    options: [
      ["--base <ref>", "affected: compare with this commit (default: where HEAD left the protected branch)"],
      ["--role <arn>", "credentials, token: the role that the job takes on"],
      ["--region <region>", "credentials, token: the region of its account"],
    ],
    load: () => import("./ci.ts"),
  },
];

import type { VerbSpec } from "./index.ts";

/** The command line of `policy`. */
export const policyVerb: VerbSpec = {
  name: "policy",
  arguments: "<action> [subject]",
  summary: "the rules that previews, updates and promotions keep to: list, explain RULE, check STACK (exit code 5)",
  options: [
    ["--format <format>", "check: text, json or sarif (default: text)"],
    ["--target <urn...>", "check: only these resources"],
    ["--timeout <seconds>", "check: give up after this long (exit code 9)"],
  ],
  load: () => import("./policy.ts"),
};

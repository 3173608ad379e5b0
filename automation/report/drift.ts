import { importAdvice } from "./pending.ts";
import type { StackDrift } from "../drift/detect.ts";
import type { DriftFinding, ShownDifference } from "../drift/findings.ts";
import { redact } from "../promotion/redact.ts";
import type { Console } from "./console.ts";
import { plural } from "./text.ts";
import { duration } from "./time.ts";

const none = "(none)";

const change = ({ path, recorded, found }: ShownDifference): string =>
  `${path}: ${recorded ?? none} -> ${found ?? none}`;

/** What happened, in the words of somebody who looks at the console of the cloud. */
export const findingLine = (finding: DriftFinding): string => `${wordsOf(finding)}${lastOf(finding)}`;

/** Who did the last that is known, and when. */
const lastOf = ({ last }: DriftFinding): string =>
  last === undefined ? "" : ` (${last.event} by ${last.by ?? "nobody that Atlas names"} at ${last.at})`;

function wordsOf(finding: DriftFinding): string {
  const what = `${finding.name} (${finding.type})`;
  switch (finding.class) {
    case "changed-outside":
      return `${what} was changed outside: ${finding.properties.map(change).join(", ") || "the provider does not say what"}`;
    case "missing-outside":
      return `${what} was deleted outside${finding.id === undefined ? "" : `: ${redact(finding.id)} is gone`}`;
    case "unknown-outside":
      return `${what} is there, and no program says so${finding.id === undefined ? "" : `: ${redact(finding.id)}`}`;
    case "code-ahead": {
      const properties = finding.properties.length > 0 ? ` [${finding.properties.join(", ")}]` : "";
      return `${what} is not as its program says: to ${finding.op}${properties}`;
    }
    case "pending":
      return `${what}: a killed run was ${finding.operation} it, and nobody knows whether it happened`;
  }
}

/** What a person types next; each way once. */
export function nextSteps(stack: string, findings: readonly DriftFinding[]): string[] {
  const classes = new Set(findings.map((finding) => finding.class));
  const steps: string[] = [];
  if (classes.has("changed-outside") || classes.has("missing-outside"))
    steps.push(
      `./slipway drift ${stack} --repair puts back what the program says; to keep a change, write it into the program and deploy that`,
    );
  else if (classes.has("code-ahead")) steps.push(`./slipway drift ${stack} --repair brings up what is missing`);
  if (classes.has("unknown-outside"))
    steps.push("what nobody declared stays: declare it in the program, or delete it where it is");
  for (const finding of findings)
    if (finding.class === "pending") steps.push(importAdvice(stack, finding.type, finding.name));
  return steps;
}

/** One stack for a person; noise only when asked for. */
export function driftLines({ colors }: Console, drift: StackDrift, verbose: boolean): string[] {
  const { stack, findings, noise, resources, seconds } = drift;
  if (resources === 0 && findings.length === 0) return [`${colors.bold(stack)}: nothing deployed`];
  const took = colors.dim(`(${plural(resources, "resource")}, ${duration(seconds)})`);
  const quiet = noise.length > 0 ? `, ${plural(noise.length, "difference")} ignored` : "";
  const head = findings.length === 0 ? colors.green("no drift") : colors.red(plural(findings.length, "finding"));
  return [
    `${colors.bold(stack)}: ${head}${quiet} ${took}`,
    ...findings.map((finding) => `  ${findingLine(finding)}`),
    ...(verbose ? noise : []).map(({ name, type, properties, reason }) =>
      colors.dim(`  ignored: ${name} (${type}): ${properties.map(change).join(", ")}: ${reason}`),
    ),
    ...nextSteps(stack, findings).map((step) => `  next: ${step}`),
  ];
}

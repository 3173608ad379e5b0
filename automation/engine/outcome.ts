import { ExitCode, SlipwayError } from "../errors.ts";
import { lockedError, lockFromText } from "./lock.ts";
import type { EngineExit } from "./process.ts";
import type { RunSummary } from "./summary.ts";
import { isStackUrn } from "./urn.ts";

export type Outcome = "succeeded" | "failed" | "cancelled";

export interface Verdict {
  outcome: Outcome;
  /** What the command ends with when nothing else comes after this run. */
  code: ExitCode;
}

/** The facts a verdict is made of: how the process ended and what its events said. */
export type RunFacts = Pick<EngineExit, "exitCode" | "stopped" | "stderr">;

const CLI_CANCELLED = 8;
const CLI_UNEXPECTED_CHANGES = 7;

/** A resource that failed, or was refused by its provider's checks. */
const resourceFailed = (summary: RunSummary): boolean =>
  summary.resources.some((resource) => resource.status === "failed") ||
  summary.diagnostics.some(({ severity, urn }) => severity === "error" && urn !== undefined && !isStackUrn(urn));

/** The engine's words for what an update does and was not planned to do. */
const departure = /\bnot allowed by the plan\b|\bviolates plan\b/;
/** Planned and not done: a departure of the program, unless a resource failed and the rest was never come to. */
const leftUndone = /^expected resource operations for .* but none were seen/;

function leftPlan({ diagnostics }: RunSummary): boolean {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.some(({ message }) => departure.test(message))) return true;
  const undone = errors.filter(({ message }) => leftUndone.test(message));
  const others = errors.filter((error) => !undone.includes(error) && error.urn !== undefined && !isStackUrn(error.urn));
  return undone.length > 0 && others.length === 0;
}

const policyRefused = (summary: RunSummary): boolean =>
  summary.policyViolations.some(({ enforcementLevel }) => enforcementLevel === "mandatory");

/**
 * How a run ended, from the CLI's exit code and the events. A zero exit without a summary is not taken for success: nobody said
 * that it was one.
 */
export function verdictOf({ exitCode, stopped }: RunFacts, summary: RunSummary): Verdict {
  if (exitCode === 0 && summary.hasSummary) return { outcome: "succeeded", code: ExitCode.done };
  if (stopped === "timeout") return { outcome: "cancelled", code: ExitCode.timeout };
  if (stopped === "user" || exitCode === CLI_CANCELLED) return { outcome: "cancelled", code: ExitCode.cancelled };
  if (exitCode === CLI_UNEXPECTED_CHANGES) return { outcome: "failed", code: ExitCode.unexpectedChanges };
  if (leftPlan(summary)) return { outcome: "failed", code: ExitCode.stalePlan };
  if (policyRefused(summary)) return { outcome: "failed", code: ExitCode.policy };
  if (resourceFailed(summary)) return { outcome: "failed", code: ExitCode.resourceFailed };
  if (exitCode === 2) return { outcome: "failed", code: ExitCode.usage };
  return { outcome: "failed", code: ExitCode.unexpected };
}

/** The part of stderr meant for a person. */
export function errorText(stderr: string): string {
  const at = stderr.search(/^error: /m);
  const whole = at < 0 ? stderr : stderr.slice(at + "error: ".length);
  // A crash of the CLI comes with a form to report it and a stack trace: they are in the log.
  const text = (whole.split(/^={20,}$|^goroutine \d+ /m)[0] ?? "").trim();
  return text === "" ? "the Pulumi CLI ended without a message" : text;
}

interface Refusal {
  code: ExitCode;
  next: (stack: string) => string;
}

const refusals: Record<number, Refusal> = {
  2: { code: ExitCode.usage, next: (stack) => `Correct Pulumi.yaml or Pulumi.${stack}.yaml and run this again.` },
  3: {
    code: ExitCode.credentials,
    next: () => "Log in to the state backend (pulumi login, or its cloud's credentials).",
  },
};

/** Messages the CLI ends with a plain 1 for; the last resort, after exit code and events. */
const texts: [pattern: RegExp, code: ExitCode][] = [
  [
    /passphrase must be set|incorrect passphrase|NoCredentialProviders|no valid credential|get credentials|AccessDenied/i,
    ExitCode.credentials,
  ],
  [
    /no Pulumi\.yaml project file found|could not (load|parse|validate) (current )?(project|stack|configuration)|invalid configuration|missing required configuration|Stack '.*' is missing configuration|validating stack config|unknown flag/i,
    ExitCode.usage,
  ],
];

export interface RefusedCommand {
  stack: string;
  /** e.g. `up` or `stack export`. */
  command: string;
  log?: string;
}

/** The error for a CLI that gave up before the engine began, hence before anything was changed. */
export function refusalOf(facts: RunFacts, { stack, command, log }: RefusedCommand): SlipwayError {
  const message = errorText(facts.stderr);
  const lock = lockFromText(facts.stderr);
  if (lock !== undefined) return lockedError(stack, lock);
  if (facts.exitCode === ExitCode.notFound) return stackNotFound(stack);
  const refusal = facts.exitCode === null ? undefined : refusals[facts.exitCode];
  const code = refusal?.code ?? texts.find(([pattern]) => pattern.test(message))?.[1] ?? ExitCode.unexpected;
  const next = (refusal ?? Object.values(refusals).find((each) => each.code === code))?.next(stack);
  return new SlipwayError(code, `pulumi ${command} of ${stack}: ${message}`, {
    ...(log === undefined ? {} : { where: log }),
    ...(next === undefined ? {} : { next }),
  });
}

export const stackNotFound = (stack: string): SlipwayError =>
  new SlipwayError(ExitCode.notFound, `There is no stack "${stack}" in the state backend.`, {
    where: stack,
    next: "List the stacks with: pulumi stack ls. A stack is only ever made where that is asked for.",
  });

import type { Context } from "../context.ts";
import { failureOf } from "../deploy/failure.ts";
import type { RunLimits } from "../deploy/run-engine.ts";
import { readStackState } from "../engine/checkpoint.ts";
import type { PolicyEvent } from "../engine/events.ts";
import type { OperationResult } from "../engine/operation.ts";
import { isStackUrn } from "../engine/urn.ts";
import { ExitCode } from "../errors.ts";
import type { PlanEnvelope } from "../plans/envelope.ts";
import { previewPlan } from "../plans/preview.ts";
import { createChangeFold, type ChangeFold } from "../report/comment/changes.ts";
import type { Failure, PolicyFinding, StackPreview } from "../report/comment/model.ts";
import { describeError } from "../report/errors.ts";
import { pendingLines } from "../report/pending.ts";
import { redact } from "../promotion/redact.ts";
import type { Workspace } from "../workspace.ts";

/** Previews one stack for the comment. Never throws for what is wrong with the stack: that is what is to be told. */
export async function previewStack(
  context: Context,
  workspace: Workspace,
  { stack, ...limits }: RunLimits & { stack: string },
): Promise<StackPreview> {
  const started = performance.now();
  const seconds = () => Math.round(performance.now() - started) / 1000;
  const fold = createChangeFold();
  try {
    const subject = { stack, workDir: workspace.root, toSave: false, onEvent: fold.add, ...limits };
    const { result, envelope } = await previewPlan(context, workspace, subject);
    const facts = { ...factsOf(stack, result, fold), seconds: seconds() };
    if (result.outcome === "succeeded") return { ...facts, outcome: "previewed", ...planOf(envelope) };
    // A policy that refuses ends the engine's run with an error; the preview itself is whole.
    if (result.code === ExitCode.policy && facts.findings.length > 0) return { ...facts, outcome: "previewed" };
    const failure = await failureFacts(workspace, stack, failureOf(stack, "preview", result), result);
    return { ...facts, outcome: "failed", failure: cleaned(failure, fold) };
  } catch (error) {
    const { exitCode } = describeError(error, { color: false });
    const failure = await failureFacts(workspace, stack, error, undefined);
    return {
      ...{ stack, outcome: "failed", exitCode, counts: {}, changes: [], findings: [], warnings: [] },
      ...{ seconds: seconds(), failure: cleaned(failure, fold) },
    };
  }
}

function factsOf(stack: string, { summary, code }: OperationResult, fold: ChangeFold) {
  const warnings = summary.diagnostics.filter(({ severity }) => severity === "warning");
  return {
    ...{ stack, exitCode: code, counts: summary.changes, changes: fold.changes(summary), cost: fold.cost() },
    findings: policyFindings(summary.policyViolations).map((one) => ({ ...one, message: fold.clean(one.message) })),
    warnings: warnings.map(({ message }) => fold.clean(message)),
  };
}

const planOf = (envelope: PlanEnvelope | undefined): Pick<StackPreview, "plan"> =>
  envelope === undefined ? {} : { plan: { digest: envelope.planDigest, expiresAt: envelope.expiresAt } };

/** What policies say, each of it once. */
export function policyFindings(events: readonly PolicyEvent[]): PolicyFinding[] {
  const found = events.map(({ policyName, enforcementLevel, resourceUrn, message }): PolicyFinding => ({
    policy: policyName,
    level: enforcementLevel === "mandatory" || enforcementLevel === "remediate" ? enforcementLevel : "advisory",
    ...(resourceUrn === undefined || resourceUrn === "" ? {} : { resource: resourceUrn }),
    message: redact(message.trim()),
  }));
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

async function failureFacts(
  workspace: Workspace,
  stack: string,
  error: unknown,
  result: OperationResult | undefined,
): Promise<Failure> {
  const { json } = describeError(error, { color: false });
  const said = json as { message: string; where?: string; changed?: string; next?: string };
  const errors = result?.summary.diagnostics.filter(({ severity }) => severity === "error") ?? [];
  const first = errors.find(({ urn }) => urn !== undefined && !isStackUrn(urn)) ?? errors[0];
  const source = sourceLine([first?.message, said.message], workspace.root);
  const pending = await pendingOf(workspace, stack);
  return {
    message: withoutRoot(said.message, workspace.root),
    ...(first?.urn === undefined ? {} : { resource: first.urn }),
    ...(source === undefined ? {} : { source }),
    ...{ changed: said.changed ?? "nothing", pending, next: `./slipway preview ${stack}` },
  };
}

/** The first line of the program that an error names, from the root of the checkout. */
export function sourceLine(texts: readonly (string | undefined)[], root: string): string | undefined {
  for (const text of texts) {
    const inside = (text ?? "").replaceAll(`file://${root}/`, "").replaceAll(`${root}/`, "");
    for (const [, path = "", line = ""] of inside.matchAll(
      /(?:^|[\s("'`])([\w.@-]+(?:\/[\w.@-]+)*\.(?:ts|js|ya?ml|json|py)):(\d+)/gm,
    ))
      if (!path.startsWith("node_modules/") && !path.includes("..")) return `${path}:${line}`;
  }
  return undefined;
}

/** Where a checkout lies on the machine that looked is nobody's business. */
const withoutRoot = (text: string, root: string): string => text.replaceAll(`${root}/`, "").replaceAll(root, ".");

/** What can be read of the state says more; where it cannot, that is most likely the failure itself. */
async function pendingOf({ root, environment, cli }: Workspace, stack: string): Promise<string[]> {
  try {
    const { pending } = await readStackState(cli, { stack, workDir: root, environment });
    return pendingLines(stack, pending);
  } catch {
    return [];
  }
}

const cleaned = (failure: Failure, { clean }: ChangeFold): Failure => ({ ...failure, message: clean(failure.message) });

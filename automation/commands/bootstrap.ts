import { bootstrap, type BootstrapReport } from "../bootstrap/bootstrap.ts";
import type { Context } from "../context.ts";
import { openWorkspace } from "../workspace.ts";
import { done, flag, type CommandResult } from "./result.ts";
import { askFirst } from "./up.ts";

export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  await askFirst(context, "operations", flag(options, "yes"));
  const report = await bootstrap(context, workspace);
  return done(bootstrapJson(report), bootstrapText(report));
}

const settings = ({ addresses }: BootstrapReport): [name: string, value: string][] => [
  ["PULUMI_BACKEND_URL", addresses.backend],
  ["SLIPWAY_STORE", addresses.store],
  ["SLIPWAY_SECRETS_PROVIDER", addresses.secretsProvider],
];

const bootstrapJson = (report: BootstrapReport): Record<string, unknown> => ({
  ...report.foundation,
  steps: report.steps,
  environment: Object.fromEntries(settings(report)),
  commit: ["Pulumi.operations.yaml"],
});

/** What is to be set is there to be pasted. */
function bootstrapText(report: BootstrapReport): string {
  return [
    ...report.steps.map(({ title, outcome }) => `  ${outcome === "done" ? "done    " : "was done"} ${title}`),
    "",
    "State and records are shared from now on. Set this wherever pulumi or slipway runs:",
    ...settings(report).map(([name, value]) => `  export ${name}='${value}'`),
    "and commit Pulumi.operations.yaml, which now names the key of its secrets.",
  ].join("\n");
}

import { families, heads } from "../../policy/catalog.ts";
import type { RuleHead } from "../../policy/model.ts";
import { suppressionRules } from "../../policy/suppressions.ts";
import { suggest } from "../../config/suggest.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { judgeStack } from "../policy/judge.ts";
import { mandatory } from "../policy/findings.ts";
import { policyLines, policySarif, verdictLine } from "../report/policy.ts";
import { knownStack, openWorkspace } from "../workspace.ts";
import { verbOf } from "./actions.ts";
import { findingsFormat } from "./findings-format.ts";
import { done, type CommandResult } from "./result.ts";
import { runOptions } from "./run-options.ts";

/** `policy list`: every rule, by what it is about. */
function list(context: Context): Promise<CommandResult> {
  const { colors } = context.console;
  const all = Object.entries({ ...families, suppressions: suppressionRules });
  const width = Math.max(...heads.map(({ id }) => id.length));
  const lines = all.flatMap(([family, rules]) => [
    colors.bold(family),
    ...rules.map(({ id, level, title }) => `  ${id.padEnd(width)}  ${level.padEnd(9)}  ${title}`),
  ]);
  const json = all.flatMap(([family, rules]) => rules.map((rule) => ({ family, ...headOf(rule) })));
  return Promise.resolve(done({ action: "list", rules: json }, lines.join("\n")));
}

const headOf = ({ id, level, title, why, fix }: RuleHead): RuleHead => ({ id, level, title, why, fix });

/** `policy explain RULE`: why there is a rule, and what to do about it. */
function explain(context: Context, [id]: readonly string[]): Promise<CommandResult> {
  const rule = heads.find((head) => head.id === id);
  if (rule === undefined) {
    const near = suggest(
      id ?? "",
      heads.map((head) => head.id),
    );
    throw new SlipwayError(ExitCode.notFound, `There is no policy rule ${JSON.stringify(id ?? "")}.`, {
      next: near === undefined ? "./slipway policy list shows them." : `./slipway policy explain ${near}`,
    });
  }
  const { colors } = context.console;
  const lines = [
    `${colors.bold(rule.id)} (${rule.level}): ${rule.title}`,
    `  why:   ${rule.why}`,
    `  to do: ${rule.fix}`,
  ];
  return Promise.resolve(done({ action: "explain", rule: headOf(rule) }, lines.join("\n")));
}

/** `policy check STACK`: a preview that is only about the rules. */
async function check(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const format = findingsFormat(options);
  const workspace = await openWorkspace(context);
  const stack = knownStack(workspace, args[0]);
  const findings = await judgeStack(context, workspace, { stack, workDir: workspace.root, ...runOptions(options) });
  const json = { action: "check", stack, findings };
  const shown = {
    text: () => [...policyLines(context.console, findings), `${stack}: ${verdictLine(findings)}`].join("\n"),
    json: () => JSON.stringify(json),
    sarif: () => JSON.stringify(policySarif(stack, findings), null, 2),
  };
  const exitCode = mandatory(findings).length > 0 ? ExitCode.policy : ExitCode.done;
  return { exitCode, json, text: shown[format]() };
}

/** `policy <action> …`: the rules that every preview, update and promotion is held to. */
export const run = verbOf({
  list: () => Promise.resolve(list),
  explain: () => Promise.resolve(explain),
  check: () => Promise.resolve(check),
});

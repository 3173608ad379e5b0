import { Command } from "commander";
import { verbs, type VerbSpec } from "../../automation/commands/index.ts";
import { blocksOf } from "./blocks.ts";

/** A command as a page has it. */
export interface CommandLine {
  at: string;
  words: string[];
}

/** Simple commands of a line of shell, as words without their quotes. Pages have no more of a shell's grammar than this. */
export function commandsOf(line: string): string[][] {
  const words: string[][] = [[]];
  let skipping = false;
  for (const [token = ""] of line.matchAll(
    /#.*|\|\||&&|[;|&()]|\d?>>?|<{1,3}|(?:\$\([^)]*\)|"[^"]*"|'[^']*'|[^\s;|&<>()"'])+/gu,
  )) {
    if (token.startsWith("#")) break;
    if (/^(?:\|\||&&|[;|&()])$/u.test(token)) {
      words.push([]);
      skipping = false;
    } else if (/^\d?>>?$|^<{1,3}$/u.test(token)) skipping = true;
    else if (skipping) skipping = false;
    else words.at(-1)?.push(token.replaceAll(/^\$\(|["']/gu, ""));
  }
  return words.map(withoutVariables).filter((command) => command.length > 0);
}

/** A command without the variables that stand before it. */
function withoutVariables(command: readonly string[]): string[] {
  const first = command.findIndex((word) => !/^[A-Z][A-Z0-9_]*=/u.test(word));
  return first === -1 ? [] : command.slice(first);
}

/** Every command of a page: those of its blocks of shell, and `./slipway …` in the middle of a sentence. */
export function commandLines(page: string, source: string): CommandLine[] {
  const blocks = blocksOf(page, source).filter(({ language }) => language === "sh");
  const inBlocks = blocks.flatMap(({ at, text }) =>
    text
      .replaceAll(/\\\n\s*/gu, " ")
      .split("\n")
      .flatMap((line) => commandsOf(line).map((words) => ({ at, words }))),
  );
  const inText = source.split("\n").flatMap((line, index) =>
    [...line.matchAll(/`(\.\/slipway [^`]+)`/gu)].flatMap(([, text = ""]) =>
      // What may be left out stands in brackets.
      commandsOf(text.replaceAll(/[[\]]/gu, "")).map((found) => ({ at: `${page}:${index + 1}`, words: found })),
    ),
  );
  return [...inBlocks, ...inText];
}

/** What is wrong with the words behind `./slipway`, or undefined. */
export function commandProblem([name = "", ...rest]: readonly string[]): string | undefined {
  if (name === "--help") return undefined;
  const verb = verbs.find((one) => one.name === name);
  if (verb === undefined) return `there is no verb ${name}`;
  try {
    const command = parserOf(verb);
    command.parse(rest, { from: "user" });
    return actionProblem(verb, command);
  } catch (error) {
    return (error as Error).message;
  }
}

/** A verb as the driver declares it, which parses and does nothing. */
function parserOf(verb: VerbSpec): Command {
  const command = new Command(verb.name).exitOverride().configureOutput({ writeErr: () => undefined });
  for (const argument of (verb.arguments ?? "").split(" ").filter(Boolean)) command.argument(argument);
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  return command
    .option("--sandbox")
    .option("--json")
    .option("--verbose")
    .action(() => undefined);
}

const words = (text: string): string[] => text.match(/[\w-]+/gu) ?? [];

/** The summary of a verb names its actions, and the help of an option those that take it, as `lint, diff: …`. */
function actionProblem(verb: VerbSpec, command: Command): string | undefined {
  const [action = ""] = command.args;
  if (verb.arguments?.startsWith("<action>") !== true) return undefined;
  if (!words(verb.summary).includes(action)) return `${verb.name} has no action ${action}`;
  for (const option of command.options.filter((one) => command.getOptionValueSource(one.attributeName()) === "cli")) {
    const takers = takersOf(option.description, verb.summary);
    if (takers.length > 0 && !takers.includes(action)) return `${verb.name} ${action} takes no ${option.long}`;
  }
  return undefined;
}

function takersOf(description: string, summary: string): string[] {
  // Together with another option it means something for other actions, too.
  if (description.includes("with --")) return [];
  const lists = [...description.matchAll(/(?:^|; )((?:[a-z-]+, )*[a-z-]+)(?: on AWS)?: /gu)].map(
    ([, list = ""]) => list,
  );
  return lists.flatMap((list) => list.split(", ")).filter((name) => words(summary).includes(name));
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { verbs } from "../../automation/commands/index.ts";
import { checksOf } from "../../automation/ci/checks.ts";
import { suites } from "../../tools/testing/suites.ts";
import { root, steps } from "./workflows.ts";

/** Programs of the runner that workflows call beside `./slipway` and npm. Each is one more thing that is not the driver. */
const others = ["cd", "curl", "docker", "echo", "gh", "gpg", "jq", "mkdir", "sed", "sudo"];
const keywords = /^(?:if|elif|then|else|fi|case|esac|\*\)|exit|\[|code=|\d+)/u;

/** Simple commands of a script, as words without their quotes. Our scripts have no more of a shell's grammar than this. */
function commandsOf(script: string): string[][] {
  const words: string[][] = [];
  for (const line of script.replaceAll(/\\\n\s*/gu, " ").split("\n"))
    for (const command of splitCommands(line)) {
      const parsed = wordsOf(command);
      while (parsed[0] !== undefined && /^(?:if|elif|then|else)$/u.test(parsed[0])) parsed.shift();
      if (parsed[0] !== undefined && !keywords.test(parsed[0])) words.push(parsed);
    }
  return words;
}

const splitCommands = (line: string): string[] =>
  [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^|;&"'])+/gu)].map(([command]) => command.trim()).filter(Boolean);

function wordsOf(command: string): string[] {
  const all = [...command.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/gu)].map(([word]) => word.replaceAll(/["']/gu, ""));
  const redirection = all.findIndex((word) => /^(?:>|<)/u.test(word));
  return redirection === -1 ? all : all.slice(0, redirection);
}

const called = steps.flatMap(({ at, step }) =>
  commandsOf(step.run ?? "").map((words) => ({ at, words, line: words.join(" ") })),
);

/** A verb as the driver declares it, which parses and does nothing. */
function parserFor(name: string): { parser: Command; args(): string[] } | undefined {
  const verb = verbs.find((one) => one.name === name);
  if (verb === undefined) return undefined;
  const parser = new Command();
  const command = parser.command(`${verb.name} ${verb.arguments ?? ""}`.trim()).exitOverride();
  command.configureOutput({ writeErr: () => undefined });
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  command
    .option("--sandbox")
    .option("--json")
    .option("--verbose")
    .action(() => undefined);
  return { parser, args: () => command.args };
}

describe("commands of workflows", () => {
  it("are told apart", () => {
    assert.deepEqual(commandsOf('mkdir -p x\n./slipway a "$B" --c > d\nif [ -n "$X" ]; then ./slipway e; fi'), [
      ["mkdir", "-p", "x"],
      ["./slipway", "a", "$B", "--c"],
      ["./slipway", "e"],
    ]);
    assert.deepEqual(commandsOf('./slipway promote "$A" --yes || code=$?\njq ".a | .b" <<< "$N"'), [
      ["./slipway", "promote", "$A", "--yes"],
      ["jq", ".a | .b"],
    ]);
  });

  it("are the driver, npm, and a few programs of the runner", () => {
    assert.ok(called.length > 30);
    for (const { at, words, line } of called)
      assert.ok(["./slipway", "npm", ...others].includes(words[0] ?? ""), `${at}: ${line}`);
    const driver = called.filter(({ words }) => words[0] === "./slipway");
    assert.ok(driver.length >= 20, "most of them the driver");
  });

  for (const { at, words, line } of called.filter(({ words: [program] }) => program === "./slipway"))
    it(`${at}: ${line}`, () => {
      const [, verb = "", ...rest] = words;
      const found = parserFor(verb);
      assert.ok(found, `there is no verb ${verb}`);
      found.parser.parse([verb, ...rest], { from: "user" });
      const spec = verbs.find(({ name }) => name === verb);
      if (spec?.arguments?.startsWith("<action>") === true)
        assert.match(`${spec.summary} `, new RegExp(`\\b${found.args()[0]}\\b`, "u"), "an action of the verb");
    });

  it("refuse a verb, an option and an argument that are not there", () => {
    const parse = (...words: string[]) => parserFor(words[0] ?? "")?.parser.parse(words, { from: "user" });
    assert.throws(() => parse("up", "dev", "--force"), /unknown option '--force'/u);
    assert.throws(() => parse("up", "dev", "prod"), /too many arguments/u);
    assert.throws(() => parse("rollback"), /missing required argument/u);
    assert.equal(parse("deploy", "dev"), undefined);
  });

  it("run scripts of npm that are there, with options that they know", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const usage = readFileSync(join(root, "tools/test.ts"), "utf8");
    const runs = called.filter(({ words }) => words[0] === "npm" && words[1] !== "ci");
    assert.equal(runs.length, 2);
    for (const { words, line } of runs) {
      const name = words[1] === "run" ? words[2] : words[1];
      assert.ok(Object.keys(scripts).includes(name ?? ""), line);
      for (const option of words.slice(words.indexOf("--") + 1).filter((word) => word.startsWith("--")))
        assert.match(usage, new RegExp(`\\[${option} `, "u"), line);
    }
  });

  it("run suites that `npm test` has, and all of them for a change of what carries everything", () => {
    const names = suites.map(({ name }) => name);
    assert.deepEqual([...checksOf(["driver"], []).suites, "python"].sort(), [...names].sort());
  });
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { verbs } from "../../automation/commands/index.ts";
import { suites } from "../../tools/testing/suites.ts";
import { pages, root } from "./blocks.ts";
import { commandLines, commandProblem, commandsOf } from "./command-lines.ts";

const exec = promisify(execFile);
const all = pages.flatMap((page) => commandLines(page, readFileSync(join(root, page), "utf8")));
const driver = all.filter(({ words }) => words[0] === "./slipway");

describe("commands of the documentation", () => {
  it("are told apart", () => {
    const lines: [line: string, commands: string[][]][] = [
      ["./slipway up dev   # change it", [["./slipway", "up", "dev"]]],
      ["A=1 B='x y' ./slipway a --b=\"c d\" > f", [["./slipway", "a", "--b=c d"]]],
      [
        "./slipway a && ./slipway b | jq .x",
        [
          ["./slipway", "a"],
          ["./slipway", "b"],
          ["jq", ".x"],
        ],
      ],
      ['eval "$(./slipway sandbox shell)"', [["eval", "$(./slipway sandbox shell)"]]],
      ["export A=1", [["export", "A=1"]]],
      ["# nothing", []],
    ];
    for (const [line, commands] of lines) assert.deepEqual(commandsOf(line), commands, line);
  });

  it("of the driver parse: verb, action, arguments and options are there", () => {
    assert.ok(driver.length > 200, String(driver.length));
    const problems = driver.flatMap(({ at, words }) => {
      const problem = commandProblem(words.slice(1));
      return problem === undefined ? [] : [`${at}: ${words.join(" ")}: ${problem}`];
    });
    assert.deepEqual(problems, []);
  });

  const refused: [command: string, problem: RegExp][] = [
    ["deploy dev", /no verb deploy/u],
    ["up dev --force", /unknown option '--force'/u],
    ["up dev prod", /too many arguments/u],
    ["rollback", /missing required argument/u],
    ["streams lnit", /no action lnit/u],
    ["streams lint --percent 5", /streams lint takes no --percent/u],
    ["streams canary prod a --percent 5", /^$/u],
    ["streams compare prod --strict", /^$/u],
  ];
  for (const [command, problem] of refused)
    it(`${command}: ${problem.source === "^$" ? "parses" : "is refused"}`, () =>
      assert.match(commandProblem(command.split(" ")) ?? "", problem));

  it("of npm name scripts and suites, those of mocha files", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
    const names = [...Object.keys(scripts), "ci"];
    for (const { at, words } of all.filter(({ words: [program] }) => program === "npm")) {
      assert.ok(names.includes((words[1] === "run" ? words[2] : words[1]) ?? ""), `${at}: ${words.join(" ")}`);
      const only = words[words.indexOf("--only") + 1] ?? "";
      if (words.includes("--only"))
        assert.ok(
          suites.some(({ name }) => name === only),
          `${at}: ${only}`,
        );
    }
    const files = all.flatMap(({ at, words }) =>
      words.filter((one) => one.endsWith(".test.ts") && !one.includes("*")).map((file) => ({ at, file })),
    );
    assert.ok(files.length > 0);
    for (const { at, file } of files) assert.ok(existsSync(join(root, file)), `${at}: ${file}`);
  });

  /** Commands that only look, and need neither engine nor account. */
  const cheap = [
    "--help",
    "streams lint",
    "streams advise",
    "sandbox status --sandbox",
    "status --sandbox",
    "affected --explain services/api/app/main.py",
    "policy list",
  ];
  for (const command of cheap)
    it(`./slipway ${command} does what it says`, async function () {
      this.timeout(60_000);
      const words = command.split(" ");
      assert.ok(
        command === "--help" ||
          driver.some(({ words: [, ...rest] }) =>
            rest
              .slice(0, 2)
              .join(" ")
              .startsWith(words[0] ?? ""),
          ),
        "it is in the documentation",
      );
      const { stdout } = await exec(process.execPath, [join(root, "automation/main.ts"), ...words], { cwd: root });
      assert.notEqual(stdout.trim(), "");
    });

  for (const { name, options = [], arguments: words = "" } of verbs)
    it(`./slipway ${name} --help tells every argument and option`, async function () {
      this.timeout(60_000);
      const { stdout } = await exec(process.execPath, [join(root, "automation/main.ts"), name, "--help"], {
        cwd: root,
      });
      const told = [...words.split(" "), ...options.map(([flags]) => flags)].filter(Boolean);
      assert.deepEqual(
        told.filter((one) => !stdout.includes(one)),
        [],
      );
    });

  it("./slipway doctor says what is there and what is missing", async function () {
    this.timeout(60_000);
    const { stdout } = await exec(process.execPath, [join(root, "automation/main.ts"), "doctor", "--json"], {
      cwd: root,
    }).catch((error: { code: number; stdout: string }) => {
      assert.equal(error.code, 2);
      return error;
    });
    const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string }[] };
    assert.equal(findings.find(({ name }) => name === "node")?.state, "ok");
  });
});

// Performance as ratios measured in one run: npm run bench [-- --json] [-- --only <case>,<case>].
import { rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { affectedMatching } from "./affected.ts";
import { driverOverhead } from "./cases/overhead.ts";
import { programStart } from "./cases/program-start.ts";
import { sandboxCost } from "./cases/sandbox-cost.ts";
import { transformSpeed } from "./cases/transform.ts";
import { wholeProgram } from "./cases/whole-program.ts";
import { leaseCost } from "./lease.ts";
import { ledgerFolds } from "./ledger.ts";
import { planCheck } from "./plans.ts";
import { generateProject } from "./project.ts";
import { passes, table, type Row } from "./report.ts";
import { stackParallelism } from "./stacks.ts";
import { streamSimulator } from "./streams.ts";
import { streamsLint } from "./streams-lint.ts";

const say = (line: string) => void process.stderr.write(`${line}\n`);

const cases: Record<string, () => Promise<Row[]>> = {
  async overhead() {
    const project = await generateProject(50);
    try {
      return await driverOverhead(project);
    } finally {
      await rm(project.root, { recursive: true, force: true });
    }
  },
  program: wholeProgram,
  start: async () => [await programStart()],
  sandbox: sandboxCost,
  affected: () => Promise.resolve(affectedMatching()),
  lease: leaseCost,
  stacks: stackParallelism,
  ledger: () => Promise.resolve(ledgerFolds()),
  plans: planCheck,
  transform: transformSpeed,
  simulator: streamSimulator,
  "streams-lint": () => Promise.resolve(streamsLint()),
};

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: "boolean" }, only: { type: "string" } } });
  const names = values.only?.split(",") ?? Object.keys(cases);
  const rows: Row[] = [];
  for (const name of names) {
    const measureCase = cases[name];
    if (measureCase === undefined) {
      say(`There is no measurement "${name}". Use one of: ${Object.keys(cases).join(", ")}.`);
      return 2;
    }
    say(`measuring ${name}`);
    const measured = await measureCase();
    // The whole takes minutes: who stops it early has what was measured until then.
    table(measured).forEach(say);
    rows.push(...measured);
  }
  const lines =
    values.json === true
      ? [JSON.stringify({ version: 1, rows: rows.map((row) => ({ ...row, pass: passes(row) })) })]
      : table(rows);
  for (const line of lines) console.log(line);
  return rows.every(passes) ? 0 : 1;
}

process.exitCode = await main();

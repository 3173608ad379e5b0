import path from "node:path";
import { inTurns, measure, type Command } from "../measure.ts";
import { checkout } from "../project.ts";
import type { Row } from "../report.ts";

const program = path.join(checkout, "index.ts");

/** ts-node checks types as Pulumi lets it by default; the import is all that is measured, nothing is registered. */
const tsNodeOptions = JSON.stringify({
  allowImportingTsExtensions: false,
  rewriteRelativeImportExtensions: true,
  incremental: false,
});

/** How long the whole program takes to be loaded: Node's own type stripping against ts-node. */
export async function programStart(): Promise<Row> {
  const load = (flags: string[], environment: Record<string, string> = {}): Command => ({
    command: process.execPath,
    args: ["--no-warnings", ...flags, "--input-type=module", "--eval", `await import(${JSON.stringify(program)})`],
    cwd: checkout,
    environment: { ...process.env, ...environment },
  });
  const stripping = load([]);
  const tsNode = load(["--loader", "ts-node/esm"], { TS_NODE_COMPILER_OPTIONS: tsNodeOptions });
  await measure(stripping);
  const [slow, fast] = await inTurns(
    3,
    async () => (await measure(tsNode)).seconds,
    async () => (await measure(stripping)).seconds,
  );
  const detail = `${fast.toFixed(2)} s against ${slow.toFixed(2)} s`;
  return {
    name: "program start, Node stripping against ts-node",
    value: fast / slow,
    unit: "ratio",
    target: 1,
    detail,
  };
}

import { readFileSync, writeFileSync } from "node:fs";
import { locateCli } from "../../automation/engine/cli.ts";
import { runOperation, type Operation } from "../../automation/engine/operation.ts";

/** A driver to be killed: runs the operation in the file it is given and writes down the engine it started. */
const [operationFile = "", engineFile = ""] = process.argv.slice(2);
const { root, operation } = JSON.parse(readFileSync(operationFile, "utf8")) as { root: string; operation: Operation };
const cli = await locateCli({ root, environment: operation.environment, report: () => undefined });
await runOperation(cli, { ...operation, onStart: (engine) => writeFileSync(engineFile, JSON.stringify(engine)) });

import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { run } from "../../../automation/commands/streams.ts";
import type { CommandResult } from "../../../automation/commands/result.ts";
import { createContext } from "../../../automation/context.ts";
import { checkOutput } from "../../../automation/report/output-schemas.ts";

const pipeline = (size: number, coll = "totals") => `{"pipeline": [
{"$source": {"connectionName": "atlas", "db": "shop", "coll": "orders"}},
{"$tumblingWindow": {"interval": {"size": ${size}, "unit": "minute"}, "pipeline": [{"$group": {"_id": "$id"}}]}},
{"$merge": {"into": {"connectionName": "atlas", "db": "shop", "coll": "${coll}"}}}],
"options": {"dlq": {"connectionName": "atlas", "db": "ops", "coll": "dlq"}}}
`;

/** A processor whose window is so many minutes long. */
export const orders = (minutes: number, coll?: string) => ({
  "streams/processors/orders.json": pipeline(minutes, coll),
});

/** A checkout with one processor that nothing is wrong with. */
export const checkout: Readonly<Record<string, string>> = {
  "Pulumi.yaml": "name: slipway\nruntime: nodejs\n",
  ...orders(1),
  "streams/connections/all.json": JSON.stringify([
    { name: "atlas", type: "Cluster", clusterName: "main", dbRoleToExecute: { role: "streams", type: "CUSTOM" } },
  ]),
  "streams/environments/dev/config.env": "WORKSPACE_NAME=dev\nDEFAULT_TIER=SP2\n",
};

/** Runs an action in a checkout; what a machine reads keeps its promise. */
export async function streams(
  root: string,
  args: string[],
  options: Record<string, unknown> = {},
  environment: Record<string, string> = {},
) {
  const said: string[] = [];
  const { signal } = new AbortController();
  const stderr = new Writable({ write: (chunk, _encoding, next) => (said.push(String(chunk)), next()) });
  const stdout = new Writable({ write: (_chunk, _encoding, next) => next() });
  const context = createContext({
    options: {},
    environment: { NO_COLOR: "1", ...environment },
    cwd: root,
    stdout,
    stderr,
    signal,
    terminate: signal,
  });
  const result: CommandResult = await run(context, args, options);
  const object = { version: 1, command: "streams", exitCode: result.exitCode, seconds: 0, ...result.json };
  const json = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
  assert.equal(checkOutput(json), undefined);
  return { ...result, json, said: said.join("") };
}

/**
 * A driver's process: `node holder-process.ts <store> <environment> <ttl ms>`. Takes the lease, says `held <fence>`, and then writes one
 * record after the other, saying `wrote <sequence>`, until it may not: `refused <exit code>`.
 */
import { setTimeout as pause } from "node:timers/promises";
import { SlipwayError } from "../../automation/errors.ts";
import { whileHolding } from "../../automation/lease/holding.ts";
import { acquireLease } from "../../automation/lease/lease.ts";
import { append } from "../../automation/promotion/ledger.ts";
import { openStore } from "../../automation/store/open.ts";
import { holderNamed } from "./holders.ts";

const [store = "", environment = "", ttl = "0"] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

const opened = await openStore({ root: "/", environment: { ...process.env, SLIPWAY_STORE: store }, directory: "/" });
const result = await acquireLease(opened, { environment, holder: holderNamed("child"), ttlMs: Number(ttl) });
if (!result.ok) throw new Error(`the lease was not free: ${JSON.stringify(result.held)}`);
const { lease } = result;
say(`held ${lease.fence}`);
await whileHolding(lease, async () => {
  for (;;) {
    const entry = { kind: "frozen", by: "child", active: true, reason: "a write under the lease" } as const;
    const record = await append(opened, environment, entry, () => new Date());
    say(`wrote ${record.sequence}`);
    await pause(10);
  }
}).catch((error: unknown) => {
  if (!(error instanceof SlipwayError)) throw error;
  say(`refused ${error.code}`);
});

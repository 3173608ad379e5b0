/**
 * Many drivers in one process: `node contender-process.ts <store> <environment> <count>`. Says `ready`, waits for a line on its input so that
 * all processes try at the same moment, prints what became of each attempt as JSON, and holds what it got until its input ends.
 */
import { once } from "node:events";
import { acquireLease } from "../../automation/lease/lease.ts";
import { openStore } from "../../automation/store/open.ts";
import { holderNamed } from "./holders.ts";

const [url = "", environment = "", count = "0"] = process.argv.slice(2);
const store = await openStore({ root: "/", environment: { ...process.env, SLIPWAY_STORE: url }, directory: "/" });
await store.get("leases/none.json");
process.stdout.write("ready\n");
await once(process.stdin, "data");
const attempts = Array.from({ length: Number(count) }, (_, at) =>
  acquireLease(store, { environment, holder: holderNamed(`${process.pid}-${at}`) }),
);
const results = await Promise.all(attempts);
const fences = results.flatMap((result) => (result.ok ? [result.lease.fence] : []));
const refusedBy = new Set(results.flatMap((result) => (result.ok ? [] : [result.held.holder.who])));
process.stdout.write(`${JSON.stringify({ fences, refusedBy: [...refusedBy], attempts: results.length })}\n`);
await once(process.stdin, "end");

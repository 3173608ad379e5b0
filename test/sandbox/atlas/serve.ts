/** A process that serves a sandbox's Atlas until it is killed: `node serve.ts <directory> <folder of streams>`. Prints its address. */
import { startAtlasApi } from "../../../sandbox/atlas/index.ts";

const [directory = "", streams = ""] = process.argv.slice(2);
const api = await startAtlasApi({ directory, streams });
process.stdout.write(`${api.endpoint}\n`);
// The server alone keeps no process; whoever started this one ends it, and with it goes its input.
process.stdin.resume();

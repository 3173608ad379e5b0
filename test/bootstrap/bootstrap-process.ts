/** `node bootstrap-process.ts <checkout> <step>`: bootstraps, and stands still for good once that step is over, for a test that kills it there. */
import { writeSync } from "node:fs";
import { bootstrap } from "../../automation/bootstrap/bootstrap.ts";
import { openWorkspace } from "../../automation/workspace.ts";
import { contextFor } from "./project.ts";

const [directory = "", last = ""] = process.argv.slice(2);
const context = contextFor(directory, process.env);
await bootstrap(context, await openWorkspace(context), {
  onStep(name) {
    if (name !== last) return;
    writeSync(1, `after ${name}\n`);
    process.kill(process.pid, "SIGSTOP");
  },
});
writeSync(1, "finished\n");

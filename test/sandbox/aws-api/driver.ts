/** The services in a process of their own, for tests that kill it: `node driver.ts <sandbox directory> <python> <emulator>`. */
import { startAwsApi } from "../../../sandbox/aws-api/index.ts";

const [directory = "", python = "", emulator = ""] = process.argv.slice(2);
const api = await startAwsApi({ directory, python, onNote: (line) => process.stderr.write(`${line}\n`) });
api.attach(emulator);
process.stdout.write(`${api.endpoint}\n`);

/**
 * Stands for a driver that is ended in the middle: `node driver.ts <sandbox directory> <python> <image of api> <of predict>`,
 * prints the ids of its services' processes.
 */
import { startKubernetesApi } from "../../../sandbox/kubernetes-api.ts";
import { ClusterClient } from "./cluster-client.ts";

const [directory = "", python = "", api = "", predict = ""] = process.argv.slice(2);
const opened = await startKubernetesApi(directory, { environment: { SLIPWAY_SANDBOX_PYTHON: python } });
const client = new ClusterClient(opened);
await Promise.all([client.healthy(api), client.healthy(predict, "predict")]);
const pids = await Promise.all(["api", "predict"].map(async (name) => (await client.proxy("/", name)).body["pid"]));
await client.proxy("/stuck");
process.stdout.write(`${JSON.stringify(pids)}\n`);
setInterval(() => undefined, 60_000);

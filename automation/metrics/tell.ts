import type { CloudWatchClientConfig, MetricDatum } from "@aws-sdk/client-cloudwatch";
import { deliveryMetrics, streamMetrics } from "../../config/metrics.ts";
import type { EnvironmentSettings } from "../../config/schema.ts";
import type { Context } from "../context.ts";
import { readLedger } from "../promotion/ledger.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { readSettings } from "../stack-settings.ts";
import type { Profile } from "../streams/observe/profile.ts";
import type { Workspace } from "../workspace.ts";
import { commitGraph } from "./commit-graph.ts";
import { deliveryData, deliveryEvent } from "./deliveries.ts";
import { streamData } from "./stream-figures.ts";

/** How long CloudWatch may take to hear of it. */
const LIMIT_MS = 5000;
/** Most figures in one call. */
const BATCH = 500;

type Telling = Pick<Workspace, "root" | "sandbox">;

/**
 * Tells CloudWatch what a deployment adds to the four keys, once. Never rejects: what was deployed is deployed, and whoever runs the
 * verb reads that the dashboard does not know of it.
 * @param records What this deployment has recorded.
 */
export async function tellOfDelivery(
  context: Context,
  workspace: Telling & Pick<Workspace, "store">,
  stack: string,
  records: readonly LedgerRecord[],
): Promise<void> {
  const [first] = records;
  if (first === undefined) return;
  await told(context, workspace, { stack, what: "this deployment" }, async () => {
    const all = await readLedger(workspace.store, stack);
    const commits = all.flatMap((record) => ("commit" in record && record.commit !== undefined ? [record.commit] : []));
    const graph = await commitGraph(workspace.root, commits);
    const event = deliveryEvent(stack, all, first.sequence, graph);
    const data = event === undefined ? [] : deliveryData(event, context.now());
    return { namespace: deliveryMetrics.namespace, data };
  });
}

/** The same for what was measured of stream processors. */
export async function tellOfStreams(
  context: Context,
  workspace: Telling,
  stack: string,
  measured: readonly { processor: string; profile: Profile }[],
): Promise<void> {
  await told(context, workspace, { stack, what: "what was measured" }, () =>
    Promise.resolve({ namespace: streamMetrics.namespace, data: streamData(stack, measured, context.now()) }),
  );
}

interface Figures {
  namespace: string;
  data: readonly MetricDatum[];
}

async function told(
  context: Context,
  workspace: Telling,
  { stack, what }: { stack: string; what: string },
  figures: () => Promise<Figures>,
): Promise<void> {
  const { debug, warn } = context.console;
  const settings = await settingsOf(workspace.root, stack).catch(() => undefined);
  if (settings === undefined) return debug(`CloudWatch is not told: ${stack} is no environment of this checkout`);
  if (!settings.observability.deliveryMetrics) return debug(`CloudWatch is not told: ${stack} does not want that`);
  try {
    const { namespace, data } = await figures();
    if (data.length === 0) return;
    const where = await placeOf(context, workspace, settings);
    if (where === undefined) return debug("CloudWatch is not told: the sandbox is only simulated");
    try {
      await put(where.config, namespace, data);
    } finally {
      await where.close();
    }
    debug(`CloudWatch was told of ${what}: ${data.length} figures in ${namespace}`);
  } catch (error) {
    const { name, message } = error as Error;
    warn(`CloudWatch was not told of ${what}, so the dashboard of ${stack} lacks it: ${message || name}`);
  }
}

/** Settings of an environment; undefined for the operations account, where nothing is delivered that people use. */
async function settingsOf(root: string, stack: string): Promise<EnvironmentSettings | undefined> {
  const settings = await readSettings(root, stack);
  return settings.environment === "operations" ? undefined : settings;
}

/** The cloud, or the sandbox's emulator where one runs: a figure is no reason to start it. */
async function placeOf(
  { environment }: Context,
  { sandbox }: Telling,
  { account }: EnvironmentSettings,
): Promise<{ config: CloudWatchClientConfig; close(): Promise<void> } | undefined> {
  const { id, region } = account;
  if (sandbox === undefined) return { config: { region }, close: () => Promise.resolve() };
  const live = await sandbox.tools.connectLive(sandbox.directory, { environment, start: false });
  if (live === undefined) return undefined;
  const config = { region, endpoint: live.endpoint, credentials: live.credentialsFor(id) };
  return { config, close: () => live.close() };
}

async function put(config: CloudWatchClientConfig, Namespace: string, data: readonly MetricDatum[]): Promise<void> {
  // Loaded by those who use it alone: the SDK costs more time than the rest of a verb.
  const { CloudWatchClient, PutMetricDataCommand } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient({ ...config, maxAttempts: 2 });
  const abortSignal = AbortSignal.timeout(LIMIT_MS);
  try {
    for (let start = 0; start < data.length; start += BATCH) {
      const MetricData = data.slice(start, start + BATCH);
      await client.send(new PutMetricDataCommand({ Namespace, MetricData }), { abortSignal });
    }
  } finally {
    client.destroy();
  }
}

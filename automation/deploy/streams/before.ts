import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseStackOutputs } from "../../../config/outputs.ts";
import { parseStackFile } from "../../../config/stack-file.ts";
import { restartVariable } from "../../../config/streams.ts";
import type { Rollout, StreamsOutputs } from "../../../config/streams-outputs.ts";
import { rolloutOf } from "../../../config/streams-processors.ts";
import type { StreamProject } from "../../../streams/engine/files/project.ts";
import { readOutputs } from "../../engine/stack.ts";
import { SlipwayError } from "../../errors.ts";
import { currentRelease } from "../../promotion/folds.ts";
import type { LedgerRecord } from "../../promotion/ledger-records.ts";
import { readStreamFolder, readStreamsOfCommit, streamsFolder } from "../../streams/project.ts";
import type { DeployRequest, Session } from "../session.ts";
import { guard, guardError } from "./guard.ts";
import { takeSnapshot } from "./snapshot.ts";
import { openClient, type OpenClient } from "./streams.ts";

/**
 * Looks at the processors before anything is touched: refuses what would lose their state, and keeps what stands where any of them changes.
 * @returns variables for the engine.
 * @throws SlipwayError (policy) that names every change that must not happen
 */
export async function beforeStreams(
  session: Session,
  request: DeployRequest,
  records: readonly LedgerRecord[],
  { open = openClient, outputs = outputsOfStack }: BeforeTools = {},
): Promise<Record<string, string>> {
  const settings = await settingsOf(request);
  if (settings === "none") return {};
  const standing = await standingStreams(session, records, outputs);
  const wanted = standing && (await wantedStreams(request));
  if (standing === undefined || wanted === undefined) return {};
  const rollout = (name: string): Rollout => {
    if (settings === "unknown") return standing.processors[name]?.rollout ?? "in-place";
    return rolloutOf(wanted.policies.get(name)?.value ?? {}, settings.rollout);
  };
  const connections = await connectionsOf(session, records);
  const back = request.verb === "rollback";
  const { changed, refused, restart } = guard({ standing, connections, wanted, rollout, back });
  if (refused.length > 0) throw guardError(request.stack, refused);
  const { context, workspace, stack } = session;
  if (changed) {
    const client = open(session, standing);
    const key = await takeSnapshot(client, workspace.store, { environment: stack, now: context.now() });
    context.console.debug(`stream processors as they stand: ${key}`);
  }
  if (restart.length === 0) return {};
  context.console.warn(
    `${restart.join(", ")}: changed in place without ${restart.length === 1 ? "its checkpoint" : "their checkpoints"}`,
  );
  return { [restartVariable]: restart.join(",") };
}

/** What tests have of their own. */
export interface BeforeTools {
  open?: OpenClient;
  /** Outputs of the stack as it stands. */
  outputs?: (session: Session) => Promise<Record<string, unknown>>;
}

async function outputsOfStack({ workspace, stack }: Session): Promise<Record<string, unknown>> {
  const ref = { stack, workDir: workspace.root, environment: workspace.environment };
  return readOutputs(await workspace.cli(), ref);
}

/** How processors change by the stack file; a file of another time may be of another form. */
async function settingsOf({ workDir, stack }: DeployRequest) {
  const file = `Pulumi.${stack}.yaml`;
  const text = await readFile(join(workDir, file), "utf8").catch(() => "");
  if (!text.includes("slipway:streams")) return "none";
  try {
    const settings = parseStackFile(text, file);
    return ("streams" in settings ? settings.streams : undefined) ?? "none";
  } catch (error) {
    if (error instanceof SlipwayError) return "unknown";
    throw error;
  }
}

/** What the stack says stands there; nothing where it was never brought up. */
async function standingStreams(
  session: Session,
  records: readonly LedgerRecord[],
  read: Required<BeforeTools>["outputs"],
): Promise<StreamsOutputs | undefined> {
  if (!records.some(({ kind }) => kind === "promoted" || kind === "rolled-back")) return undefined;
  const outputs = await read(session);
  if (!("kind" in outputs)) return undefined;
  const parsed = parseStackOutputs(outputs, session.stack);
  return parsed.kind === "environment" ? parsed.streams : undefined;
}

async function wantedStreams({ workDir }: DeployRequest): Promise<StreamProject | undefined> {
  const folder = await readStreamFolder(join(workDir, streamsFolder)).catch(() => undefined);
  return folder?.project;
}

/** Where the connections of what stands lead: its commit says so. A working tree has left nothing behind. */
async function connectionsOf({ workspace }: Session, records: readonly LedgerRecord[]) {
  const commit = currentRelease(records)?.commit;
  if (commit === undefined) return undefined;
  const folder = await readStreamsOfCommit(workspace.root, commit).catch(() => undefined);
  return folder?.project.connections;
}

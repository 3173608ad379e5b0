import { setTimeout as delay } from "node:timers/promises";
import { fillConnection, type Variables } from "../../../config/streams-variables.ts";
import type { ConnectionDocument } from "../../../streams/engine/files/documents.ts";
import type { Stage } from "../../../streams/engine/files/project.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { AtlasStreams, ConnectionDefinition } from "../atlas/types.ts";
import { waitForState } from "../atlas/wait.ts";
import type { Backup, BackedUpProcessor } from "./backup-document.ts";
import { planRestore, type RestorePlan, type RestoreStep, type There } from "./restore-plan.ts";

export interface RestoreOptions {
  /** Changes what is there and is not as in the backup. */
  replace: boolean;
  /** Where the values of references come from. */
  variables: Variables;
  signal: AbortSignal;
  say(line: string): void;
  timeoutMs: number;
  pollMs?: number;
}

/** Everything of a workspace that a plan looks at. */
export async function readThere(client: AtlasStreams): Promise<There> {
  const workspace = await client.workspace();
  if (workspace === undefined) return { place: client.place, workspace, connections: [], processors: [] };
  const [connections, processors] = await Promise.all([client.connections(), client.processors()]);
  return { place: client.place, workspace, connections, processors };
}

/** References of connections that have to be made, and that nobody says what they are. */
export function missingVariables(backup: Backup, { steps }: RestorePlan, variables: Variables): string[] {
  const names = new Set(
    steps.flatMap((step) => (step.do.endsWith("-connection") && "name" in step ? [step.name] : [])),
  );
  const missing = backup.connections
    .filter(({ name }) => names.has(name))
    .flatMap((copy) => filled(copy, variables).missing);
  return [...new Set(missing)].sort();
}

function filled(copy: Backup["connections"][number], variables: Variables) {
  const { connection, missing } = fillConnection(copy as ConnectionDocument, variables);
  return { definition: connection.value as ConnectionDefinition, missing };
}

/**
 * Takes every step of a plan, then reads everything again: what is not as in the backup then makes it fail. Whatever it got to, running it
 * again goes on from there. @throws SlipwayError before the first step where a reference has no value
 */
export async function restore(
  client: AtlasStreams,
  backup: Backup,
  plan: RestorePlan,
  options: RestoreOptions,
): Promise<There> {
  const missing = missingVariables(backup, plan, options.variables);
  if (missing.length > 0)
    throw new SlipwayError(ExitCode.usage, `Nobody says what these are: ${missing.join(", ")}.`, {
      where: "connections of the backup",
      next: "Set them in the environment: no secret is in a backup.",
    });
  const done: string[] = [];
  for (const step of plan.steps) {
    if (options.signal.aborted) throw stopped(done, "It was cancelled.", ExitCode.cancelled);
    options.say(shownStep(step));
    try {
      await take(client, backup, step, options);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      throw stopped(done, error.message, error.code, error);
    }
    done.push(shownStep(step));
  }
  const there = await readThere(client);
  const left = planRestore(backup, there, { replace: options.replace });
  if (left.steps.length > 0)
    throw new SlipwayError(
      ExitCode.verificationFailed,
      `Atlas is not as the backup says: ${left.steps.map(shownStep).join("; ")}.`,
      {
        where: client.place.workspace,
        changed: done.join("; "),
        next: "Look at it: ./slipway streams status <environment>; then run the same command again.",
      },
    );
  return there;
}

const stopped = (done: readonly string[], message: string, code: ExitCode, cause?: SlipwayError) =>
  new SlipwayError(code, message, {
    ...{ where: cause?.where ?? "restore", changed: done.length === 0 ? "nothing" : done.join("; "), cause },
    next: "Run the same command again: it goes on from here.",
  });

/** A step in words. */
export const shownStep = (step: RestoreStep): string =>
  `${step.do.replace("-", " ")}${"name" in step ? ` ${step.name}` : ""}`;

async function take(client: AtlasStreams, backup: Backup, step: RestoreStep, options: RestoreOptions): Promise<void> {
  switch (step.do) {
    case "create-workspace":
      return client.createWorkspace(backup.workspace);
    case "create-connection":
    case "update-connection": {
      const copy = found(backup.connections, step.name);
      const { definition } = filled(copy, options.variables);
      await (step.do === "create-connection"
        ? client.createConnection(definition)
        : client.updateConnection(step.name, definition));
      return ready(client, step.name, options);
    }
    case "create-processor": {
      const { dlq, tier, failover } = found(backup.processors, step.name);
      const { name, text } = step;
      await client.createProcessor({ name, pipeline: stagesOf(text), text, dlq, tier, failoverEnabled: failover });
      return;
    }
    case "modify-processor": {
      const { pipeline: text, dlq } = found(backup.processors, step.name);
      const resumeFromCheckpoint = step.resume ? undefined : false;
      await client.modifyProcessor(step.name, { pipeline: stagesOf(text), text, dlq, resumeFromCheckpoint });
      return;
    }
    case "start-processor":
      return start(client, found(backup.processors, step.name), options);
    case "stop-processor":
      await client.stopProcessor(step.name);
      await waitForState(client, step.name, ["STOPPED"], options);
  }
}

async function start(client: AtlasStreams, { name, tier, autoscaling }: BackedUpProcessor, options: RestoreOptions) {
  await client.startProcessor(name, { tier, autoscaling });
  await waitForState(client, name, ["STARTED"], options);
}

const stagesOf = (text: string) => JSON.parse(text) as Stage[];

function found<T extends { name: string }>(all: readonly T[], name: string): T {
  const one = all.find((each) => each.name === name);
  if (one === undefined) throw new Error(`${name} is in the plan and not in the backup`);
  return one;
}

/** A connection can be used once it is READY; where Atlas names no state it is. */
async function ready(
  client: AtlasStreams,
  name: string,
  { timeoutMs, pollMs = 2000, signal }: RestoreOptions,
): Promise<void> {
  for (const started = performance.now(); ;) {
    const connection = (await client.connections()).find((one) => one.name === name);
    const state = connection?.state ?? "READY";
    if (state === "READY") return;
    if (state === "FAILED" || performance.now() - started > timeoutMs)
      throw new SlipwayError(
        state === "FAILED" ? ExitCode.resourceFailed : ExitCode.timeout,
        `The connection ${name} is ${state}.`,
        {
          where: `connection ${name}`,
          next: "Correct what it says of the other side, then run the same command again.",
        },
      );
    await delay(pollMs, undefined, { signal });
  }
}

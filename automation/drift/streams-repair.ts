import type { ProcessorOutput, StreamsOutputs } from "../../config/streams-outputs.ts";
import { isLossy } from "../../streams/engine/diff/upgrade.ts";
import type { Stage } from "../../streams/engine/files/project.ts";
import { member } from "../../streams/engine/lint/subject.ts";
import { versionName } from "../deploy/streams/names.ts";
import { firstPosition, groupFor, placedAt, sourceOf } from "../deploy/streams/position.ts";
import type { AtlasProcessor, AtlasStreams } from "../streams/atlas/types.ts";
import { waitForState } from "../streams/atlas/wait.ts";
import { wayBackTo } from "../streams/custody/way-back.ts";
import { definitionDifferences } from "./streams-findings.ts";

export interface StreamRepair {
  signal: AbortSignal;
  say(line: string): void;
  timeoutMs?: number;
  pollMs?: number;
}

const patience = 600_000;

/**
 * Puts back what somebody changed in a version that the driver handed over. It is left stopped where it ran: the deployment that follows
 * starts what shall run, and makes what is missing. What nobody declared is nobody's to delete.
 */
export async function repairDefinitions(
  client: AtlasStreams,
  { processors }: Pick<StreamsOutputs, "processors">,
  { say, signal, timeoutMs = patience, pollMs }: StreamRepair,
): Promise<string[]> {
  const repaired: string[] = [];
  for (const [name, output] of Object.entries(processors)) {
    if (output.rollout === "in-place") continue;
    const now = await client.processor(versionName(name, output.digest));
    if (now === undefined || !differs(output, now)) continue;
    const { text, lossy } = wayBack(name, output, now, client.place.workspace);
    if (now.state === "STARTED" || now.state === "PROVISIONING") {
      await client.stopProcessor(now.name);
      const wait = { timeoutMs, signal, say, ...(pollMs === undefined ? {} : { pollMs }) };
      await waitForState(client, now.name, ["STOPPED", "FAILED"], wait);
    }
    say(
      `${now.name}: its definition is put back${lossy === undefined ? ", from its checkpoint" : `; its state is lost: ${lossy}`}`,
    );
    const resumeFromCheckpoint = lossy === undefined ? undefined : false;
    await client.modifyProcessor(now.name, {
      ...{ pipeline: JSON.parse(text) as Stage[], text, dlq: output.dlq, resumeFromCheckpoint },
    });
    repaired.push(now.name);
  }
  return repaired;
}

function differs(output: ProcessorOutput, now: AtlasProcessor): boolean {
  const queue = ({ dlq }: Pick<ProcessorOutput, "dlq">) => dlq && [dlq.connectionName, dlq.db, dlq.coll].join();
  return definitionDifferences(output, now).length > 0 || queue(output) !== queue({ dlq: now.dlq });
}

/** The pipeline as it was made: a handover wrote into its source where to begin, and Atlas refuses any other source from a checkpoint. */
function wayBack(name: string, output: ProcessorOutput, now: AtlasProcessor, workspace: string) {
  const token = member(sourceOf(now.text), "config", "startAfter");
  const position = token === undefined ? firstPosition : ({ kind: "resume-token", token } as const);
  const text = placedAt(output.pipeline, position, groupFor(workspace, name));
  const diff = wayBackTo({ name, pipeline: text, dlq: output.dlq }, now);
  const lossy = diff?.reasons.filter((reason) => isLossy(reason.class)).map(({ message }) => message) ?? [];
  return { text, lossy: lossy.length === 0 ? undefined : lossy.join("; ") };
}

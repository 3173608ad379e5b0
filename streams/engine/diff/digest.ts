import { createHash } from "node:crypto";
import type { DeadLetterQueue } from "../files/documents.ts";
import type { Processor, StreamProject } from "../files/project.ts";
import { member } from "../lint/subject.ts";

/** What a pipeline is known by: the digest of its compact JSON, keys in the order in which they were written. */
export const pipelineDigest = (pipelineText: string) =>
  `sha256:${createHash("sha256").update(pipelineText).digest("hex")}`;

/**
 * What the whole definition of a processor is known by: its pipeline and where it puts what it cannot process. What Atlas gives back has
 * the same digest if its pipeline is read as compact JSON in its own order (`JsonDocument.source`); the order of a queue's keys is none.
 */
export function definitionDigest({
  pipelineText,
  dlq,
}: {
  pipelineText: string;
  dlq?: DeadLetterQueue | undefined;
}): string {
  const queue = dlq === undefined ? "" : JSON.stringify([dlq.connectionName, dlq.db, dlq.coll]);
  return pipelineDigest(`${pipelineText}\n${queue}`);
}

/** What says where a connection leads to. Credentials and timeouts may change, and a checkpoint stays what it is. */
const destination = ["type", "clusterName", "clusterProjectId", "bootstrapServers"];

/** Where the source of a processor leads to, as one text; undefined where its connection is not declared. */
export function sourceConnection(
  { connections }: Pick<StreamProject, "connections">,
  { pipeline }: Processor,
): string | undefined {
  const name = member(pipeline[0], "$source", "connectionName");
  const connection = connections.find(({ value }) => value.name === name)?.value;
  return connection && JSON.stringify(destination.map((key) => connection[key] ?? null));
}

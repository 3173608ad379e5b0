import type * as mongodbatlas from "@pulumi/mongodbatlas";
import type * as pulumi from "@pulumi/pulumi";
import { type Removal, protectionOf } from "../shared/protection.ts";
import type { ProcessorSpec } from "./definition.ts";

/** A new processor that is not up by then never will be; Atlas' own patience is three hours. */
const createTimeout = "30m";

/**
 * A processor as the provider takes it. State and tier are always said: what is left out, the provider takes from what it finds, and
 * a FAILED processor would stay so.
 */
export function processorArgs(
  name: string,
  { pipeline, state, tier, failover, ...spec }: ProcessorSpec,
  { projectId, workspaceName, restart }: Surroundings,
): mongodbatlas.StreamProcessorArgs {
  const options = optionsOf(spec, restart);
  return {
    projectId,
    workspaceName,
    processorName: name,
    // As it was written: the order of keys decides what stages do, and any reading and writing would move keys such as "1" first.
    pipeline,
    state,
    ...(tier !== undefined && { tier }),
    ...(failover && { failoverEnabled: true }),
    ...(options !== undefined && { options }),
    timeouts: { create: createTimeout },
  };
}

interface Surroundings {
  projectId: string;
  workspaceName: pulumi.Input<string>;
  /** Whether it starts without its checkpoint, this once. */
  restart: boolean;
}

/** The provider refuses options that say nothing. A checkpoint is only ever given up where this deployment says so: left in, it would be on each. */
function optionsOf(
  { dlq, autoscaling }: Pick<ProcessorSpec, "dlq" | "autoscaling">,
  restart: boolean,
): mongodbatlas.types.input.StreamProcessorOptions | undefined {
  if (dlq === undefined && autoscaling === undefined && !restart) return undefined;
  return {
    ...(dlq !== undefined && { dlq }),
    ...(autoscaling !== undefined && { autoscaling }),
    ...(restart && { resumeFromCheckpoint: false }),
  };
}

/**
 * Options of a processor. Its three names are its identity, which the provider would try to change in place, and fail; figures of what
 * runs are no settings; and deleting one destroys its checkpoint.
 */
export function processorOptions(removal: Removal): pulumi.CustomResourceOptions {
  return {
    replaceOnChanges: ["processorName", "workspaceName", "projectId"],
    ignoreChanges: ["stats", "effectiveTier"],
    ...protectionOf("data", removal),
  };
}

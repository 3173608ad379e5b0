import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { connectionArgs, connectionOptions } from "./connection-args.ts";
import type { ProcessorSpec, WorkspaceSpec } from "./definition.ts";
import { processorArgs, processorOptions } from "./processor-args.ts";

export interface StreamsWorkspaceArgs {
  spec: WorkspaceSpec;
  /** Processors that Pulumi itself keeps, by name. */
  processors: Readonly<Record<string, ProcessorSpec>>;
  /** Names of those that start without their checkpoints, this once. */
  restart: readonly string[];
  removal: Removal;
}

/** A workspace of Atlas Stream Processing with its connections, and the processors that are changed in place. */
export class StreamsWorkspace extends SlipwayComponent {
  readonly workspaceName: pulumi.Output<string>;
  /** Names of connections, once they are there. */
  readonly connections: pulumi.Output<string[]>;

  constructor(name: string, args: StreamsWorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("StreamsWorkspace", name, opts);
    const { spec, processors, restart, removal } = args;
    const { projectId } = spec;
    const workspace = this.addWorkspace(name, spec, removal);
    const { workspaceName } = workspace;
    const connections = spec.connections.map(
      (connection) =>
        new mongodbatlas.StreamConnection(
          `${name}-connection-${connection.value.name}`,
          connectionArgs(connection, { projectId, workspaceName }),
          childOf(this, connectionOptions(connection)),
        ),
    );
    for (const [processor, plan] of Object.entries(processors)) {
      new mongodbatlas.StreamProcessor(
        `${name}-processor-${processor}`,
        processorArgs(processor, plan, { projectId, workspaceName, restart: restart.includes(processor) }),
        // Atlas refuses a processor whose connections are not there yet.
        childOf(this, { ...processorOptions(removal), dependsOn: connections }),
      );
    }
    this.workspaceName = workspaceName;
    this.connections = pulumi.all(connections.map(({ connectionName }) => connectionName));
    this.registerOutputs({ workspaceName, connections: this.connections });
  }

  private addWorkspace(name: string, spec: WorkspaceSpec, removal: Removal): mongodbatlas.StreamWorkspace {
    const { projectId, workspace: workspaceName, provider, region, failoverRegions, tier, maxTier } = spec;
    return new mongodbatlas.StreamWorkspace(
      `${name}-workspace`,
      {
        projectId,
        workspaceName,
        dataProcessRegion: { cloudProvider: provider, region },
        // Both, always: an update that leaves one out takes it away.
        streamConfig: { tier, maxTierSize: maxTier },
        ...(failoverRegions.length > 0 && {
          failoverRegions: failoverRegions.map((place) => ({ cloudProvider: place.provider, region: place.region })),
        }),
      },
      // A project has one workspace of a name, and with it all processors and their checkpoints go.
      childOf(this, { deleteBeforeReplace: true, ...protectionOf("data", removal) }),
    );
  }
}

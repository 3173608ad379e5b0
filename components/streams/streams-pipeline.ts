import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Removal } from "../shared/protection.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { StreamAlerts } from "./alerts.ts";
import type { AlertLimits, ProcessorSpec, WorkspaceSpec } from "./definition.ts";
import { type StreamProcessorCheck, type StreamsOutputs, streamChecks } from "./streams-outputs.ts";
import { StreamsWorkspace } from "./workspace.ts";

export interface StreamsPipelineArgs<P extends ProcessorSpec = ProcessorSpec> extends WorkspaceSpec {
  /** Every processor of the environment, by name. */
  processors: Readonly<Record<string, P>>;
  /** Names of those that start without their checkpoints, this once. */
  restart: readonly string[];
  /** Workspaces of branches, and whether processors run there. */
  features: readonly FeatureSpec[];
  alerts: AlertLimits;
  removal: Removal;
}

export interface FeatureSpec {
  workspace: string;
  start: boolean;
}

/** Problems of the arguments, one line each. */
export function validateStreams({ workspace, features, processors, removal }: StreamsPipelineArgs): string[] {
  const names = features.map((feature) => feature.workspace);
  const twice = names.filter((name, at) => name === workspace || names.indexOf(name) !== at);
  const unknown = Object.entries(processors).filter(([, { tier, autoscaling }]) => (tier ?? autoscaling) === undefined);
  return [
    ...twice.map((name) =>
      problem("features", name, "names that differ from one another and from the workspace", "Rename the branch."),
    ),
    ...(removal === "retain" && features.length > 0
      ? [problem("features", names, "none where data is retained", "They come and go.")]
      : []),
    ...unknown.map(([name]) => problem(`processors.${name}`, {}, "a tier or bounds", "Say which.")),
  ];
}

/**
 * Stream processing of one environment in Atlas: workspace, connections, alerts, and the processors that are changed in place. Those that
 * are handed over from version to version are outputs: the driver makes them, compares them and takes the old ones away.
 */
export class StreamsPipeline<P extends ProcessorSpec = ProcessorSpec> extends SlipwayComponent {
  readonly streams: pulumi.Output<StreamsOutputs<P>>;
  readonly checks: StreamProcessorCheck[];
  /** Names of all processors, whoever makes them. */
  readonly processors: readonly string[];

  constructor(name: string, args: StreamsPipelineArgs<P>, opts?: pulumi.ComponentResourceOptions) {
    super("StreamsPipeline", name, opts);
    assertValid(this, name, validateStreams(args));
    const { processors, restart, features, alerts, removal, ...spec } = args;
    const kept = Object.fromEntries(Object.entries(processors).filter(([, { rollout }]) => rollout === "in-place"));
    const workspace = new StreamsWorkspace(name, { spec, processors: kept, restart, removal }, childOf(this));
    for (const feature of features) this.addFeature(name, feature, args);
    new StreamAlerts(
      `${name}-alerts`,
      {
        projectId: spec.projectId,
        workspaceName: workspace.workspaceName,
        limits: alerts,
        processors,
        connections: spec.connections,
      },
      childOf(this),
    );
    const { projectId, workspace: workspaceName, provider, region, tier, maxTier } = spec;
    this.streams = workspace.connections.apply((connections) => ({
      ...{ projectId, workspace: workspaceName, provider, region, tier, maxTier, connections },
      processors: { ...processors },
    }));
    this.checks = streamChecks(spec, processors);
    this.processors = Object.keys(processors);
    this.registerOutputs({ streams: this.streams, checks: this.checks });
  }

  /** The same processors for a branch, each changed in place: they go with everything that is in the workspace. */
  private addFeature(
    name: string,
    feature: FeatureSpec,
    { processors, connections, ...spec }: StreamsPipelineArgs,
  ): void {
    const { projectId, provider, region, tier, maxTier } = spec;
    const state = (plan: ProcessorSpec) => (feature.start ? plan.state : "CREATED");
    const own = Object.entries(processors).map(
      ([key, plan]) => [key, { ...plan, state: state(plan), failover: false }] as const,
    );
    const { workspace } = feature;
    new StreamsWorkspace(
      `${name}-${workspace}`,
      {
        spec: { projectId, provider, region, tier, maxTier, workspace, failoverRegions: [], connections },
        processors: Object.fromEntries(own),
        restart: [],
        removal: "destroy",
      },
      childOf(this),
    );
  }
}

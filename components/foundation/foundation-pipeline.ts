import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { EncryptionKey, usedByLogs } from "../shared/encryption-key.ts";
import { clusterName, partitionOf } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";
import { Cluster, type ClusterArgs } from "./cluster.ts";
import { Network, type NatStrategy } from "./network.ts";

export interface FoundationPipelineArgs {
  environment: string;
  account: string;
  region: string;
  network: { cidr: string; azCount: number; nat: NatStrategy; interfaceEndpoints: readonly string[] };
  cluster: Pick<
    ClusterArgs,
    "version" | "endpoint" | "administrators" | "logTypes" | "deletionProtection" | "nodes"
  > & {
    clientRoleArn?: string | undefined;
  };
  logRetentionDays: number;
  keyDeletionDays: number;
  removal: Removal;
}

/** The ground every workload stands on: key, network and cluster of one environment. */
export class FoundationPipeline extends SlipwayComponent {
  readonly network: Network;
  readonly cluster: Cluster;
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: FoundationPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("FoundationPipeline", name, opts);
    const { environment, account, region, removal, logRetentionDays } = args;
    const key = new EncryptionKey(
      `${name}-platform`,
      {
        environment,
        account,
        region,
        purpose: "platform",
        statements: [usedByLogs(account, region, partitionOf(region))],
        deletionDays: args.keyDeletionDays,
        removal,
      },
      childOf(this),
    );
    this.network = new Network(
      "network",
      { environment, account, region, ...args.network, keyArn: key.arn, logRetentionDays, removal },
      childOf(this),
    );
    const { clientRoleArn, ...cluster } = args.cluster;
    this.cluster = new Cluster(
      "cluster",
      {
        ...cluster,
        ...(clientRoleArn !== undefined && { clientRoleArn }),
        clusterName: clusterName(environment),
        account,
        region,
        vpcId: this.network.vpcId,
        privateSubnetIds: this.network.privateSubnetIds,
        publicSubnetIds: this.network.publicSubnetIds,
        keyArn: key.arn,
        logRetentionDays,
        removal,
      },
      childOf(this),
    );
    this.keyArn = key.arn;
    this.registerOutputs({ vpcId: this.network.vpcId, clusterName: this.cluster.name });
  }
}

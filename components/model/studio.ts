import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../data/roles.ts";
import { arnOf } from "../data/state-machine/names.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import { encryptDisks, joinNetwork, listObjects, readObjects, readWithKey } from "./grants.ts";
import type { ModelNetwork, ModelScope } from "./model-scope.ts";
import { modelResource, modelRoleName, packageArns, registryPrefix, trainingPipelineName } from "./names.ts";

export interface StudioArgs {
  scope: ModelScope;
  users: readonly string[];
  vpcId: pulumi.Input<string>;
  network: ModelNetwork;
}

/** All that people in Studio may do: look at runs and models, and start the pipeline. What serves is decided elsewhere. */
export function studioStatements(scope: ModelScope): Statement[] {
  const packages = packageArns(scope);
  const pipeline = arnOf(scope, "sagemaker", `pipeline/${trainingPipelineName(scope)}`);
  return [
    {
      sid: "RunPipeline",
      actions: [
        "sagemaker:DescribePipeline",
        "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutions",
        "sagemaker:ListPipelineExecutionSteps",
        "sagemaker:ListPipelineParametersForExecution",
        "sagemaker:StartPipelineExecution",
        "sagemaker:StopPipelineExecution",
      ],
      resources: [pipeline, `${pipeline}/execution/*`],
    },
    {
      sid: "SeeModels",
      actions: ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"],
      resources: [packages.group, packages.packages],
    },
    readObjects(scope, "ReadRuns", ["runs/*", `${registryPrefix}/*`]),
    listObjects(scope, ["runs/*", `${registryPrefix}/*`]),
    readWithKey(scope),
    ...encryptDisks(scope),
    ...joinNetwork(scope),
  ];
}

/** A Studio domain that is in the environment's private subnets alone, and its people. */
export class Studio extends SlipwayComponent {
  readonly domainId: pulumi.Output<string>;

  constructor(name: string, args: StudioArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Studio", name, opts);
    const { scope, network, users } = args;
    const { role, policy } = serviceRole(this, name, {
      service: "sagemaker.amazonaws.com",
      account: scope.account,
      statements: studioStatements(scope),
      roleName: modelRoleName(scope, "studio"),
    });
    const domain = new aws.sagemaker.Domain(
      `${name}-domain`,
      {
        domainName: modelResource(scope, "studio"),
        authMode: "IAM",
        appNetworkAccessType: "VpcOnly",
        vpcId: args.vpcId,
        subnetIds: network.subnets,
        kmsKeyId: scope.keyArn,
        defaultUserSettings: { executionRole: role.arn, securityGroups: network.securityGroups },
        // What people keep there goes with the domain only when somebody says so.
        retentionPolicy: { homeEfsFileSystem: "Retain" },
      },
      childOf(this, { dependsOn: [policy] }),
    );
    for (const user of users) {
      new aws.sagemaker.UserProfile(`${name}-${user}`, { domainId: domain.id, userProfileName: user }, childOf(this));
    }
    this.domainId = domain.id;
    this.registerOutputs({ domainId: this.domainId });
  }
}

import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../data/roles.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import { listObjects, readObjects, useKey, writeObjects } from "./grants.ts";
import type { ModelScope } from "./model-scope.ts";
import { modelBucket, modelRoleName, trackingServerName } from "./names.ts";

export interface TrackingArgs {
  scope: ModelScope;
  size: "Small" | "Medium" | "Large";
}

/** Folder of what runs leave behind. */
const folder = "mlflow";

/** All that the server may do: keep what runs leave behind, in its folder. */
export function trackingStatements(scope: ModelScope): Statement[] {
  return [
    readObjects(scope, "ReadArtifacts", [`${folder}/*`]),
    writeObjects(scope, "WriteArtifacts", [`${folder}/*`]),
    listObjects(scope, [`${folder}/*`]),
    useKey(scope),
  ];
}

/** A server of MLflow, which costs as long as it is there: trainings report to it, people compare them. */
export class Tracking extends SlipwayComponent {
  /** What MLflow calls the server. */
  readonly uri: pulumi.Output<string>;

  constructor(name: string, args: TrackingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Tracking", name, opts);
    const { scope, size } = args;
    const { role, policy } = serviceRole(this, name, {
      service: "sagemaker.amazonaws.com",
      account: scope.account,
      statements: trackingStatements(scope),
      roleName: modelRoleName(scope, "tracking"),
    });
    const server = new aws.sagemaker.MlflowTrackingServer(
      `${name}-server`,
      {
        trackingServerName: trackingServerName(scope),
        artifactStoreUri: `s3://${modelBucket(scope, "model")}/${folder}`,
        roleArn: role.arn,
        trackingServerSize: size,
        // Models are registered by the pipeline, which looks at their threshold first.
        automaticModelRegistration: false,
      },
      childOf(this, { dependsOn: [policy] }),
    );
    this.uri = server.arn;
    this.registerOutputs({ uri: this.uri });
  }
}

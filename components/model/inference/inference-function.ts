import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { functionPlatform } from "../../data/data-function.ts";
import { serviceRole } from "../../data/roles.ts";
import { SlipwayComponent, childOf } from "../../shared/component.ts";
import type { Statement } from "../../shared/iam.ts";
import { logGroup } from "../../shared/log-group.ts";
import type { Removal } from "../../shared/protection.ts";
import { type Transform, transform } from "../../shared/transform.ts";
import {
  type InferenceFunctionName,
  type InferenceScope,
  inferenceFunctionName,
  inferenceLogGroup,
} from "./inference-scope.ts";

/** Code that is in a bucket once `bucket` and `key` are known. */
export interface FunctionCode {
  bucket: pulumi.Input<string>;
  key: pulumi.Input<string>;
  /** Base64 of its digest, as Lambda compares code. */
  hash: string;
}

export interface InferenceFunctionArgs {
  scope: InferenceScope;
  function: InferenceFunctionName;
  description: string;
  code: FunctionCode;
  /** Layers that the code imports from. */
  layerArns: readonly pulumi.Input<string>[];
  memoryMb: number;
  timeoutSeconds: number;
  variables: Record<string, pulumi.Input<string>>;
  statements: readonly Statement[];
  logRetentionDays: number;
  removal: Removal;
  transform?: { function?: Transform<aws.lambda.FunctionArgs> };
}

/** One function, every change of it a version of its own, with a role and a log group of its own. */
export class InferenceFunction extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** The version that the last change of it has become. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: InferenceFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("InferenceFunction", name, opts);
    const { scope, code, logRetentionDays: retentionDays, removal } = args;
    const group = inferenceLogGroup(scope, args.function);
    const logs = logGroup(`${name}-logs`, { name: group, keyArn: scope.keyArn, retentionDays, removal }, this);
    const { role, policy } = serviceRole(this, name, {
      service: "lambda.amazonaws.com",
      account: scope.account,
      statements: args.statements,
    });
    const made = new aws.lambda.Function(
      ...transform(
        args.transform?.function,
        `${name}-function`,
        {
          name: inferenceFunctionName(scope, args.function),
          description: args.description,
          runtime: functionPlatform.runtime,
          architectures: [functionPlatform.architecture],
          handler: "handler.handler",
          s3Bucket: code.bucket,
          s3Key: code.key,
          sourceCodeHash: code.hash,
          layers: [...args.layerArns],
          role: role.arn,
          memorySize: args.memoryMb,
          timeout: args.timeoutSeconds,
          environment: { variables: args.variables },
          loggingConfig: { logFormat: "JSON", logGroup: group },
          tracingConfig: { mode: "Active" },
          publish: true,
        },
        // Lambda makes the group itself, in clear and kept for ever; a version that answers before its role may read fails.
        childOf(this, { dependsOn: [logs, policy] }),
      ),
    );
    this.name = made.name;
    this.arn = made.arn;
    this.version = made.version;
    this.registerOutputs({ name: this.name, arn: this.arn, version: this.version });
  }
}

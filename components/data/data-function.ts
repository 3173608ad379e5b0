import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { logGroup } from "../shared/log-group.ts";
import type { Removal } from "../shared/protection.ts";
import { type Transform, transform } from "../shared/transform.ts";
import type { CodeObject } from "./code.ts";
import { type TableFormat, functionDefinitions, functionStatements, functionVariables } from "./functions.ts";
import { type LakeScope, runnableLogGroup, runnableName } from "./lake-scope.ts";
import { serviceRole } from "./roles.ts";
import type { PipelineFunction } from "./state-machine/pipeline-definition.ts";

export interface DataFunctionArgs {
  scope: LakeScope;
  /** Which of the pipeline's functions this is. */
  function: PipelineFunction;
  code: CodeObject;
  layerArn: pulumi.Input<string>;
  /** Where events go that the function failed on when nobody waited for its answer. */
  deadLetterArn: pulumi.Input<string>;
  tableFormat: TableFormat;
  logRetentionDays: number;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { function?: Transform<aws.lambda.FunctionArgs> };
}

/** What the code of every function of the pipeline runs on. */
export const functionPlatform = { runtime: "python3.13", architecture: "arm64" } as const;

/** One function over the shared layer, with a role and a log group of its own. */
export class DataFunction extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: DataFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("DataFunction", name, opts);
    const { scope, code, removal = "retain" } = args;
    const { description, memoryMb, timeoutSeconds } = functionDefinitions[args.function];
    const group = runnableLogGroup(scope, args.function);
    const logs = logGroup(
      `${name}-logs`,
      { name: group, keyArn: scope.keyArn, retentionDays: args.logRetentionDays, removal },
      this,
    );
    const { role, policy } = serviceRole(this, name, {
      service: "lambda.amazonaws.com",
      account: scope.account,
      statements: functionStatements(scope, args.function),
    });
    const made = new aws.lambda.Function(
      ...transform(
        args.transform?.function,
        `${name}-function`,
        {
          name: runnableName(scope, args.function),
          description,
          runtime: functionPlatform.runtime,
          architectures: [functionPlatform.architecture],
          handler: "handler.handler",
          s3Bucket: code.bucket,
          s3Key: code.key,
          sourceCodeHash: code.hash,
          layers: [args.layerArn],
          role: role.arn,
          memorySize: memoryMb,
          timeout: timeoutSeconds,
          environment: { variables: functionVariables(scope, args.tableFormat) },
          loggingConfig: { logFormat: "JSON", logGroup: group },
          tracingConfig: { mode: "Active" },
          deadLetterConfig: { targetArn: args.deadLetterArn },
          publish: true,
        },
        // Lambda makes the group itself, in clear and kept for ever, and refuses a queue that the role cannot reach yet.
        childOf(this, { dependsOn: [logs, policy] }),
      ),
    );
    this.name = made.name;
    this.arn = made.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}

import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { CodeObject } from "../data/code.ts";
import { functionPlatform } from "../data/data-function.ts";
import { serviceRole } from "../data/roles.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { logGroup } from "../shared/log-group.ts";
import type { Removal } from "../shared/protection.ts";
import { functionStatements } from "./function-statements.ts";
import { type FunctionContext, functionVariables } from "./function-variables.ts";
import type { CodedLayer } from "./model-code.ts";
import { type ModelFunctionName, modelFunction, modelFunctionLogGroup, modelResource } from "./names.ts";

export interface ModelFunctionsArgs extends FunctionContext {
  code: Readonly<Record<ModelFunctionName, CodeObject>>;
  layers: Readonly<Record<CodedLayer, CodeObject>>;
  /** Where events go that a function failed on when nobody waited for its answer. */
  deadLetterArn: pulumi.Input<string>;
  logRetentionDays: number;
  removal: Removal;
}

interface Definition {
  description: string;
  memoryMb: number;
  timeoutSeconds: number;
  layers: readonly CodedLayer[];
}

const definitions: Readonly<Record<ModelFunctionName, Definition>> = {
  training_handler: {
    description: "Starts training on what the lake published last",
    memoryMb: 512,
    timeoutSeconds: 120,
    layers: ["modelkit", "lakehouse"],
  },
  deploy_endpoint: {
    description: "Keeps the registry's mirror and the endpoint in step with what is approved",
    memoryMb: 512,
    timeoutSeconds: 600,
    layers: ["modelkit"],
  },
};

/** Names of layers; the data pipeline has one called lakehouse as well. */
const layerNames: Readonly<Record<CodedLayer, string>> = { modelkit: "modelkit", lakehouse: "model-lakehouse" };

export interface MadeFunction {
  name: pulumi.Output<string>;
  arn: pulumi.Output<string>;
}

/** What starts training and what deploys its outcome, over layers that the inference API shares. */
export class ModelFunctions extends SlipwayComponent {
  readonly functions: Readonly<Record<ModelFunctionName, MadeFunction>>;
  /** ARNs of the layers, each of one version. */
  readonly layers: Readonly<Record<CodedLayer, pulumi.Output<string>>>;

  constructor(name: string, args: ModelFunctionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelFunctions", name, opts);
    this.layers = {
      modelkit: this.addLayer(name, "modelkit", args),
      lakehouse: this.addLayer(name, "lakehouse", args),
    };
    this.functions = {
      training_handler: this.addFunction(name, "training_handler", args),
      deploy_endpoint: this.addFunction(name, "deploy_endpoint", args),
    };
    this.registerOutputs({});
  }

  private addLayer(name: string, layer: CodedLayer, { scope, layers }: ModelFunctionsArgs): pulumi.Output<string> {
    const { bucket, key, hash } = layers[layer];
    const made = new aws.lambda.LayerVersion(
      `${name}-${layer}`,
      {
        layerName: modelResource(scope, layerNames[layer]),
        description: `The package ${layer}, which functions of the model pipeline share`,
        s3Bucket: bucket,
        s3Key: key,
        sourceCodeHash: hash,
        compatibleRuntimes: [functionPlatform.runtime],
        compatibleArchitectures: [functionPlatform.architecture],
      },
      childOf(this),
    );
    return made.arn;
  }

  private addFunction(name: string, key: ModelFunctionName, args: ModelFunctionsArgs): MadeFunction {
    const { scope, settings, code, removal, logRetentionDays: retentionDays } = args;
    const { description, memoryMb, timeoutSeconds, layers } = definitions[key];
    const resource = `${name}-${key.replaceAll("_", "-")}`;
    const group = modelFunctionLogGroup(scope, key);
    const logs = logGroup(`${resource}-logs`, { name: group, keyArn: scope.keyArn, retentionDays, removal }, this);
    const { role, policy } = serviceRole(this, resource, {
      service: "lambda.amazonaws.com",
      account: scope.account,
      statements: functionStatements(scope, key, settings),
    });
    return new aws.lambda.Function(
      `${resource}-function`,
      {
        name: modelFunction(scope, key),
        description,
        runtime: functionPlatform.runtime,
        architectures: [functionPlatform.architecture],
        handler: "handler.handler",
        s3Bucket: code[key].bucket,
        s3Key: code[key].key,
        sourceCodeHash: code[key].hash,
        layers: layers.map((layer) => this.layers[layer]),
        role: role.arn,
        memorySize: memoryMb,
        timeout: timeoutSeconds,
        environment: { variables: functionVariables(key, args) },
        loggingConfig: { logFormat: "JSON", logGroup: group },
        tracingConfig: { mode: "Active" },
        deadLetterConfig: { targetArn: args.deadLetterArn },
        publish: true,
      },
      // Lambda makes the group itself, in clear and kept for ever, and refuses a queue that the role cannot reach yet.
      childOf(this, { dependsOn: [logs, policy] }),
    );
  }
}

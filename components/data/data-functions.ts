import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type CodeObject, codeOf } from "./code.ts";
import { DataFunction, type DataFunctionArgs, functionPlatform } from "./data-function.ts";
import { deadLetters } from "./dead-letters.ts";
import { deadLetterQueue } from "./lake-scope.ts";
import { dataName } from "./state-machine/names.ts";
import type { PipelineFunction } from "./state-machine/pipeline-definition.ts";

export interface DataFunctionsArgs extends Omit<DataFunctionArgs, "function" | "code" | "layerArn" | "deadLetterArn"> {
  /** Code by the name of the function. */
  code: Readonly<Record<string, CodeObject>>;
  /** Code that all functions share. */
  layer: CodeObject;
}

/** The pipeline's functions over one shared layer. */
export class DataFunctions extends SlipwayComponent {
  readonly functions: Readonly<Record<PipelineFunction, DataFunction>>;
  /** Name of the queue of events that functions failed on. */
  readonly deadLetterQueue: pulumi.Output<string>;

  constructor(name: string, args: DataFunctionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("DataFunctions", name, opts);
    const { scope, layer, code, ...common } = args;
    const queue = deadLetters(this, name, { name: deadLetterQueue(scope), keyArn: scope.keyArn });
    const library = new aws.lambda.LayerVersion(
      `${name}-library`,
      {
        layerName: dataName(scope.environment, "lakehouse"),
        description: "The lakehouse package, which functions and jobs share",
        s3Bucket: layer.bucket,
        s3Key: layer.key,
        sourceCodeHash: layer.hash,
        compatibleRuntimes: [functionPlatform.runtime],
        compatibleArchitectures: [functionPlatform.architecture],
      },
      childOf(this),
    );
    const shared = { ...common, scope, layerArn: library.arn, deadLetterArn: queue.arn };
    const add = (key: PipelineFunction) =>
      new DataFunction(
        `${name}-${key.replaceAll("_", "-")}`,
        { ...shared, function: key, code: codeOf(code, key) },
        childOf(this),
      );
    this.functions = {
      validate: add("validate"),
      catalog: add("catalog"),
      quality_gate: add("quality_gate"),
      publish: add("publish"),
      quarantine: add("quarantine"),
    };
    this.deadLetterQueue = queue.name;
    this.registerOutputs({ deadLetterQueue: this.deadLetterQueue });
  }
}

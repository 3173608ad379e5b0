import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { modelPipeline } from "../../model/pipeline/housing.ts";
import { renderDefinition } from "../../model/pipeline/render.ts";
import type { PipelineSettings } from "../../model/pipeline/settings.ts";
import type { Json } from "../../model/pipeline/types.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { logGroup } from "../shared/log-group.ts";
import { policyDocument } from "../shared/iam.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import type { ModelArtifacts } from "./model-code.ts";
import type { ModelNetwork, ModelScope } from "./model-scope.ts";
import type { ModelSettings } from "./model-settings.ts";
import { jobLogGroups, modelBucket, modelName, modelRoleArn, packageGroupName, trainingPipelineName } from "./names.ts";
import { groupStatements } from "./promotion-statements.ts";

export interface TrainingArgs {
  scope: ModelScope;
  settings: ModelSettings;
  artifacts: Pick<ModelArtifacts, "code" | "images">;
  /** Absent, jobs are in no network of the environment. */
  network?: ModelNetwork | undefined;
  /** ARN of the server that trainings report to. */
  trackingUri?: pulumi.Input<string> | undefined;
  logRetentionDays: number;
  removal: Removal;
}

/** Instances that a registered model may be served by: whatever the endpoint has now, and what it is likely to have next. */
function servingTypes({ endpoint }: ModelSettings): string[] {
  const usual = ["ml.t2.medium", "ml.m5.large", "ml.m5.xlarge", "ml.c5.large", "ml.c5.xlarge"];
  return [...new Set([...(endpoint.kind === "instances" ? [endpoint.instanceType] : []), ...usual])];
}

/** What decides the pipeline, but for what only the cloud knows. */
export function pipelineSettings(
  scope: ModelScope,
  settings: ModelSettings,
  { code, images }: TrainingArgs["artifacts"],
): PipelineSettings {
  const { tuning, cacheDays, approval, metric, threshold, hyperparameters, compute } = settings;
  const role = (name: "preprocess" | "train" | "evaluate") => modelRoleArn(scope, name);
  return {
    bucket: modelBucket(scope, "model"),
    codeDigest: code.digest,
    images,
    roles: { preprocess: role("preprocess"), train: role("train"), evaluate: role("evaluate") },
    packageGroup: packageGroupName(scope),
    ...{ approval, metric, threshold, hyperparameters, compute },
    ...(tuning !== undefined && { tuning }),
    ...(cacheDays !== undefined && { cacheDays }),
    servingInstanceTypes: servingTypes(settings),
    surroundings: { isolated: true },
  };
}

/** The definition as JSON, once keys and networks are known. */
export function pipelineDefinition(args: TrainingArgs): pulumi.Output<string> {
  const { scope, settings, artifacts, network, trackingUri } = args;
  const plain = pipelineSettings(scope, settings, artifacts);
  return pulumi.all([scope.keyArn, pulumi.output(network), pulumi.output(trackingUri)]).apply(([keyArn, known, uri]) =>
    JSON.stringify(
      renderDefinition(
        modelPipeline({
          ...plain,
          surroundings: { isolated: true, keyArn, ...(known !== undefined && { network: known }) },
          ...(uri !== undefined && { trackingUri: uri }),
        }),
      ),
    ),
  );
}

/** Parameters of an execution as the definition has them, for whoever starts one. */
export function pipelineParameters(args: Pick<TrainingArgs, "scope" | "settings" | "artifacts">): Json {
  const { Parameters } = renderDefinition(modelPipeline(pipelineSettings(args.scope, args.settings, args.artifacts)));
  return Parameters ?? [];
}

/** The pipeline that trains, and the group of all that it registers. */
export class Training extends SlipwayComponent {
  readonly pipeline: pulumi.Output<string>;
  readonly pipelineArn: pulumi.Output<string>;
  readonly packageGroup: pulumi.Output<string>;

  constructor(name: string, args: TrainingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Training", name, opts);
    const { scope } = args;
    const logs = this.addLogs(name, args);
    const group = this.addGroup(name, args);
    const pipeline = new aws.sagemaker.Pipeline(
      `${name}-pipeline`,
      {
        pipelineName: trainingPipelineName(scope),
        pipelineDisplayName: trainingPipelineName(scope),
        pipelineDescription: "From the lake's houses to a registered model",
        pipelineDefinition: pipelineDefinition(args),
        roleArn: modelRoleArn(scope, "pipeline"),
      },
      // It registers into the group, and SageMaker makes the log groups itself, in clear and kept for ever.
      childOf(this, { dependsOn: [...logs, group] }),
    );
    this.pipeline = pipeline.pipelineName;
    this.pipelineArn = pipeline.arn;
    this.packageGroup = group.modelPackageGroupName;
    this.registerOutputs({ pipelineArn: this.pipelineArn, packageGroup: this.packageGroup });
  }

  private addLogs(name: string, { scope, logRetentionDays, removal }: TrainingArgs): pulumi.Resource[] {
    return Object.entries(jobLogGroups).map(([kind, group]) =>
      logGroup(
        `${name}-${kind}-logs`,
        { name: group, keyArn: scope.keyArn, retentionDays: logRetentionDays, removal },
        this,
      ),
    );
  }

  private addGroup(name: string, { scope, settings, removal }: TrainingArgs): aws.sagemaker.ModelPackageGroup {
    const group = new aws.sagemaker.ModelPackageGroup(
      `${name}-models`,
      {
        modelPackageGroupName: packageGroupName(scope),
        modelPackageGroupDescription: `Every ${modelName} model that was trained here, with what became of it`,
      },
      childOf(this, protectionOf("data", removal)),
    );
    const { to } = settings.promotion;
    if (to !== undefined) {
      new aws.sagemaker.ModelPackageGroupPolicy(
        `${name}-models-policy`,
        {
          modelPackageGroupName: group.modelPackageGroupName,
          resourcePolicy: policyDocument(groupStatements(scope, to)),
        },
        childOf(this),
      );
    }
    return group;
  }
}

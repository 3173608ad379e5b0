import { type EnvironmentOutputs, type ModelOutputs } from "../../../config/outputs.ts";
import type { Context } from "../../context.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { outputsAsTheyStand } from "../../stack-outputs.ts";
import { openAwsTargets } from "../../verify/aws-targets.ts";
import type { AwsClientConfig } from "../../verify/check-kind.ts";
import { knownStack, type Workspace } from "../../workspace.ts";
import { S3ObjectStore } from "../local/s3-store.ts";
import { SageMakerRegistry } from "../registry/sagemaker.ts";
import { modelName } from "./local-settings.ts";

/** An environment that has a model pipeline. */
export interface ModelEnvironment {
  name: string;
  outputs: EnvironmentOutputs;
  model: ModelOutputs;
}

/** Its services, reached as AWS or as the sandbox answers for them. */
export interface CloudAccess extends ModelEnvironment {
  store: S3ObjectStore;
  registry: SageMakerRegistry;
  lambda: AwsClientConfig;
  sagemaker: AwsClientConfig;
  close(): Promise<void>;
}

/** @throws SlipwayError where there is no such environment, or it has no model pipeline. */
export async function modelEnvironment(workspace: Workspace, named: string): Promise<ModelEnvironment> {
  const name = knownStack(workspace, named);
  const outputs = await outputsAsTheyStand(workspace, name);
  if (outputs.kind === "environment" && outputs.model !== undefined) return { name, outputs, model: outputs.model };
  throw new SlipwayError(ExitCode.usage, `${name} has no model pipeline.`, {
    where: `stack outputs of ${name}`,
    next:
      outputs.kind === "environment"
        ? `Turn it on with slipway:model in Pulumi.${name}.yaml, then ./slipway up ${name}.`
        : "Name one of the environments: dev, staging, prod.",
  });
}

/** @throws SlipwayError where the sandbox only remembers what stands in it. */
export async function openCloud(
  context: Context,
  workspace: Workspace,
  environment: ModelEnvironment,
): Promise<CloudAccess> {
  const { name, outputs, model } = environment;
  await workspace.sandbox?.prepareLive((line) => context.console.info(line));
  const targets = await openAwsTargets(workspace, outputs);
  try {
    const [aws, sagemaker] = await Promise.all([targets.aws(outputs.region), targets.aws(outputs.region, "sagemaker")]);
    if (aws.simulated || sagemaker.simulated) throw onlySimulated(workspace, name);
    const store = new S3ObjectStore(aws.config);
    const registry = new SageMakerRegistry({
      connection: sagemaker.config,
      group: model.packageGroup,
      name: modelName,
      objects: store,
      mirror: model.registry,
    });
    const close = async () => {
      await Promise.all([store.close(), registry.close()]);
      await targets.close();
    };
    return { ...environment, store, registry, lambda: aws.config, sagemaker: sagemaker.config, close };
  } catch (error) {
    await targets.close();
    throw error;
  }
}

function onlySimulated({ sandbox, environment }: Workspace, name: string): SlipwayError {
  const reason = sandbox?.tools.pythonState(environment).reason ?? "nothing of it is live";
  return new SlipwayError(ExitCode.usage, `${name} is only simulated here: ${reason}.`, {
    where: sandbox?.directory ?? name,
    changed: "nothing: no step was started",
    next: "./slipway model run without an environment runs the pipeline in folders of the checkout.",
  });
}

/** As `openCloud`, closed after use. */
export async function withCloud<T>(
  context: Context,
  workspace: Workspace,
  named: string,
  use: (access: CloudAccess) => Promise<T>,
): Promise<T> {
  const access = await openCloud(context, workspace, await modelEnvironment(workspace, named));
  try {
    return await use(access);
  } finally {
    await access.close();
  }
}

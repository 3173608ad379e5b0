import { join } from "node:path";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { SandboxSwitch } from "../../engine/sandbox.ts";
import type { CloudAccess } from "./cloud.ts";
import { publishedInput } from "./inputs.ts";
import type { RunPlace } from "./place.ts";

/** The dataset that models learn from. */
const dataset = "houses";

/** An environment of the sandbox: its own pipeline, its S3, its lake and its registry. Only the machines are this one. */
export function sandboxPlace(sandbox: SandboxSwitch, access: CloudAccess): RunPlace {
  const { name, outputs, model, store, registry } = access;
  const { account, region } = outputs;
  return {
    environment: name,
    ...{ store, registry, account, region, pipeline: model.pipeline, bucket: model.bucket },
    definition: deployedDefinition(sandbox, access),
    directory: join(sandbox.directory, "model", name),
    published: async () => {
      const lake = outputs.ProcessedBucket;
      return lake === undefined ? undefined : publishedInput(store, lake, dataset, model.bucket);
    },
    close: () => access.close(),
  };
}

/** The definition that stands in the environment, to the letter. */
function deployedDefinition({ tools, directory }: SandboxSwitch, { name, outputs, model }: CloudAccess): unknown {
  const cloud = tools.openCloud(directory);
  try {
    const { account, region } = outputs;
    const found = cloud
      .list({ type: "aws:sagemaker/pipeline:Pipeline", account, region })
      .find((resource) => resource.outputs["pipelineName"] === model.pipeline);
    const text = found?.outputs["pipelineDefinition"];
    if (typeof text === "string") return JSON.parse(text) as unknown;
  } finally {
    cloud.close();
  }
  throw new SlipwayError(ExitCode.notFound, `${name} has no pipeline ${model.pipeline}.`, {
    where: directory,
    next: `./slipway up ${name} --sandbox`,
  });
}

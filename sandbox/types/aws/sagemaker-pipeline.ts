import { between, block, failures, mustMatch, required, text } from "../build.ts";
import type { Failure, Properties, TypeSpec } from "../type-spec.ts";
import { mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";
import { pipelineProblems } from "./sagemaker-definition.ts";
import { invalid, pipelineType, refuseRole, sagemakerArn, within } from "./sagemaker.ts";

const name = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/;
const nameRule = "1 to 256 letters, digits and hyphens";
const maxDefinition = 1_048_576;

function validDefinition(inputs: Properties): Failure[] {
  const ways = ["pipelineDefinition", "pipelineDefinitionS3Location"].filter((way) => inputs[way] !== undefined);
  if (ways.length !== 1)
    return [
      {
        property: "pipelineDefinition",
        reason: `exactly one of pipelineDefinition, pipelineDefinitionS3Location must be given, got ${ways.length}`,
      },
    ];
  const source = text(inputs["pipelineDefinition"]);
  if (source === undefined) return [];
  if (source.length > maxDefinition)
    return [invalid("pipelineDefinition", `${source.length} characters, the limit is ${maxDefinition}`)];
  return pipelineProblems(source).map((problem) =>
    invalid("pipelineDefinition", `Unable to parse pipeline definition. ${problem}`),
  );
}

const pipeline = awsType({
  type: pipelineType,
  taggable: true,
  validate: (inputs) =>
    failures(
      required(inputs, "pipelineName", "pipelineDisplayName"),
      mustMatch(inputs, "pipelineName", name, nameRule),
      mustMatch(inputs, "pipelineDisplayName", name, nameRule),
      mustMatch(inputs, "pipelineDescription", /^[^]{1,3072}$/, "1 to 3072 characters"),
      mustBeArn(inputs, "roleArn", "iam"),
      within("parallelismConfiguration", [
        between(block(inputs["parallelismConfiguration"]), "maxParallelExecutionSteps", 1, 50),
      ]),
      validDefinition(inputs),
    ),
  id: (inputs) => String(inputs["pipelineName"]),
  outputs: (_inputs, id, context) => ({ arn: sagemakerArn(context, "pipeline", id) }),
  computed: ["arn"],
  replaceOn: ["pipelineName"],
  references: { roleArn: roleType },
  refuseCreate: (inputs, context) => refuseRole(inputs["roleArn"], context),
  unique: {
    properties: ["pipelineName"],
    error: (inputs) =>
      `ValidationException: Pipeline names must be unique within an AWS account and region. Pipeline with name (${String(inputs["pipelineName"])}) already exists.`,
  },
  fidelity:
    "definition parsed: version, parameters, steps, references, conditions; runs by `slipway model run --local` alone",
});

export const sagemakerPipelineTypes: readonly TypeSpec[] = [pipeline];

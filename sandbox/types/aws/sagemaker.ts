import { arn, text } from "../build.ts";
import type { Failure, Properties, TypeContext } from "../type-spec.ts";
import { canAssume } from "./arns.ts";

export const modelType = "aws:sagemaker/model:Model";
export const endpointConfigurationType = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
export const endpointType = "aws:sagemaker/endpoint:Endpoint";
export const packageGroupType = "aws:sagemaker/modelPackageGroup:ModelPackageGroup";
export const pipelineType = "aws:sagemaker/pipeline:Pipeline";

/** What SageMaker answers to a request that it does not understand. */
export const invalid = (property: string, reason: string): Failure => ({
  property,
  reason: `ValidationException: ${reason}`,
});

/** A rule for a nested block, told at the input that holds it. */
export function within(property: string, found: readonly (Failure | undefined)[]): Failure[] {
  return found.flatMap((failure) => (failure === undefined ? [] : invalid(property, failure.reason)));
}

/** Names of models, endpoints and their configurations. */
export const hostingName = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
export const hostingNameRule = "1 to 63 letters, digits and hyphens, beginning and ending with a letter or digit";

/** SageMaker writes names in lower case in its ARNs. */
export function sagemakerArn(context: TypeContext, kind: string, name: string): string {
  return arn(context, "sagemaker", `${kind}/${name.toLowerCase()}`);
}

/** SageMaker looks at the trust of a role when it is given one. */
export function refuseRole(role: unknown, context: TypeContext): string | undefined {
  if (canAssume(role, "sagemaker.amazonaws.com", context)) return undefined;
  return `ValidationException: Could not assume role ${String(role)}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`;
}

/** What a second resource of the same name is told. */
export function nameTaken(kind: string, property: string): (inputs: Properties) => string {
  return (inputs) => `ValidationException: Cannot create already existing ${kind} "${text(inputs[property]) ?? ""}".`;
}

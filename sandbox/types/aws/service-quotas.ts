import { arn, failures, mustMatch, required, text } from "../build.ts";
import type { Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

const quotaType = "aws:servicequotas/serviceQuota:ServiceQuota";

/** Names of services whose quotas are asked for often. */
const services: Readonly<Record<string, string>> = {
  sagemaker: "Amazon SageMaker",
  lambda: "AWS Lambda",
  apigateway: "Amazon API Gateway",
  eks: "Amazon Elastic Kubernetes Service (Amazon EKS)",
  ec2: "Amazon Elastic Compute Cloud (Amazon EC2)",
  vpc: "Amazon Virtual Private Cloud (Amazon VPC)",
};

const idOf = (inputs: Properties) => `${String(inputs["serviceCode"])}/${String(inputs["quotaCode"])}`;

/** What was granted so far; a quota never goes down by asking. */
function granted(inputs: Properties, context: TypeContext): number {
  const found = context.find(quotaType).find(({ id }) => id === idOf(inputs));
  return Number(found?.outputs["value"] ?? 0);
}

const quota = awsType({
  type: quotaType,
  validate: (inputs, context) => {
    const { value } = inputs;
    const less = typeof value === "number" && value < granted(inputs, context);
    return failures(
      required(inputs, "quotaCode", "serviceCode", "value"),
      mustMatch(inputs, "quotaCode", /^[a-zA-Z][a-zA-Z0-9-]{1,127}$/, "a code such as L-F678F1CE"),
      mustMatch(inputs, "serviceCode", /^[a-zA-Z][a-zA-Z0-9-]{1,63}$/, "a code such as sagemaker"),
      typeof value === "number" && (value < 0 || value > 10_000_000_000)
        ? { property: "value", reason: `expected value to lie between 0 and 10000000000, got ${value}` }
        : undefined,
      less
        ? {
            property: "value",
            reason: `IllegalArgumentException: You must provide a quota value that is greater than the current quota value (${granted(inputs, context)})`,
          }
        : undefined,
    );
  },
  id: idOf,
  outputs: (inputs, id, context) => ({
    arn: arn(context, "servicequotas", id),
    adjustable: true,
    defaultValue: 0,
    quotaName: text(inputs["quotaCode"]) ?? "",
    serviceName: services[text(inputs["serviceCode"]) ?? ""] ?? text(inputs["serviceCode"]) ?? "",
    requestId: context.suffix(32),
    requestStatus: "APPROVED",
    usageMetrics: [],
  }),
  computed: [
    ...["arn", "adjustable", "defaultValue", "quotaName", "serviceName", "requestId", "requestStatus"],
    "usageMetrics",
  ],
  replaceOn: ["quotaCode", "serviceCode"],
  // A quota is always there: asking again writes over what was asked for.
  overwrites: true,
  fidelity: "codes checked, what is asked for is granted at once; limits nothing",
});

export const serviceQuotaTypes: readonly TypeSpec[] = [quota];

import { arn, failures, mustMatch, oneOf } from "../build.ts";
import type { TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

/** Days CloudWatch Logs can keep events for; 0 keeps them for ever. */
const retentions = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const logGroup = awsType({
  type: "aws:cloudwatch/logGroup:LogGroup",
  taggable: true,
  autoName: { property: "name", maxLength: 512 },
  defaults: { retentionInDays: 0, skipDestroy: false },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[a-zA-Z0-9_\-/.#]{1,512}$/, "1 to 512 letters, digits and _ - / . #"),
      oneOf(inputs, "retentionInDays", retentions),
      oneOf(inputs, "logGroupClass", ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"]),
      mustMatch(inputs, "kmsKeyId", /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)\/.+$/, "the ARN of a KMS key"),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "logs", `log-group:${id}`),
    logGroupClass: inputs["logGroupClass"] ?? "STANDARD",
  }),
  computed: ["arn", "logGroupClass"],
  replaceOn: ["name", "namePrefix", "logGroupClass"],
  unique: {
    properties: ["name"],
    error: () => "ResourceAlreadyExistsException: The specified log group already exists",
  },
  inUse: (resource) =>
    resource.inputs["deletionProtectionEnabled"] === true
      ? `InvalidOperationException: deletion protection is enabled for log group ${resource.id}`
      : undefined,
  fidelity: "names and retention checked; holds no events",
});

export const cloudwatchTypes: readonly TypeSpec[] = [logGroup];

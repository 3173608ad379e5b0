import { failures, mustMatch, required } from "../build.ts";
import { checkPolicy, modelPackageGroupPolicy } from "../policy-document.ts";
import type { TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { hostingName, hostingNameRule, packageGroupType, sagemakerArn } from "./sagemaker.ts";

const group = awsType({
  type: packageGroupType,
  taggable: true,
  validate: (inputs) =>
    failures(
      required(inputs, "modelPackageGroupName"),
      mustMatch(inputs, "modelPackageGroupName", hostingName, hostingNameRule),
      mustMatch(inputs, "modelPackageGroupDescription", /^[^]{0,1024}$/, "at most 1024 characters"),
    ),
  id: (inputs) => String(inputs["modelPackageGroupName"]),
  outputs: (_inputs, id, context) => ({ arn: sagemakerArn(context, "model-package-group", id) }),
  computed: ["arn"],
  // The service has no way to change a group.
  replaceOn: ["modelPackageGroupName", "modelPackageGroupDescription"],
  unique: {
    properties: ["modelPackageGroupName"],
    error: (inputs) =>
      `ValidationException: Model Package Group already exists: ${String(inputs["modelPackageGroupName"])}`,
  },
  fidelity: "names checked; the sandbox's SageMaker keeps its versions, which do not hold up its deletion",
});

const policy = awsType({
  type: "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
  validate: (inputs) =>
    failures(
      required(inputs, "modelPackageGroupName", "resourcePolicy"),
      checkPolicy(inputs, "resourcePolicy", modelPackageGroupPolicy),
    ),
  id: (inputs) => String(inputs["modelPackageGroupName"]),
  replaceOn: ["modelPackageGroupName"],
  references: { modelPackageGroupName: packageGroupType },
  // A group has one policy; putting another one writes over it.
  overwrites: true,
  fidelity: "document checked; not enforced",
});

export const sagemakerRegistryTypes: readonly TypeSpec[] = [group, policy];

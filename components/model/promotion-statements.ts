import type * as pulumi from "@pulumi/pulumi";
import { type DataScope, arnOf } from "../data/state-machine/names.ts";
import { type Statement, accountPrincipal } from "../shared/iam.ts";
import { keyAlias, partitionOf } from "../shared/naming.ts";
import type { PromotionSettings } from "./model-settings.ts";
import { modelBucketArn, packageArns, packageGroupName } from "./names.ts";

/** Another environment of the same platform, in the same region. */
export type OtherPlace = { environment: string; account: string };

const placeOf = ({ region }: DataScope, { environment, account }: OtherPlace): DataScope => ({
  environment,
  account,
  region,
});

const models = "runs/*/model.tar.gz";

/** Purpose of the key of all models, as its alias says it. */
export const keyPurpose = "model";

/** Name of the group that models come from, or its ARN where it is another account's. */
export function sourceGroup(scope: DataScope, promotion: PromotionSettings): string {
  if (promotion.mode === "code") return packageGroupName(scope);
  return packageArns(placeOf(scope, promotion.from)).group;
}

/** Name of that group, which events have. */
export function sourceGroupName(scope: DataScope, promotion: PromotionSettings): string {
  return packageGroupName(promotion.mode === "code" ? scope : promotion.from);
}

/** ARNs of the group that models come from and of the packages in it. */
export function sourcePackages(scope: DataScope, promotion: PromotionSettings): { group: string; packages: string } {
  return packageArns(promotion.mode === "code" ? scope : placeOf(scope, promotion.from));
}

/** Models of the environment before, where they are taken over. Its key is known by its alias only. */
export function foreignModels(scope: DataScope, promotion: PromotionSettings): Statement[] {
  if (promotion.mode === "code") return [];
  const source = placeOf(scope, promotion.from);
  return [
    {
      sid: "ReadModelsOfOthers",
      actions: ["s3:GetObject"],
      resources: [`${modelBucketArn(source)}/${models}`, `${modelBucketArn(source)}/runs/*/evaluation.json`],
    },
    {
      sid: "UseKeyOfOthers",
      actions: ["kms:Decrypt"],
      resources: [arnOf(source, "kms", "key/*")],
      conditions: {
        "ForAnyValue:StringEquals": { "kms:ResourceAliases": keyAlias(source.environment, keyPurpose) },
        StringEquals: {
          "kms:ViaService": `s3.${scope.region}.amazonaws.com${partitionOf(scope.region) === "aws-cn" ? ".cn" : ""}`,
        },
      },
    },
  ];
}

const principal = ({ region }: DataScope, to: OtherPlace) => ({ AWS: accountPrincipal(to.account, region) });

/** Policy of the group, for the account that takes models over: it sees them and changes none. */
export function groupStatements(scope: DataScope, to: OtherPlace): Statement[] {
  const { group, packages } = packageArns(scope);
  const principals = principal(scope, to);
  return [
    { sid: "SeeGroup", principals, actions: ["sagemaker:DescribeModelPackageGroup"], resources: [group] },
    {
      sid: "SeeModels",
      principals,
      actions: ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
      resources: [group, packages],
    },
  ];
}

/** Statement of the bucket's policy for that account. */
export function takenOverBy(scope: DataScope, to: OtherPlace): Statement {
  const bucket = modelBucketArn(scope);
  return {
    sid: "TakenOver",
    principals: principal(scope, to),
    actions: ["s3:GetObject"],
    resources: [`${bucket}/${models}`, `${bucket}/runs/*/evaluation.json`],
  };
}

/** Statement of the key's policy for that account. */
export function openedTo(scope: DataScope, to: OtherPlace): Statement {
  return {
    sid: "OpenedToNextEnvironment",
    principals: principal(scope, to),
    actions: ["kms:Decrypt"],
    resources: ["*"],
    wildcardReason: "in a key policy * is this key",
    conditions: {
      StringEquals: {
        "kms:ViaService": `s3.${scope.region}.amazonaws.com${partitionOf(scope.region) === "aws-cn" ? ".cn" : ""}`,
      },
    },
  };
}

export const packageEvents = { source: "aws.sagemaker", type: "SageMaker Model Package State Change" } as const;

/** Statement of the bus: the environment before may put in word of its models, and of nothing else. */
export function heardFrom(
  scope: DataScope,
  from: OtherPlace,
  busArn: pulumi.Input<string> = arnOf(scope, "events", "event-bus/default"),
): Statement {
  return {
    sid: "HearOfModels",
    principals: principal(scope, from),
    actions: ["events:PutEvents"],
    resources: [busArn],
    conditions: {
      StringEquals: { "events:source": packageEvents.source, "events:detail-type": packageEvents.type },
    },
  };
}

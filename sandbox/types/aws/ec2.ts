import { arn, block, ec2Id, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import { checkPolicy, endpointPolicy } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { securityGroupType } from "./security-group.ts";
import { routeTableType, subnetType, vpcType } from "./vpc.ts";

function endpointOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const gateway = endpointKind(inputs) === "Gateway";
  const subnets = list(inputs["subnetIds"]);
  const service = text(inputs["serviceName"])?.split(".").pop() ?? "service";
  const dns = {
    dnsName: `${id}-${context.suffix(8)}.${service}.${context.region}.vpce.amazonaws.com`,
    hostedZoneId: "Z7HUB22UULQXV",
  };
  return {
    arn: arn(context, "ec2", `vpc-endpoint/${id}`),
    ownerId: context.account,
    state: "available",
    requesterManaged: false,
    vpcEndpointType: endpointKind(inputs),
    routeTableIds: inputs["routeTableIds"] ?? [],
    subnetIds: subnets,
    securityGroupIds: inputs["securityGroupIds"] ?? [],
    cidrBlocks: gateway ? ["198.51.100.0/24"] : [],
    prefixListId: gateway ? `pl-${context.suffix(8)}` : "",
    networkInterfaceIds: subnets.map((_, index) => `eni-0${context.suffix(15)}${index.toString(16)}`),
    dnsEntries: gateway ? [] : [dns],
  };
}

function endpointKind(inputs: Properties): string {
  return text(inputs["vpcEndpointType"]) ?? "Gateway";
}

/** Interface endpoints live in subnets, gateway endpoints in route tables. */
function misplacedEndpoint(inputs: Properties): Failure | undefined {
  const wrong = { Gateway: "subnetIds", Interface: "routeTableIds" }[endpointKind(inputs)];
  if (wrong === undefined || list(inputs[wrong]).length === 0) return undefined;
  return {
    property: wrong,
    reason: `InvalidParameter: ${wrong} does not apply to endpoints of type ${endpointKind(inputs)}`,
  };
}

/** Two interface endpoints with private DNS for one service would answer to the same name. */
function dnsConflict(inputs: Properties, context: TypeContext): string | undefined {
  if (inputs["privateDnsEnabled"] !== true) return undefined;
  const service = String(inputs["serviceName"]);
  const twin = context.find("aws:ec2/vpcEndpoint:VpcEndpoint").find((other) => {
    const sameService = other.inputs["serviceName"] === service && other.inputs["vpcId"] === inputs["vpcId"];
    return sameService && other.inputs["privateDnsEnabled"] === true && other.urn !== context.urn;
  });
  if (twin === undefined) return undefined;
  return `InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${service} in the VPC ${String(inputs["vpcId"])}`;
}

const vpcEndpoint = awsType({
  type: "aws:ec2/vpcEndpoint:VpcEndpoint",
  taggable: true,
  defaults: { privateDnsEnabled: false },
  validate: (inputs) =>
    failures(
      required(inputs, "vpcId"),
      oneOf(inputs, "vpcEndpointType", ["Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork"]),
      mustMatch(
        inputs,
        "serviceName",
        /^(com\.amazonaws|aws\.|cn\.com\.amazonaws)/,
        "a service name such as com.amazonaws.<region>.s3",
      ),
      checkPolicy(inputs, "policy", endpointPolicy),
      misplacedEndpoint(inputs),
    ),
  id: ec2Id("vpce"),
  outputs: endpointOutputs,
  computed: [
    "arn",
    "ownerId",
    "state",
    "requesterManaged",
    "cidrBlocks",
    "prefixListId",
    "networkInterfaceIds",
    "dnsEntries",
  ],
  replaceOn: [
    "vpcId",
    "serviceName",
    "vpcEndpointType",
    "serviceRegion",
    "resourceConfigurationArn",
    "serviceNetworkArn",
  ],
  references: {
    vpcId: vpcType,
    subnetIds: subnetType,
    routeTableIds: routeTableType,
    securityGroupIds: securityGroupType,
  },
  refuseCreate: dnsConflict,
  lifecycle: { property: "state", states: ["pending", "available"] },
  fidelity: "kinds, policy and private DNS conflicts checked; carries no traffic",
});

const flowLog = awsType({
  type: "aws:ec2/flowLog:FlowLog",
  taggable: true,
  defaults: { logDestinationType: "cloud-watch-logs", maxAggregationInterval: 600 },
  validate: (inputs) => {
    const watched = [
      "vpcId",
      "subnetId",
      "eniId",
      "transitGatewayId",
      "transitGatewayAttachmentId",
      "regionalNatGatewayId",
    ];
    const set = watched.filter((property) => inputs[property] !== undefined && inputs[property] !== null);
    const toLogs = inputs["logDestinationType"] === undefined || inputs["logDestinationType"] === "cloud-watch-logs";
    return failures(
      set.length === 1
        ? undefined
        : { property: "vpcId", reason: `exactly one of ${watched.join(", ")} must be given` },
      oneOf(inputs, "trafficType", ["ACCEPT", "REJECT", "ALL"]),
      oneOf(inputs, "logDestinationType", ["cloud-watch-logs", "s3", "kinesis-data-firehose"]),
      oneOf(inputs, "maxAggregationInterval", [60, 600]),
      toLogs ? required(inputs, "iamRoleArn", "logDestination") : [],
    );
  },
  id: ec2Id("fl"),
  outputs: (_inputs, id, context) => ({ arn: arn(context, "ec2", `vpc-flow-log/${id}`) }),
  computed: ["arn"],
  replaceOn: [
    "vpcId",
    "subnetId",
    "eniId",
    "trafficType",
    "logDestination",
    "logDestinationType",
    "logFormat",
    "iamRoleArn",
    "maxAggregationInterval",
    "destinationOptions",
    "deliverCrossAccountRole",
  ],
  references: { vpcId: vpcType, subnetId: subnetType, iamRoleArn: "aws:iam/role:Role" },
  fidelity: "destination and role must exist; writes no logs",
});

function validMetadata(inputs: Properties): Failure[] {
  const options = block(inputs["metadataOptions"]);
  const hops = options["httpPutResponseHopLimit"];
  const outside = typeof hops === "number" && (hops < 1 || hops > 64);
  return failures(
    oneOf(options, "httpTokens", ["optional", "required"]),
    oneOf(options, "httpEndpoint", ["enabled", "disabled"]),
    outside ? { property: "metadataOptions", reason: "httpPutResponseHopLimit must be from 1 to 64" } : undefined,
  );
}

const launchTemplateType = "aws:ec2/launchTemplate:LaunchTemplate";

/** Every update of the template itself makes a new version; tags and the default version are not part of it. */
function latestVersion(inputs: Properties, context: TypeContext): number {
  const previous = context.find(launchTemplateType).find((other) => other.urn === context.urn);
  const last = previous?.outputs["latestVersion"];
  if (previous === undefined || typeof last !== "number") return 1;
  return templateData(previous.inputs) === templateData(inputs) ? last : last + 1;
}

function templateData(inputs: Properties): string {
  const aside = new Set(["tags", "tagsAll", "name", "description", "defaultVersion", "updateDefaultVersion"]);
  return JSON.stringify(
    Object.entries(inputs)
      .filter(([key]) => !aside.has(key))
      .sort(),
  );
}

function launchTemplateOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const latest = latestVersion(inputs, context);
  const fixed = typeof inputs["defaultVersion"] === "number" ? inputs["defaultVersion"] : 1;
  return {
    arn: arn(context, "ec2", `launch-template/${id}`),
    latestVersion: latest,
    defaultVersion: inputs["updateDefaultVersion"] === true ? latest : fixed,
  };
}

const launchTemplate = awsType({
  type: launchTemplateType,
  taggable: true,
  autoName: { property: "name", maxLength: 128 },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", /^[a-zA-Z0-9().\-/_]{3,128}$/, "3 to 128 letters, digits and ( ) . - / _"),
      validMetadata(inputs),
    ),
  id: ec2Id("lt"),
  outputs: launchTemplateOutputs,
  computed: ["arn", "latestVersion", "defaultVersion"],
  replaceOn: ["name", "namePrefix"],
  references: { vpcSecurityGroupIds: securityGroupType },
  unique: {
    properties: ["name"],
    error: (inputs) =>
      `InvalidLaunchTemplateName.AlreadyExistsException: Launch template name already in use: ${String(inputs["name"])}`,
  },
  fidelity: "metadata options checked, versions counted; launches nothing",
});

export const ec2Types: readonly TypeSpec[] = [vpcEndpoint, flowLog, launchTemplate];

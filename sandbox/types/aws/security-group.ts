import { arn, ec2Id, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { CloudResource, Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { validCidr, vpcType } from "./vpc.ts";

export const securityGroupType = "aws:ec2/securityGroup:SecurityGroup";

/** Resources that keep a security group from being deleted: those with network interfaces in it. */
function groupInUse(resource: CloudResource, context: TypeContext): string | undefined {
  const endpoints = context
    .find("aws:ec2/vpcEndpoint:VpcEndpoint")
    .filter((other) => list(other.inputs["securityGroupIds"]).includes(resource.id));
  const clusters = context.find("aws:eks/cluster:Cluster").filter((other) => {
    const network = other.inputs["vpcConfig"] as Properties | undefined;
    return list(network?.["securityGroupIds"]).includes(resource.id);
  });
  const users = [...endpoints, ...clusters].map((other) => other.id);
  if (users.length === 0) return undefined;
  return `DependencyViolation: resource ${resource.id} has a dependent object (${users.join(", ")})`;
}

const securityGroup = awsType({
  type: securityGroupType,
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  defaults: { description: "Managed by Pulumi", revokeRulesOnDelete: false },
  validate: (inputs) =>
    failures(
      mustMatch(
        inputs,
        "name",
        /^(?!sg-)[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/,
        "up to 255 characters, not beginning with sg-",
      ),
      mustMatch(
        inputs,
        "description",
        /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/,
        "up to 255 plain ASCII characters",
      ),
    ),
  id: ec2Id("sg"),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "ec2", `security-group/${id}`),
    ownerId: context.account,
    ingress: inputs["ingress"] ?? [],
    egress: inputs["egress"] ?? [],
  }),
  computed: ["arn", "ownerId"],
  replaceOn: ["name", "namePrefix", "description", "vpcId"],
  references: { vpcId: vpcType },
  unique: {
    properties: ["vpcId", "name"],
    error: (inputs) =>
      `InvalidGroup.Duplicate: The security group '${String(inputs["name"])}' already exists for VPC '${String(inputs["vpcId"])}'`,
  },
  inUse: groupInUse,
  fidelity: "names, references and dependencies as in EC2; filters no traffic",
});

const defaultSecurityGroup = awsType({
  type: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  taggable: true,
  id: (inputs, context) => defaultGroupId(inputs, context),
  outputs: (inputs, id, context) => ({
    arn: arn(context, "ec2", `security-group/${id}`),
    ownerId: context.account,
    name: "default",
    namePrefix: "",
    description: "default VPC security group",
    ingress: inputs["ingress"] ?? [],
    egress: inputs["egress"] ?? [],
  }),
  computed: ["arn", "ownerId", "name", "namePrefix", "description"],
  replaceOn: ["vpcId"],
  references: { vpcId: vpcType },
  fidelity: "adopts the group that came with the VPC; deleting it changes nothing, as in EC2",
});

/** The group was made with its VPC; its id is the one the VPC reports. */
function defaultGroupId(inputs: Properties, context: TypeContext): string {
  const vpc = context.find(vpcType).find((other) => other.id === inputs["vpcId"]);
  return text(vpc?.outputs["defaultSecurityGroupId"]) ?? `sg-0${context.suffix(16)}`;
}

function validPorts(inputs: Properties): Failure | undefined {
  const from = inputs["fromPort"];
  const to = inputs["toPort"];
  const icmp = /^icmp/.test(text(inputs["protocol"]) ?? text(inputs["ipProtocol"]) ?? "");
  if (icmp || typeof from !== "number" || typeof to !== "number") return undefined;
  const fine = from >= 0 && to <= 65_535 && from <= to;
  return fine ? undefined : { property: "fromPort", reason: `Invalid TCP/UDP port range (${from}, ${to})` };
}

const protocols = ["-1", "all", "tcp", "udp", "icmp", "icmpv6", "6", "17", "1", "58"];

const securityGroupRule = awsType({
  type: "aws:ec2/securityGroupRule:SecurityGroupRule",
  defaults: { self: false },
  validate: (inputs) =>
    failures(
      required(inputs, "type", "protocol", "fromPort", "toPort", "securityGroupId"),
      oneOf(inputs, "type", ["ingress", "egress"]),
      oneOf(inputs, "protocol", protocols),
      validPorts(inputs),
      inputs["self"] === true || sources.some((source) => inputs[source] !== undefined && inputs[source] !== null)
        ? undefined
        : { property: "cidrBlocks", reason: `one of ${sources.join(", ")} or self must be given` },
    ),
  id: (_inputs, context) => `sgrule-${parseInt(context.suffix(8), 16)}`,
  outputs: (_inputs, _id, context) => ({ securityGroupRuleId: `sgr-0${context.suffix(16)}` }),
  computed: ["securityGroupRuleId"],
  replaceOn: [
    "type",
    "protocol",
    "fromPort",
    "toPort",
    "securityGroupId",
    "cidrBlocks",
    "ipv6CidrBlocks",
    "prefixListIds",
    "self",
    "sourceSecurityGroupId",
  ],
  references: { securityGroupId: securityGroupType, sourceSecurityGroupId: securityGroupType },
  fidelity: "ports, protocol and groups checked",
});

const sources = ["cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "sourceSecurityGroupId"];

/** The newer rule resources: one source or destination each. */
function groupRule(name: string): TypeSpec {
  const peers = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"];
  return awsType({
    type: `aws:vpc/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
    taggable: true,
    validate: (inputs) => {
      const set = peers.filter((peer) => inputs[peer] !== undefined && inputs[peer] !== null);
      const reason = `exactly one of ${peers.join(", ")} must be given, got ${set.length}`;
      return failures(
        required(inputs, "ipProtocol", "securityGroupId"),
        oneOf(inputs, "ipProtocol", protocols),
        validPorts(inputs),
        validCidr(inputs, "cidrIpv4", 0, 32),
        set.length === 1 ? undefined : { property: "cidrIpv4", reason },
      );
    },
    id: ec2Id("sgr"),
    outputs: (_inputs, id, context) => ({
      securityGroupRuleId: id,
      arn: arn(context, "ec2", `security-group-rule/${id}`),
    }),
    computed: ["arn", "securityGroupRuleId"],
    replaceOn: ["securityGroupId"],
    references: { securityGroupId: securityGroupType, referencedSecurityGroupId: securityGroupType },
    unique: {
      properties: ["securityGroupId", "ipProtocol", "fromPort", "toPort", ...peers],
      error: (inputs) =>
        `InvalidPermission.Duplicate: the specified rule already exists in ${String(inputs["securityGroupId"])}`,
    },
    fidelity: "one peer per rule, duplicates refused",
  });
}

export const securityGroupTypes: readonly TypeSpec[] = [
  securityGroup,
  defaultSecurityGroup,
  securityGroupRule,
  groupRule("SecurityGroupIngressRule"),
  groupRule("SecurityGroupEgressRule"),
];

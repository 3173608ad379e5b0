import { hasUnknown } from "../../unknown.ts";
import { arn, between, block, failures, list, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { missingAlarms } from "./alarms.ts";
import { canAssume, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";

const applicationType = "aws:codedeploy/application:Application";
const configType = "aws:codedeploy/deploymentConfig:DeploymentConfig";
const groupType = "aws:codedeploy/deploymentGroup:DeploymentGroup";

const platforms = ["Server", "Lambda", "ECS"];
const name = /^[^\s:][^:]{0,99}$/;
const nameRule = "1 to 100 characters, without colons and not beginning with a space";
/** CodeDeploy carries a deployment on for two days at most. */
const longestMinutes = 2_880;

const application = awsType({
  type: applicationType,
  taggable: true,
  autoName: { property: "name", maxLength: 100 },
  defaults: { computePlatform: "Server" },
  validate: (inputs) =>
    failures(mustMatch(inputs, "name", name, nameRule), oneOf(inputs, "computePlatform", platforms)),
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({
    arn: arn(context, "codedeploy", `application:${id}`),
    applicationId: uuid(context),
    githubAccountName: "",
    linkedToGithub: false,
  }),
  computed: ["arn", "applicationId", "githubAccountName", "linkedToGithub"],
  replaceOn: ["computePlatform"],
  unique: {
    properties: ["name"],
    error: (inputs) => `ApplicationAlreadyExistsException: Application already exists: ${String(inputs["name"])}`,
  },
  inUse: (resource, context) => {
    const groups = context.find(groupType).filter(({ inputs }) => inputs["appName"] === resource.id);
    if (groups.length === 0) return undefined;
    const names = groups.map(({ inputs }) => String(inputs["deploymentGroupName"])).join(", ");
    return `InvalidApplicationNameException: Application ${resource.id} still has deployment groups: ${names}`;
  },
  fidelity: "names checked. CodeDeploy deletes an application with its groups, this does not",
});

const routings = ["TimeBasedCanary", "TimeBasedLinear", "AllAtOnce"];
const steps = { TimeBasedCanary: "timeBasedCanary", TimeBasedLinear: "timeBasedLinear" } as const;

const invalidRouting = (reason: string): Failure => ({
  property: "trafficRoutingConfig",
  reason: `InvalidTrafficRoutingConfigurationException: ${reason}`,
});

function validRouting(inputs: Properties): Failure[] {
  const routing = block(inputs["trafficRoutingConfig"]);
  if (typeof inputs["trafficRoutingConfig"] !== "object" || inputs["trafficRoutingConfig"] === null) return [];
  if (hasUnknown(routing)) return [];
  const kind = text(routing["type"]) ?? "AllAtOnce";
  const wanted = Object.entries(steps).find(([type]) => type === kind)?.[1];
  const given = Object.values(steps).filter((key) => routing[key] !== undefined);
  const stray = given.find((key) => key !== wanted);
  const unknownKind = oneOf(routing, "type", routings);
  return failures(
    unknownKind === undefined ? undefined : invalidRouting(unknownKind.reason),
    stray === undefined ? undefined : invalidRouting(`${stray} does not go with type ${kind}`),
    wanted === undefined ? [] : validStep(wanted, block(routing[wanted])),
  );
}

function validStep(key: (typeof steps)[keyof typeof steps], step: Properties): Failure[] {
  const { percentage, interval } = step;
  const found = failures(
    required(step, "percentage", "interval"),
    between(step, "percentage", 1, 99),
    between(step, "interval", 1, longestMinutes),
  );
  const rounds = key === "timeBasedCanary" ? 1 : Math.ceil(100 / Number(percentage)) - 1;
  const minutes = rounds * Number(interval);
  if (found.length === 0 && minutes > longestMinutes)
    return [invalidRouting(`${key} takes ${minutes} minutes, the limit is ${longestMinutes}`)];
  return found.map(({ reason }) => invalidRouting(`${key}: ${reason}`));
}

function validPlatform(inputs: Properties): Failure[] {
  if (typeof inputs["computePlatform"] === "symbol") return [];
  const platform = text(inputs["computePlatform"]) ?? "Server";
  const server = platform === "Server";
  const hosts = inputs["minimumHealthyHosts"] !== undefined;
  return failures(
    oneOf(inputs, "computePlatform", platforms),
    server && !hosts
      ? {
          property: "minimumHealthyHosts",
          reason: "InvalidMinimumHealthyHostValueException: minimumHealthyHosts must be given for Server",
        }
      : undefined,
    !server && hosts
      ? {
          property: "minimumHealthyHosts",
          reason: `InvalidComputePlatformException: minimumHealthyHosts does not go with ${platform}`,
        }
      : undefined,
    server && inputs["trafficRoutingConfig"] !== undefined ? invalidRouting("for Lambda and ECS alone") : undefined,
    !server && inputs["trafficRoutingConfig"] === undefined
      ? invalidRouting(`trafficRoutingConfig must be given for ${platform}`)
      : undefined,
  );
}

const config = awsType({
  type: configType,
  autoName: { property: "deploymentConfigName", maxLength: 100 },
  defaults: { computePlatform: "Server" },
  validate: (inputs) =>
    failures(
      mustMatch(
        inputs,
        "deploymentConfigName",
        /^(?!CodeDeployDefault\.)[^\s]{1,100}$/,
        "1 to 100 characters without spaces, not beginning with CodeDeployDefault.",
      ),
      validPlatform(inputs),
      validRouting(inputs),
    ),
  id: (inputs) => String(inputs["deploymentConfigName"]),
  outputs: (_inputs, id, context) => ({
    arn: arn(context, "codedeploy", `deploymentconfig:${id}`),
    deploymentConfigId: uuid(context),
  }),
  computed: ["arn", "deploymentConfigId"],
  replaceOn: ["deploymentConfigName", "computePlatform", "minimumHealthyHosts", "trafficRoutingConfig", "zonalConfig"],
  unique: {
    properties: ["deploymentConfigName"],
    error: (inputs) =>
      `DeploymentConfigAlreadyExistsException: Deployment configuration already exists: ${String(inputs["deploymentConfigName"])}`,
  },
  inUse: (resource, context) => {
    const user = context.find(groupType).find(({ inputs }) => inputs["deploymentConfigName"] === resource.id);
    return user === undefined
      ? undefined
      : `DeploymentConfigInUseException: The deployment configuration ${resource.id} is still in use by ${String(user.inputs["deploymentGroupName"])}.`;
  },
  fidelity: "steps and platform checked; changes make another one, as in CodeDeploy",
});

const triggers = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];

function validGroup(inputs: Properties): Failure[] {
  const { enabled, alarms } = block(inputs["alarmConfiguration"]);
  const rollback = block(inputs["autoRollbackConfiguration"]);
  const style = block(inputs["deploymentStyle"]);
  const nested = (property: string, exception: string, found: Failure | undefined): Failure | undefined =>
    found === undefined ? undefined : { property, reason: `${exception}: ${found.reason}` };
  const count = list(alarms).length;
  return failures(
    count > 10
      ? { property: "alarmConfiguration", reason: `AlarmsLimitExceededException: at most 10 alarms, got ${count}` }
      : undefined,
    enabled === true && (alarms === undefined || (Array.isArray(alarms) && count === 0))
      ? { property: "alarmConfiguration", reason: "InvalidAlarmConfigException: enabled, but without alarms" }
      : undefined,
    rollback["enabled"] === true && rollback["events"] === undefined
      ? {
          property: "autoRollbackConfiguration",
          reason: "InvalidAutoRollbackConfigException: enabled, but without events",
        }
      : undefined,
    ...list(rollback["events"]).map((event) =>
      nested("autoRollbackConfiguration", "InvalidAutoRollbackConfigException", oneOf({ event }, "event", triggers)),
    ),
    nested(
      "deploymentStyle",
      "InvalidDeploymentStyleException",
      oneOf(style, "deploymentOption", ["WITH_TRAFFIC_CONTROL", "WITHOUT_TRAFFIC_CONTROL"]),
    ),
    nested(
      "deploymentStyle",
      "InvalidDeploymentStyleException",
      oneOf(style, "deploymentType", ["IN_PLACE", "BLUE_GREEN"]),
    ),
  );
}

/** Lambda and ECS know blue/green with traffic control and nothing else; steps must be made for the same platform. */
function refuseGroup(inputs: Properties, context: TypeContext): string | undefined {
  const owner = context.find(applicationType).find(({ id }) => id === inputs["appName"]);
  if (owner === undefined)
    return `ApplicationDoesNotExistException: No application found for name: ${String(inputs["appName"])}`;
  if (!canAssume(inputs["serviceRoleArn"], "codedeploy.amazonaws.com", context))
    return `InvalidRoleException: AWS CodeDeploy does not have the permissions required to assume the role ${String(inputs["serviceRoleArn"])}.`;
  const platform = text(owner.outputs["computePlatform"]) ?? "Server";
  const { deploymentOption, deploymentType } = block(inputs["deploymentStyle"]);
  if (platform !== "Server" && (deploymentType !== "BLUE_GREEN" || deploymentOption !== "WITH_TRAFFIC_CONTROL"))
    return `InvalidDeploymentStyleException: For ${platform} deployment group, deployment type must be BLUE_GREEN and deployment option WITH_TRAFFIC_CONTROL`;
  const [lost] = missingAlarms(list(block(inputs["alarmConfiguration"])["alarms"]), context);
  if (lost !== undefined) return `InvalidAlarmConfigException: The alarm ${lost} does not exist.`;
  return refuseSteps(text(inputs["deploymentConfigName"]) ?? "CodeDeployDefault.OneAtATime", platform, context);
}

function refuseSteps(wanted: string, platform: string, context: TypeContext): string | undefined {
  const given = /^CodeDeployDefault\.(Lambda|ECS)?/.exec(wanted);
  const found = context.find(configType).find(({ id }) => id === wanted);
  if (given === null && found === undefined)
    return `DeploymentConfigDoesNotExistException: No deployment configuration found for name: ${wanted}`;
  const made = given === null ? (text(found?.outputs["computePlatform"]) ?? "Server") : (given[1] ?? "Server");
  if (made === platform) return undefined;
  return `InvalidComputePlatformException: The deployment configuration ${wanted} is for ${made}, the application for ${platform}.`;
}

const group = awsType({
  type: groupType,
  taggable: true,
  defaults: { deploymentConfigName: "CodeDeployDefault.OneAtATime", outdatedInstancesStrategy: "UPDATE" },
  validate: (inputs) =>
    failures(
      required(inputs, "appName", "deploymentGroupName", "serviceRoleArn"),
      mustMatch(inputs, "deploymentGroupName", name, nameRule),
      mustBeArn(inputs, "serviceRoleArn", "iam"),
      validGroup(inputs),
    ),
  id: (_inputs, context) => uuid(context),
  outputs: (inputs, id, context) => {
    const { appName, deploymentGroupName } = inputs;
    const owner = context.find(applicationType).find((other) => other.id === appName);
    return {
      arn: arn(context, "codedeploy", `deploymentgroup:${String(appName)}/${String(deploymentGroupName)}`),
      computePlatform: text(owner?.outputs["computePlatform"]) ?? "Server",
      deploymentGroupId: id,
      blueGreenDeploymentConfig: inputs["blueGreenDeploymentConfig"] ?? {},
    };
  },
  computed: ["arn", "computePlatform", "deploymentGroupId", "blueGreenDeploymentConfig"],
  references: { serviceRoleArn: roleType },
  refuseCreate: refuseGroup,
  unique: {
    properties: ["appName", "deploymentGroupName"],
    error: (inputs) =>
      `DeploymentGroupAlreadyExistsException: Deployment group name already exists: ${String(inputs["deploymentGroupName"])}`,
  },
  fidelity:
    "application, role, steps and alarms must exist; deployments run in the sandbox's CodeDeploy, an hour in a second",
});

export const codeDeployTypes: readonly TypeSpec[] = [application, config, group];

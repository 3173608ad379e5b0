import { failures, globalArn, list, mustMatch, oneOf, required } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, missingTarget, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";

const slackType = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration";
const teamsType = "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration";

function validCommon(inputs: Properties): Failure[] {
  return failures(
    required(inputs, "configurationName", "iamRoleArn"),
    mustMatch(inputs, "configurationName", /^[A-Za-z0-9_-]{1,128}$/, "1 to 128 letters, digits, - and _"),
    mustBeArn(inputs, "iamRoleArn", "iam"),
    oneOf(inputs, "loggingLevel", ["ERROR", "INFO", "NONE"]),
    list(inputs["snsTopicArns"]).flatMap((topic) => mustBeArn({ snsTopicArns: topic }, "snsTopicArns", "sns") ?? []),
    list(inputs["guardrailPolicyArns"]).flatMap(
      (policy) => mustBeArn({ guardrailPolicyArns: policy }, "guardrailPolicyArns", "iam") ?? [],
    ),
  );
}

/** What either service refuses: topics that are not there, roles that it may not take on, a channel that has a configuration. */
function refuse(inputs: Properties, context: TypeContext): string | undefined {
  const lost = missingTarget(list(inputs["snsTopicArns"]), context);
  if (lost !== undefined) return `InvalidParameterException: SNS topic ${lost} does not exist`;
  if (canAssume(inputs["iamRoleArn"], "chatbot.amazonaws.com", context)) return undefined;
  return "InvalidParameterException: AWS Chatbot cannot assume the role.";
}

const common = {
  taggable: true,
  defaults: { loggingLevel: "NONE", userAuthorizationRequired: false },
  references: { iamRoleArn: roleType },
  refuseCreate: refuse,
} as const;

const outputsOf = (kind: "slack-channel" | "microsoft-teams-channel") => {
  return (inputs: Properties, _id: string, context: TypeContext) => ({
    chatConfigurationArn: globalArn(
      context,
      "chatbot",
      `chat-configuration/${kind}/${String(inputs["configurationName"])}`,
    ),
    // Without guardrails AWS lets whoever types in the channel do all that the role may.
    guardrailPolicyArns: inputs["guardrailPolicyArns"] ?? ["arn:aws:iam::aws:policy/AdministratorAccess"],
  });
};

const taken = (channel: string) => (inputs: Properties) =>
  `ConflictException: a configuration for ${String(inputs[channel])} already exists`;

const slack = awsType({
  ...common,
  type: slackType,
  validate: (inputs) =>
    failures(
      validCommon(inputs),
      required(inputs, "slackChannelId", "slackTeamId"),
      mustMatch(inputs, "slackChannelId", /^[A-Za-z0-9]+$/, "the id of a channel"),
      mustMatch(inputs, "slackTeamId", /^[0-9A-Z]{1,255}$/, "the id of a workspace"),
    ),
  id: (inputs, context) => String(outputsOf("slack-channel")(inputs, "", context).chatConfigurationArn),
  outputs: (inputs, id, context) => ({
    ...outputsOf("slack-channel")(inputs, id, context),
    slackChannelName: "",
    slackTeamName: "",
  }),
  computed: ["chatConfigurationArn", "guardrailPolicyArns", "slackChannelName", "slackTeamName"],
  replaceOn: ["configurationName", "slackTeamId"],
  unique: { properties: ["slackTeamId", "slackChannelId"], error: taken("slackChannelId") },
  fidelity: "ids, topics and role checked; nothing is said in any channel",
});

const teams = awsType({
  ...common,
  type: teamsType,
  validate: (inputs) =>
    failures(
      validCommon(inputs),
      required(inputs, "channelId", "teamId", "tenantId"),
      mustMatch(
        inputs,
        "channelId",
        /^([a-zA-Z0-9\-_=+/.,])*%3[aA]([a-zA-Z0-9\-_=+/.,])*%40([a-zA-Z0-9\-_=+/.,])*$/,
        "the id of a channel as its link has it",
      ),
      mustMatch(inputs, "teamId", /^[0-9a-f-]{36}$/, "a UUID"),
      mustMatch(inputs, "tenantId", /^[0-9a-f-]{36}$/, "a UUID"),
    ),
  id: (inputs) => String(inputs["teamId"]),
  outputs: (inputs, id, context) => ({
    ...outputsOf("microsoft-teams-channel")(inputs, id, context),
    channelName: inputs["channelName"] ?? "",
    teamName: inputs["teamName"] ?? "",
  }),
  computed: ["chatConfigurationArn", "guardrailPolicyArns", "channelName", "teamName"],
  replaceOn: ["configurationName", "teamId", "tenantId"],
  unique: { properties: ["teamId", "channelId"], error: taken("channelId") },
  fidelity: "ids, topics and role checked; nothing is said in any channel",
});

export const chatbotTypes: readonly TypeSpec[] = [slack, teams];

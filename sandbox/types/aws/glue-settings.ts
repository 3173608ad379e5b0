import { arn, block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { crawlerType, jobType, securityType, validSchedule } from "./glue-jobs.ts";

/** Each of the three encryptions, the property that holds its mode, and what the mode may be. */
const encryptions = [
  ["cloudwatchEncryption", "cloudwatchEncryptionMode", ["DISABLED", "SSE-KMS"]],
  ["jobBookmarksEncryption", "jobBookmarksEncryptionMode", ["DISABLED", "CSE-KMS"]],
  ["s3Encryption", "s3EncryptionMode", ["DISABLED", "SSE-KMS", "SSE-S3"]],
] as const;

function validEncryption(inputs: Properties): Failure[] {
  const configuration = inputs["encryptionConfiguration"];
  if (typeof configuration !== "object" || configuration === null) return [];
  const property = "encryptionConfiguration";
  return encryptions.flatMap(([part, mode, allowed]) => {
    const settings = block(block(configuration)[part]);
    if (block(configuration)[part] === undefined) return [{ property, reason: `missing ${part}` }];
    const wrong = oneOf(settings, mode, allowed);
    const keyless = String(settings[mode]).endsWith("KMS") && settings["kmsKeyArn"] === undefined;
    return failures(
      wrong === undefined ? undefined : { property, reason: wrong.reason },
      keyless
        ? { property, reason: `InvalidInputException: ${part} needs kmsKeyArn with ${String(settings[mode])}` }
        : [],
    );
  });
}

const securityConfiguration = awsType({
  type: securityType,
  autoName: { property: "name", maxLength: 255 },
  validate: (inputs) => failures(required(inputs, "encryptionConfiguration"), validEncryption(inputs)),
  id: (inputs) => String(inputs["name"]),
  replaceOn: ["name", "encryptionConfiguration"],
  unique: {
    properties: ["name"],
    error: (inputs) => `AlreadyExistsException: Security configuration already exists: ${String(inputs["name"])}`,
  },
  fidelity: "modes and keys checked; nothing is encrypted",
});

const actionsOf = (inputs: Properties): Properties[] => list(inputs["actions"]).map(block);

function validKind(inputs: Properties): Failure[] {
  const needs = { SCHEDULED: "schedule", CONDITIONAL: "predicate" }[text(inputs["type"]) ?? ""];
  return failures(
    needs !== undefined && inputs[needs] === undefined
      ? {
          property: needs,
          reason: `InvalidInputException: ${needs} is required for triggers of type ${String(inputs["type"])}`,
        }
      : undefined,
    Array.isArray(inputs["actions"]) && list(inputs["actions"]).length === 0
      ? { property: "actions", reason: "a trigger needs at least one action" }
      : undefined,
    actionsOf(inputs)
      .filter(({ jobName, crawlerName }) => (jobName === undefined) === (crawlerName === undefined))
      .map(() => ({ property: "actions", reason: "InvalidInputException: an action names one job or one crawler" })),
  );
}

function missingAction(inputs: Properties, context: TypeContext): string | undefined {
  const watched = list(block(inputs["predicate"])["conditions"]).map(block);
  const named = [...actionsOf(inputs), ...watched];
  const lacks = (type: string, property: string): string | undefined =>
    named
      .map((entry) => text(entry[property]))
      .find((name) => name !== undefined && !context.find(type).some(({ id }) => id === name));
  const job = lacks(jobType, "jobName");
  if (job !== undefined) return `EntityNotFoundException: Failed to find job: ${job}`;
  const crawler = lacks(crawlerType, "crawlerName");
  return crawler === undefined ? undefined : `EntityNotFoundException: Failed to find crawler: ${crawler}`;
}

/** Schedules and conditions are armed at once; triggers on demand and of events wait to be started. */
function stateOf(inputs: Properties): string {
  const armed = inputs["enabled"] !== false && ["SCHEDULED", "CONDITIONAL"].includes(String(inputs["type"]));
  return armed ? "ACTIVATED" : "CREATED";
}

const trigger = awsType({
  type: "aws:glue/trigger:Trigger",
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  defaults: { enabled: true },
  validate: (inputs) =>
    failures(
      required(inputs, "actions", "type"),
      mustMatch(inputs, "name", /^[^]{1,255}$/, "1 to 255 characters"),
      oneOf(inputs, "type", ["ON_DEMAND", "SCHEDULED", "CONDITIONAL", "EVENT"]),
      validSchedule(inputs),
      validKind(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: (inputs, id, context) => ({ arn: arn(context, "glue", `trigger/${id}`), state: stateOf(inputs) }),
  computed: ["arn", "state"],
  replaceOn: ["name", "type", "workflowName"],
  refuseCreate: missingAction,
  unique: {
    properties: ["name"],
    error: (inputs) => `AlreadyExistsException: Trigger with name ${String(inputs["name"])} already submitted`,
  },
  fidelity: "schedule, predicate, jobs and crawlers checked; starts nothing",
});

export const glueSettingTypes: readonly TypeSpec[] = [securityConfiguration, trigger];

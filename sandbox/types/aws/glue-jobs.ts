import { arn, between, block, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import { parseDocument } from "../policy-document.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { scheduleProblem } from "./expressions.ts";
import { roleType } from "./iam.ts";

const jobType = "aws:glue/job:Job";
const crawlerType = "aws:glue/crawler:Crawler";
const securityType = "aws:glue/securityConfiguration:SecurityConfiguration";
const glueVersions = ["0.9", "1.0", "2.0", "3.0", "4.0", "5.0", "5.1"];

/** Data processing units of one worker. */
const units: Readonly<Record<string, number>> = {
  "G.025X": 0.25,
  "G.1X": 1,
  "G.2X": 2,
  "G.4X": 4,
  "G.8X": 8,
  "G.12X": 12,
  "G.16X": 16,
  "R.1X": 1,
  "R.2X": 2,
  "R.4X": 4,
  "R.8X": 8,
  "Z.2X": 2,
  Standard: 1,
};

function commandName(inputs: Properties): string {
  return text(block(inputs["command"])["name"]) ?? "glueetl";
}

function invalid(property: string, reason: string): Failure {
  return { property, reason: `InvalidInputException: ${reason}` };
}

function validCommand(inputs: Properties): Failure[] {
  const command = block(inputs["command"]);
  const script = text(command["scriptLocation"]);
  const known = ["glueetl", "pythonshell", "gluestreaming", "glueray"].includes(commandName(inputs));
  const missing =
    inputs["command"] !== undefined && typeof inputs["command"] === "object" && !("scriptLocation" in command);
  return failures(
    known ? undefined : invalid("command", `The Job Command ${commandName(inputs)} is not supported.`),
    missing || script === "" ? invalid("command", "Script location is required") : undefined,
    script === undefined || script === "" || /^s3:\/\/[a-z0-9.-]+\/.+/.test(script)
      ? undefined
      : invalid("command", `Invalid script location ${script}: expected s3://bucket/key`),
  );
}

/** Workers and maximum capacity are two ways to say how large the job is. */
function validCapacity(inputs: Properties): Failure[] {
  const type = text(inputs["workerType"]);
  const workers = inputs["numberOfWorkers"];
  const sized = type !== undefined || workers !== undefined;
  const shell = commandName(inputs) === "pythonshell";
  return failures(
    oneOf(inputs, "workerType", Object.keys(units)),
    sized && inputs["maxCapacity"] !== undefined
      ? { property: "maxCapacity", reason: '"maxCapacity": conflicts with numberOfWorkers and workerType' }
      : undefined,
    (type === undefined) === (workers === undefined)
      ? undefined
      : invalid("numberOfWorkers", "workerType and numberOfWorkers must be given together"),
    shell && type !== undefined
      ? invalid("workerType", `Worker Type is not supported for Job Command pythonshell`)
      : undefined,
    typeof workers === "number" && !shell && workers < 2
      ? invalid("numberOfWorkers", "Number of workers must be at least 2")
      : undefined,
    shell && typeof inputs["maxCapacity"] === "number" && ![0.0625, 1].includes(inputs["maxCapacity"])
      ? invalid("maxCapacity", "a pythonshell job takes 0.0625 or 1 DPU")
      : undefined,
  );
}

function validExecutionClass(inputs: Properties): Failure | undefined {
  if (inputs["executionClass"] !== "FLEX") return undefined;
  const version = Number(text(inputs["glueVersion"]) ?? "5.1");
  if (commandName(inputs) === "glueetl" && version >= 3) return undefined;
  return invalid("executionClass", "FLEX execution class needs the command glueetl and Glue version 3.0 or later");
}

function jobOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  const type = text(inputs["workerType"]);
  const workers = typeof inputs["numberOfWorkers"] === "number" ? inputs["numberOfWorkers"] : undefined;
  const shell = commandName(inputs) === "pythonshell";
  const command = block(inputs["command"]);
  const unsized = shell ? 0.0625 : 10;
  return {
    arn: arn(context, "glue", `job/${id}`),
    command: { ...command, name: commandName(inputs), pythonVersion: command["pythonVersion"] ?? "3" },
    glueVersion: text(inputs["glueVersion"]) ?? "5.1",
    maxCapacity:
      inputs["maxCapacity"] ?? (type === undefined || workers === undefined ? unsized : (units[type] ?? 1) * workers),
    numberOfWorkers: workers ?? 0,
    workerType: type ?? "",
    executionProperty: inputs["executionProperty"] ?? { maxConcurrentRuns: 1 },
    jobMode: text(inputs["jobMode"]) ?? "SCRIPT",
    timeout: inputs["timeout"] ?? 2_880,
    notificationProperty: inputs["notificationProperty"] ?? {},
  };
}

const job = awsType({
  type: jobType,
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  validate: (inputs) =>
    failures(
      required(inputs, "command", "roleArn"),
      mustMatch(inputs, "name", /^[^]{1,255}$/, "1 to 255 characters"),
      mustBeArn(inputs, "roleArn", "iam"),
      oneOf(inputs, "glueVersion", glueVersions),
      oneOf(inputs, "executionClass", ["STANDARD", "FLEX"]),
      oneOf(inputs, "jobMode", ["SCRIPT", "NOTEBOOK", "VISUAL"]),
      between(inputs, "maxRetries", 0, 10),
      between(inputs, "timeout", 1, 10_080),
      validCommand(inputs),
      validCapacity(inputs),
      validExecutionClass(inputs),
    ),
  id: (inputs) => String(inputs["name"]),
  outputs: jobOutputs,
  computed: [
    ...["arn", "glueVersion", "maxCapacity", "numberOfWorkers", "workerType"],
    ...["executionProperty", "jobMode", "timeout", "notificationProperty"],
  ],
  replaceOn: ["name"],
  references: { roleArn: roleType, securityConfiguration: securityType },
  refuseCreate: (inputs, context) =>
    canAssume(inputs["roleArn"], "glue.amazonaws.com", context)
      ? undefined
      : `InvalidInputException: Role ${String(inputs["roleArn"])} should be given assume role permissions for Glue Service.`,
  unique: {
    properties: ["name"],
    error: (inputs) => `AlreadyExistsException: Job already exists: ${String(inputs["name"])}`,
  },
  fidelity: "command, version, workers and role checked; the script is not read before the job runs",
});

const crawled = ["s3", "catalog", "delta", "dynamodb", "hudi", "iceberg", "jdbc", "mongodb"].map(
  (kind) => `${kind}Targets`,
);

/** Crawlers and triggers run by cron only. */
function validSchedule(inputs: Properties): Failure | undefined {
  const schedule = text(inputs["schedule"]);
  const problem = schedule === undefined || schedule === "" ? undefined : scheduleProblem(schedule, ["cron"]);
  return problem === undefined ? undefined : { property: "schedule", reason: `ValidationException: ${problem}` };
}

function validConfiguration(inputs: Properties): Failure[] {
  const found = parseDocument("configuration", inputs["configuration"]);
  return Array.isArray(found) ? found : [];
}

const crawler = awsType({
  type: crawlerType,
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  validate: (inputs) => {
    const policy = block(inputs["schemaChangePolicy"]);
    return failures(
      required(inputs, "databaseName", "role"),
      crawled.some((property) => inputs[property] !== undefined)
        ? undefined
        : { property: "s3Targets", reason: `one of ${crawled.join(", ")} must be specified` },
      list(inputs["s3Targets"])
        .map((target) => text(block(target)["path"]))
        .filter((path) => path !== undefined && !/^s3:\/\/[a-z0-9.-]+/.test(path))
        .map((path) => ({ property: "s3Targets", reason: `InvalidInputException: ${path} is not an S3 path` })),
      validSchedule(inputs),
      validConfiguration(inputs),
      oneOf(policy, "deleteBehavior", ["LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE"]),
      oneOf(policy, "updateBehavior", ["LOG", "UPDATE_IN_DATABASE"]),
      oneOf(block(inputs["recrawlPolicy"]), "recrawlBehavior", [
        ...["CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY", "CRAWL_EVENT_MODE"],
      ]),
      mustMatch(inputs, "tablePrefix", /^[^]{0,128}$/, "at most 128 characters"),
    );
  },
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({ arn: arn(context, "glue", `crawler/${id}`) }),
  computed: ["arn"],
  replaceOn: ["name"],
  references: { role: roleType, securityConfiguration: securityType },
  refuseCreate: (inputs, context) =>
    canAssume(inputs["role"], "glue.amazonaws.com", context)
      ? undefined
      : `InvalidInputException: Service is unable to assume provided role. Please verify role's TrustPolicy`,
  unique: {
    properties: ["name"],
    error: (inputs) => `AlreadyExistsException: Crawler with name ${String(inputs["name"])} already exists`,
  },
  fidelity: "targets, schedule and role checked; crawls nothing",
});

export const glueJobTypes: readonly TypeSpec[] = [job, crawler];
export { crawlerType, jobType, securityType, validSchedule };

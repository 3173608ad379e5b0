import { arn, between, block, createdAt, failures, list, mustMatch, oneOf, required, text, uuid } from "../build.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { canAssume, mustBeArn } from "./arns.ts";
import { awsType } from "./aws-type.ts";
import { roleType } from "./iam.ts";
import { definitionProblems } from "./states-language.ts";

const machineType = "aws:sfn/stateMachine:StateMachine";
const aliasType = "aws:sfn/alias:Alias";

function validDefinition(inputs: Properties): Failure[] {
  const definition = text(inputs["definition"]);
  if (definition === undefined) return [];
  if (definition.length > 1_048_576) return [{ property: "definition", reason: "at most 1048576 characters" }];
  return definitionProblems(definition).map((problem) => ({
    property: "definition",
    reason: `InvalidDefinition: Invalid State Machine Definition: '${problem}'`,
  }));
}

function validLogging(inputs: Properties): Failure[] {
  const logging = block(inputs["loggingConfiguration"]);
  const destination = text(logging["logDestination"]);
  const on = ["ALL", "ERROR", "FATAL"].includes(String(logging["level"]));
  const fail = (reason: string): Failure => ({ property: "loggingConfiguration", reason });
  const wrong = oneOf(logging, "level", ["ALL", "ERROR", "FATAL", "OFF"]);
  return failures(
    wrong === undefined ? undefined : fail(wrong.reason),
    destination !== undefined && !/:log-group:.+:\*$/.test(destination)
      ? fail(`InvalidLoggingConfiguration: The Log Destination must be the ARN of a log group and end with :*`)
      : undefined,
    on && logging["logDestination"] === undefined
      ? fail("InvalidLoggingConfiguration: Must specify exactly one Log Destination.")
      : undefined,
  );
}

/** What a version freezes; tags are the machine's own. */
function revision(inputs: Properties): string {
  const parts = ["definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"];
  return JSON.stringify(parts.map((part) => inputs[part] ?? null));
}

function versionArn(inputs: Properties, id: string, context: TypeContext): string {
  const previous = context.find(machineType).find((other) => other.id === id);
  const last = text(previous?.outputs["stateMachineVersionArn"]) ?? "";
  if (inputs["publish"] !== true) return last;
  if (previous === undefined || last === "") return `${id}:1`;
  return revision(previous.inputs) === revision(inputs) ? last : `${id}:${Number(last.split(":").pop()) + 1}`;
}

function commentOf(inputs: Properties): string {
  try {
    return text(block(JSON.parse(text(inputs["definition"]) ?? "{}"))["Comment"]) ?? "";
  } catch {
    return "";
  }
}

function machineOutputs(inputs: Properties, id: string, context: TypeContext): Properties {
  return {
    arn: id,
    creationDate: createdAt(context, machineType),
    description: commentOf(inputs),
    revisionId: inputs["publish"] === true ? uuid(context) : "",
    stateMachineVersionArn: versionArn(inputs, id, context),
    status: "ACTIVE",
    versionDescription: "",
    encryptionConfiguration: inputs["encryptionConfiguration"] ?? { type: "AWS_OWNED_KEY" },
    loggingConfiguration: { level: "OFF", includeExecutionData: false, ...block(inputs["loggingConfiguration"]) },
    tracingConfiguration: inputs["tracingConfiguration"] ?? { enabled: false },
  };
}

const machineName = /^[0-9A-Za-z_-]{1,80}$/;

const stateMachine = awsType({
  type: machineType,
  taggable: true,
  autoName: { property: "name", maxLength: 80 },
  defaults: { type: "STANDARD", publish: false },
  validate: (inputs) =>
    failures(
      required(inputs, "definition", "roleArn"),
      mustMatch(inputs, "name", machineName, "the name should only contain 0-9, A-Z, a-z, - and _, at most 80 of them"),
      mustBeArn(inputs, "roleArn", "iam"),
      oneOf(inputs, "type", ["STANDARD", "EXPRESS"]),
      validDefinition(inputs),
      validLogging(inputs),
    ),
  id: (inputs, context) => arn(context, "states", `stateMachine:${String(inputs["name"])}`),
  outputs: machineOutputs,
  computed: [
    ...["arn", "creationDate", "description", "revisionId", "stateMachineVersionArn", "status", "versionDescription"],
    ...["encryptionConfiguration", "loggingConfiguration", "tracingConfiguration"],
  ],
  replaceOn: ["name", "namePrefix", "type"],
  references: { roleArn: roleType },
  refuseCreate: (inputs, context) =>
    canAssume(inputs["roleArn"], "states.amazonaws.com", context)
      ? undefined
      : `AccessDeniedException: Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.`,
  unique: {
    properties: ["name"],
    error: (inputs) => `StateMachineAlreadyExists: State Machine Already Exists: '${String(inputs["name"])}'`,
  },
  fidelity: "definition parsed as Step Functions does, versions counted; what tasks name is not looked up",
});

function routes(inputs: Properties): string[] {
  return list(inputs["routingConfigurations"])
    .map((entry) => text(block(entry)["stateMachineVersionArn"]))
    .filter((value) => value !== undefined);
}

function machineOf(version: string): string {
  return version.replace(/:\d+$/, "");
}

function validRoutes(inputs: Properties): Failure[] {
  const entries = inputs["routingConfigurations"];
  if (!Array.isArray(entries)) return [];
  const weights = list(entries).map((entry) => block(entry)["weight"]);
  const fail = (reason: string): Failure => ({
    property: "routingConfigurations",
    reason: `ValidationException: ${reason}`,
  });
  const machines = new Set(routes(inputs).map(machineOf));
  const known = weights.every((weight) => typeof weight === "number");
  const sum = known ? weights.reduce<number>((total, weight) => total + Number(weight), 0) : 100;
  return failures(
    entries.length < 1 || entries.length > 2 ? fail("an alias routes to one or two versions") : undefined,
    sum === 100 ? undefined : fail(`Sum of routing configuration weights must equal 100, got ${sum}`),
    machines.size > 1 ? fail("Routing configuration must contain versions of the same state machine") : undefined,
    routes(inputs)
      .filter((to) => !/:\d+$/.test(to))
      .map((to) => fail(`Invalid version ARN ${to}`)),
    list(entries)
      .flatMap((entry) => between(block(entry), "weight", 0, 100) ?? [])
      .map(({ reason }) => fail(reason)),
  );
}

/** Versions count from 1 and are kept, so every number up to the last one exists. */
function missingVersion(inputs: Properties, context: TypeContext): string | undefined {
  const machines = new Map(context.find(machineType).map((machine) => [machine.id, machine.outputs]));
  const lost = routes(inputs).find((to) => {
    const last = text(machines.get(machineOf(to))?.["stateMachineVersionArn"])
      ?.split(":")
      .pop();
    return last === undefined || Number(to.split(":").pop()) > Number(last);
  });
  return lost === undefined ? undefined : `ResourceNotFound: Resource not found: '${lost}'`;
}

const alias = awsType({
  type: aliasType,
  autoName: { property: "name", maxLength: 80 },
  validate: (inputs) =>
    failures(
      required(inputs, "routingConfigurations"),
      mustMatch(
        inputs,
        "name",
        /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/,
        "letters, digits and _ - . , not digits alone",
      ),
      validRoutes(inputs),
    ),
  id: (inputs) => `${machineOf(routes(inputs)[0] ?? "")}:${String(inputs["name"])}`,
  outputs: (_inputs, id, context) => ({ arn: id, creationDate: createdAt(context, aliasType) }),
  computed: ["arn", "creationDate"],
  replaceOn: ["name"],
  refuseCreate: missingVersion,
  fidelity: "versions and weights checked; executions are not routed",
});

export const statesTypes: readonly TypeSpec[] = [stateMachine, alias];

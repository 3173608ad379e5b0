import { failures, mustMatch, oneOf, required, text } from "../build.ts";
import { checkPolicy, eventBusPolicy } from "../policy-document.ts";
import type { Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

const busType = "aws:cloudwatch/eventBus:EventBus";
const busOf = (inputs: Properties) => text(inputs["eventBusName"]) ?? "default";

function missingBus(inputs: Properties, context: TypeContext): string | undefined {
  const name = busOf(inputs);
  if (name === "default" || context.find(busType).some(({ id }) => id === name)) return undefined;
  return `ResourceNotFoundException: Event bus ${name} does not exist.`;
}

const policy = awsType({
  type: "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
  defaults: { eventBusName: "default" },
  validate: (inputs) => failures(required(inputs, "policy"), checkPolicy(inputs, "policy", eventBusPolicy)),
  id: busOf,
  replaceOn: ["eventBusName"],
  refuseCreate: missingBus,
  // A bus has one policy; putting another one writes over it.
  overwrites: true,
  fidelity: "document checked; not enforced",
});

const permission = awsType({
  type: "aws:cloudwatch/eventPermission:EventPermission",
  defaults: { action: "events:PutEvents", eventBusName: "default" },
  validate: (inputs) =>
    failures(
      required(inputs, "principal", "statementId"),
      mustMatch(inputs, "principal", /^(\*|\d{12})$/, "a 12-digit account id or *"),
      mustMatch(inputs, "statementId", /^[a-zA-Z0-9-_]{1,64}$/, "1 to 64 letters, digits, hyphens and underscores"),
      oneOf(inputs, "action", ["events:PutEvents", "events:PutRule"]),
    ),
  id: (inputs) => `${busOf(inputs)}/${String(inputs["statementId"])}`,
  replaceOn: ["eventBusName", "statementId"],
  refuseCreate: missingBus,
  unique: {
    properties: ["eventBusName", "statementId"],
    error: (inputs) => `ResourceAlreadyExistsException: Statement ${String(inputs["statementId"])} already exists.`,
  },
  fidelity: "principal and statement checked; not enforced",
});

export const eventPermissionTypes: readonly TypeSpec[] = [policy, permission];

import { block, list, text } from "../build.ts";
import { parseDocument } from "../policy-document.ts";
import type { CloudResource, Failure, Properties, TypeContext } from "../type-spec.ts";
import { roleType } from "./iam.ts";

export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  resource: string;
}

export function parseArn(value: unknown): Arn | undefined {
  const found = /^arn:(aws[a-z-]*):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|aws)?:(.+)$/s.exec(text(value) ?? "");
  if (found === null) return undefined;
  const [, partition = "", service = "", region = "", account = "", resource = ""] = found;
  return { partition, service, region, account, resource };
}

/** Fails a known string that is no ARN, or one of another service. */
export function mustBeArn(inputs: Properties, property: string, ...services: readonly string[]): Failure | undefined {
  const value = text(inputs[property]);
  if (value === undefined) return undefined;
  const found = parseArn(value);
  if (found === undefined) return { property, reason: `"${property}" (${value}) is an invalid ARN` };
  if (services.length === 0 || services.includes(found.service)) return undefined;
  return { property, reason: `"${property}" (${value}) must be an ARN of ${services.join(" or ")}` };
}

/** Types whose resources other services call or write to, and how an ARN names them. */
const targets: Readonly<Record<string, { type: string; base: RegExp }>> = {
  lambda: { type: "aws:lambda/function:Function", base: /^function:([\w-]+)/ },
  sqs: { type: "aws:sqs/queue:Queue", base: /^([\w.-]+)$/ },
  sns: { type: "aws:sns/topic:Topic", base: /^([\w.-]+)$/ },
  states: { type: "aws:sfn/stateMachine:StateMachine", base: /^stateMachine:([\w-]+)/ },
  events: { type: "aws:cloudwatch/eventBus:EventBus", base: /^event-bus\/(.+)$/ },
  s3: { type: "aws:s3/bucket:Bucket", base: /^([^/]+)$/ },
  // Names are in lower case here, whatever they are.
  sagemaker: { type: "aws:sagemaker/pipeline:Pipeline", base: /^pipeline\/([a-z0-9-]+)/ },
};

/**
 * The resource that an ARN names: the resource itself, undefined where there is none, and `unseen` where the table cannot
 * know, because the ARN belongs to another account or region or to a service whose resources are not looked up.
 */
export function resourceOf(value: unknown, context: TypeContext): CloudResource | "unseen" | undefined {
  const found = parseArn(value);
  if (found === undefined) return "unseen";
  const { service, region, account, resource } = found;
  const target = targets[service];
  const name = target?.base.exec(resource)?.[1];
  const elsewhere = (account !== "" && account !== context.account) || (region !== "" && region !== context.region);
  if (target === undefined || name === undefined || elsewhere || resource === "event-bus/default") return "unseen";
  return context.find(target.type).find((other) => names(other).includes(name));
}

function names(resource: CloudResource): unknown[] {
  const pipeline = text(resource.inputs["pipelineName"])?.toLowerCase();
  return [resource.id, resource.inputs["name"], resource.inputs["bucket"], pipeline];
}

/** The first of the ARNs that names nothing. */
export function missingTarget(values: readonly unknown[], context: TypeContext): string | undefined {
  return values.map(text).find((value) => value !== undefined && resourceOf(value, context) === undefined);
}

/** Whether the trust policy of a role in this account lets the service in; roles of other accounts are taken as they are. */
export function canAssume(role: unknown, service: string, context: TypeContext): boolean {
  const name = text(role);
  if (name === undefined) return true;
  const found = context.find(roleType).find((other) => other.id === name || other.outputs["arn"] === name);
  if (found === undefined) return true;
  return policyAllows(found.inputs["assumeRolePolicy"], service);
}

function statementsOf(document: Properties): Properties[] {
  const statement = document["Statement"];
  return (Array.isArray(statement) ? list(statement) : [statement]).map(block);
}

/** Whether a resource policy has an Allow for the service's principal. */
export function policyAllows(policy: unknown, service: string): boolean {
  const document = parseDocument("policy", policy);
  if (document === undefined || Array.isArray(document)) return false;
  return statementsOf(document).some((statement) => {
    const principal = statement["Principal"];
    const services = [block(principal)["Service"]].flat();
    return statement["Effect"] === "Allow" && (principal === "*" || services.includes(service));
  });
}

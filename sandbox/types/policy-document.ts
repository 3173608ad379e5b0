import { block, failures, list, text } from "./build.ts";
import type { Failure, Properties } from "./type-spec.ts";

/** What the service expects of its policy documents. */
export interface PolicyRules {
  /** Trust and resource policies name who may; identity policies are attached to who may. */
  principal: "required" | "forbidden";
  resource: "required" | "forbidden" | "optional";
  /** Quota in characters; IAM does not count white space, the others do. */
  maxLength: number;
  ignoreWhitespace?: boolean;
  /** IAM takes letters and digits only and wants each Sid once; the others are lenient. */
  strictSid?: boolean;
  /** Service prefix that every action must carry, e.g. `sts` in trust policies. */
  actions?: string;
}

export const identityPolicy: PolicyRules = {
  principal: "forbidden",
  resource: "required",
  maxLength: 6_144,
  ignoreWhitespace: true,
  strictSid: true,
};
export const trustPolicy: PolicyRules = {
  principal: "required",
  resource: "forbidden",
  maxLength: 2_048,
  ignoreWhitespace: true,
  strictSid: true,
  actions: "sts",
};
export const bucketPolicy: PolicyRules = { principal: "required", resource: "required", maxLength: 20_480 };
export const keyPolicy: PolicyRules = { principal: "required", resource: "required", maxLength: 32_768 };
export const repositoryPolicy: PolicyRules = {
  principal: "required",
  resource: "forbidden",
  maxLength: 10_240,
  actions: "ecr",
};
export const topicPolicy: PolicyRules = {
  principal: "required",
  resource: "required",
  maxLength: 30_720,
  actions: "sns",
};
export const queuePolicy: PolicyRules = {
  principal: "required",
  resource: "required",
  maxLength: 8_192,
  actions: "sqs",
};
export const secretPolicy: PolicyRules = {
  principal: "required",
  resource: "required",
  maxLength: 20_480,
  actions: "secretsmanager",
};
export const modelPackageGroupPolicy: PolicyRules = {
  principal: "required",
  resource: "required",
  maxLength: 20_480,
  actions: "sagemaker",
};
export const eventBusPolicy: PolicyRules = {
  principal: "required",
  resource: "required",
  maxLength: 10_240,
  actions: "events",
};
export const endpointPolicy: PolicyRules = { principal: "required", resource: "required", maxLength: 20_480 };

/** Parses a JSON input; undefined when it is absent or not yet known, a failure when it is not a JSON object. */
export function parseDocument(property: string, value: unknown): Properties | Failure[] | undefined {
  if (value === undefined || value === null || typeof value === "symbol") return undefined;
  if (typeof value === "object") return value as Properties;
  if (typeof value !== "string") return [{ property, reason: `${property} must be JSON text` }];
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Properties;
    return [{ property, reason: `${property} must be a JSON object` }];
  } catch (error) {
    return [{ property, reason: `${property} contains invalid JSON: ${(error as Error).message}` }];
  }
}

/** Checks a policy document as its service does: MalformedPolicyDocument as a list of failures. */
export function checkPolicy(inputs: Properties, property: string, rules: PolicyRules): Failure[] {
  const value = inputs[property];
  const document = parseDocument(property, value);
  if (document === undefined) return [];
  if (Array.isArray(document)) return document;
  const fail = (reason: string): Failure => ({ property, reason: `MalformedPolicyDocument: ${reason}` });
  const whole = typeof value === "string" ? value : JSON.stringify(value);
  const length = (rules.ignoreWhitespace ? whole.replaceAll(/\s/g, "") : whole).length;
  return failures(
    length > rules.maxLength ? fail(`${length} characters, the quota is ${rules.maxLength}`) : undefined,
    checkVersion(document, rules).map(fail),
    checkStatements(document, rules).map(fail),
  );
}

function checkVersion(document: Properties, rules: PolicyRules): string[] {
  const version = document["Version"];
  // ECR and S3 fall back to 2008-10-17 by themselves, IAM asks for the version.
  if (version === undefined && rules.strictSid !== true) return [];
  const known = version === "2012-10-17" || version === "2008-10-17";
  return known ? [] : [`Version must be "2012-10-17" or "2008-10-17", got ${JSON.stringify(version) ?? "nothing"}`];
}

function checkStatements(document: Properties, rules: PolicyRules): string[] {
  const statement = document["Statement"];
  const statements = Array.isArray(statement) ? (statement as unknown[]) : statement === undefined ? [] : [statement];
  if (statements.length === 0) return ["Statement must hold at least one statement"];
  const problems = statements.flatMap((entry, index) =>
    checkStatement(block(entry), rules).map((problem) => `Statement[${index}]: ${problem}`),
  );
  const sids = statements.map((entry) => text(block(entry)["Sid"])).filter((sid) => sid !== undefined && sid !== "");
  const twice = sids.find((sid, index) => sids.indexOf(sid) !== index);
  return rules.strictSid && twice !== undefined ? [...problems, `Sid "${twice}" is used twice`] : problems;
}

function checkStatement(statement: Properties, rules: PolicyRules): string[] {
  const problems: string[] = [];
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny")
    problems.push('Effect must be "Allow" or "Deny"');
  problems.push(...exactlyOne(statement, "Action", "NotAction", "required"));
  problems.push(...exactlyOne(statement, "Resource", "NotResource", rules.resource));
  problems.push(...exactlyOne(statement, "Principal", "NotPrincipal", rules.principal));
  problems.push(...checkActions(statement, rules));
  const sid = text(statement["Sid"]);
  if (rules.strictSid && sid !== undefined && !/^[A-Za-z0-9]*$/.test(sid))
    problems.push(`Sid "${sid}" may hold letters and digits only`);
  return problems;
}

function exactlyOne(statement: Properties, name: string, negated: string, rule: PolicyRules["resource"]): string[] {
  const count = [name, negated].filter((key) => statement[key] !== undefined).length;
  if (count > 1) return [`${name} and ${negated} exclude each other`];
  if (rule === "required" && count === 0) return [`${name} is missing`];
  if (rule === "forbidden" && count > 0) return [`${name} has no place in this kind of policy`];
  const empty = Array.isArray(statement[name]) && list(statement[name]).length === 0;
  return empty ? [`${name} is empty`] : [];
}

function checkActions(statement: Properties, rules: PolicyRules): string[] {
  const action = statement["Action"] ?? statement["NotAction"];
  const actions = Array.isArray(action) ? (action as unknown[]) : action === undefined ? [] : [action];
  return actions.flatMap((entry) => {
    if (entry === "*") return [];
    const service = /^([a-z0-9-]+):[A-Za-z0-9*?]+$/i.exec(String(entry))?.[1]?.toLowerCase();
    if (service === undefined) return [`action ${JSON.stringify(entry)} is not of the form service:Action`];
    const foreign = rules.actions !== undefined && service !== rules.actions && !service.includes("*");
    return foreign ? [`action "${String(entry)}" has no place here, only ${rules.actions}: actions have`] : [];
  });
}

import { block, list, text } from "../build.ts";
import type { Invoke, Properties } from "../type-spec.ts";

/** A list of one is written as its element, as the AWS provider does. */
function oneOrMany(values: readonly unknown[]): unknown {
  return values.length === 1 ? values[0] : [...values].map(String).sort().reverse();
}

function principals(entries: readonly unknown[]): unknown {
  const grouped: Record<string, unknown[]> = {};
  for (const entry of entries.map(block)) {
    const kind = String(entry["type"]);
    grouped[kind] = [...(grouped[kind] ?? []), ...list(entry["identifiers"])];
  }
  if (grouped["*"] !== undefined) return "*";
  return Object.fromEntries(Object.entries(grouped).map(([kind, identifiers]) => [kind, oneOrMany(identifiers)]));
}

function conditions(entries: readonly unknown[]): Properties {
  const grouped: Record<string, Properties> = {};
  for (const entry of entries.map(block)) {
    const test = String(entry["test"]);
    grouped[test] = { ...grouped[test], [String(entry["variable"])]: oneOrMany(list(entry["values"])) };
  }
  return grouped;
}

/** One statement block in the order and spelling of IAM. */
function statement(entry: Properties): Properties {
  const result: Properties = {};
  const sid = text(entry["sid"]);
  if (sid !== undefined && sid !== "") result["Sid"] = sid;
  result["Effect"] = text(entry["effect"]) ?? "Allow";
  const named: readonly (readonly [string, string])[] = [
    ["Action", "actions"],
    ["NotAction", "notActions"],
    ["Resource", "resources"],
    ["NotResource", "notResources"],
  ];
  for (const [key, input] of named) if (list(entry[input]).length > 0) result[key] = oneOrMany(list(entry[input]));
  if (list(entry["principals"]).length > 0) result["Principal"] = principals(list(entry["principals"]));
  if (list(entry["notPrincipals"]).length > 0) result["NotPrincipal"] = principals(list(entry["notPrincipals"]));
  if (list(entry["conditions"]).length > 0) result["Condition"] = conditions(list(entry["conditions"]));
  return result;
}

function statementsOf(document: unknown): Properties[] {
  const parsed = block(JSON.parse(String(document)) as unknown);
  const found = parsed["Statement"];
  return (Array.isArray(found) ? (found as unknown[]) : found === undefined ? [] : [found]).map(block);
}

/** Later statements replace earlier ones with the same Sid. */
function merge(statements: readonly Properties[]): Properties[] {
  return statements.filter((entry, index) => {
    const sid = entry["Sid"];
    return sid === undefined || !statements.slice(index + 1).some((later) => later["Sid"] === sid);
  });
}

/** `aws.iam.getPolicyDocument`: assembles the document from statement blocks, sources and overrides. */
export const policyDocument: Invoke = (args) => {
  const statements = merge([
    ...list(args["sourcePolicyDocuments"]).flatMap(statementsOf),
    ...list(args["statements"]).map((entry) => statement(block(entry))),
    ...list(args["overridePolicyDocuments"]).flatMap(statementsOf),
  ]);
  const document = {
    Version: text(args["version"]) ?? "2012-10-17",
    ...(args["policyId"] === undefined ? {} : { Id: args["policyId"] }),
    ...(statements.length === 0 ? {} : { Statement: statements }),
  };
  const json = JSON.stringify(document, undefined, 2);
  return { ...args, id: String(json.length), json, minifiedJson: JSON.stringify(document) };
};

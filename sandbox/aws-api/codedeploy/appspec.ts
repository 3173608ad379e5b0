import { createHash } from "node:crypto";
import { parse } from "yaml";

import { block, list, text } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { AwsError } from "../protocol.ts";

/** Which alias of which function goes from where to where, and who is asked on the way. */
export interface AppSpec {
  function: string;
  alias: string;
  current: string;
  target: string;
  /** Functions that are asked before the first and after the last request goes to the target. */
  before?: string;
  after?: string;
}

/** Events of a Lambda deployment that a function can be asked at. */
const hookNames = { BeforeAllowTraffic: "before", AfterAllowTraffic: "after" } as const;

/**
 * The AppSpec of a revision, given inline as JSON or YAML.
 *
 * @throws AwsError InvalidRevisionException that says what is wrong with it.
 */
export function appSpecOf(revision: Properties): AppSpec {
  const type = revision["revisionType"];
  const inline = { AppSpecContent: "appSpecContent", String: "string" } as const;
  if (type !== "AppSpecContent" && type !== "String")
    throw invalid(
      `the sandbox takes the revision types ${Object.keys(inline).join(" and ")}, not ${JSON.stringify(type)}`,
    );
  const { content, sha256 } = block(revision[inline[type]]);
  if (typeof content !== "string" || content === "") throw invalid(`${inline[type]}.content is empty`);
  if (typeof sha256 === "string" && sha256 !== createHash("sha256").update(content).digest("hex"))
    throw invalid(`${inline[type]}.sha256 is not the digest of its content`);
  return specOf(parsed(content));
}

function parsed(content: string): Properties {
  try {
    return block(parse(content));
  } catch (error) {
    throw invalid(`the AppSpec is neither JSON nor YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

function specOf(document: Properties): AppSpec {
  if (Number(document["version"]) !== 0)
    throw invalid(`its version is ${JSON.stringify(document["version"])}, expected 0.0`);
  const resources = list(document["Resources"]).flatMap((entry) => Object.entries(block(entry)));
  const [resource, another] = resources;
  if (resource === undefined || another !== undefined)
    throw invalid(`Resources holds ${resources.length} resources, expected one function`);
  const { Type, Properties: given } = block(resource[1]);
  if (Type !== "AWS::Lambda::Function") throw invalid(`the Type of ${resource[0]} is ${JSON.stringify(Type)}`);
  const property = (name: string): string => {
    const value = block(given)[name];
    const found = typeof value === "number" ? String(value) : text(value);
    if (found === undefined || found === "") throw invalid(`${resource[0]}.Properties.${name} is missing`);
    return found;
  };
  return {
    function: nameOf(property("Name")),
    alias: property("Alias"),
    current: property("CurrentVersion"),
    target: property("TargetVersion"),
    ...hooksOf(document["Hooks"]),
  };
}

function hooksOf(hooks: unknown): Pick<AppSpec, "before" | "after"> {
  const found: Pick<AppSpec, "before" | "after"> = {};
  for (const [name, value] of list(hooks).flatMap((entry) => Object.entries(block(entry)))) {
    if (!Object.hasOwn(hookNames, name))
      throw invalid(`"${name}" is no hook of a Lambda deployment: ${Object.keys(hookNames).join(", ")}`);
    const asked = text(value);
    if (asked === undefined || asked === "") throw invalid(`the hook ${name} names no function`);
    found[hookNames[name as keyof typeof hookNames]] = asked;
  }
  return found;
}

/** The name alone of what may be an ARN. */
function nameOf(given: string): string {
  return given.startsWith("arn:") ? (given.split(":")[6] ?? given) : given;
}

function invalid(why: string): AwsError {
  return new AwsError("InvalidRevisionException", `The revision was specified in an invalid format: ${why}.`);
}

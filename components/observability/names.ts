import { limited, prefix } from "../shared/naming.ts";

/** Name of a dashboard, an alarm or anything else that watches an environment: `slipway-<environment>-<name>`. */
export function observabilityName(environment: string, name: string): string {
  return `${prefix}-${environment}-${name}`;
}

/** The one alarm that says whether what stands in an environment should go back. */
export function rollbackAlarmName(environment: string): string {
  return observabilityName(environment, "rollback");
}

/** Synthetics takes no more than 21 characters in all regions. */
export function canaryName(environment: string): string {
  const name = observabilityName(environment, "http");
  if (name.length <= 21) return name;
  throw new RangeError(`canary name "${name}" has ${name.length} characters, at most 21 are allowed.`);
}

/** Lambda's group of a canary, which Synthetics names after the canary and an id of its own. */
export function canaryLogGroup(engineArn: string): string {
  const [name = ""] = engineArn.split(":function:")[1]?.split(":") ?? [];
  return limited("logGroup", `/aws/lambda/${name}`);
}

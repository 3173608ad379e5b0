import { partitionOf, prefix } from "../../shared/naming.ts";

/** Where one environment of the pipeline lives. */
export interface DataScope {
  environment: string;
  account: string;
  region: string;
}

/** Name of a job, function, topic, machine or alarm of the pipeline: `slipway-dev-data-<name>`. */
export function dataName(environment: string, name: string): string {
  return `${prefix}-${environment}-data-${name}`;
}

/** ARN of something whose name is known before it exists. */
export function arnOf({ account, region }: DataScope, service: string, resource: string): string {
  return `arn:${partitionOf(region)}:${service}:${region}:${account}:${resource}`;
}

/** Step Functions may only write to groups under this prefix without a policy of their own per group. */
export function executionLogGroup(machine: string): string {
  return `/aws/vendedlogs/states/${machine}`;
}

import type * as pulumi from "@pulumi/pulumi";
import type { DataScope } from "../data/state-machine/names.ts";
import { problem } from "../shared/validation.ts";
import {
  alarmName,
  endpointName,
  modelBucket,
  modelFunction,
  modelFunctions,
  modelRoleName,
  modelRoles,
  trainingPipelineName,
} from "./names.ts";

/** Where the models of one environment live, and where their data comes from. */
export interface ModelScope extends DataScope {
  keyArn: pulumi.Input<string>;
  /** The lake: its published tables, and the key that opens them. */
  lake: { bucket: string; keyArn: pulumi.Input<string> };
}

/** Subnets and security groups that jobs and endpoints are put into. */
export interface ModelNetwork {
  subnets: pulumi.Input<string[]>;
  securityGroups: pulumi.Input<string>[];
}

/** Longest name of an IAM role, and of anything in SageMaker that ends up in a host name. */
const longest = { role: 64, endpoint: 63 } as const;

/** Problems of the names that follow from the environment, one line each. */
export function validateNames(scope: DataScope): string[] {
  const within = (name: string, most: number) => {
    if (name.length > most)
      throw new RangeError(`"${name}" has ${name.length} characters, at most ${most} are allowed.`);
  };
  const names: (() => void)[] = [
    () => modelBucket(scope, "model"),
    () => modelBucket(scope, "model-logs"),
    ...modelFunctions.map((name) => () => modelFunction(scope, name)),
    ...modelRoles.map((role) => () => within(modelRoleName(scope, role), longest.role)),
    // What the endpoint begins with has a longer name than itself.
    () => within(`${endpointName(scope)}-start`, longest.endpoint),
    () => within(trainingPipelineName(scope), 256),
    () => within(alarmName(scope, "function-errors-training-handler"), 255),
  ];
  return names.flatMap((name) => {
    try {
      name();
      return [];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [problem("environment", scope.environment, "one whose names fit", `Shorten it: ${error.message}`)];
    }
  });
}

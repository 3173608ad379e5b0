import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { childOf } from "../shared/component.ts";
import { rollbackAlarmName } from "./names.ts";

/** Longest rule that CloudWatch takes, and most alarms in one. */
const limits = { characters: 10_240, alarms: 100 };

/**
 * Rule of an alarm that rings when any of these does.
 * @throws RangeError for more than CloudWatch takes, which no one notices before the environment needs it.
 */
export function anyOf(alarms: readonly string[]): string {
  const rule = [...new Set(alarms)].map((alarm) => `ALARM("${alarm}")`).join(" OR ");
  if (alarms.length <= limits.alarms && rule.length <= limits.characters) return rule;
  throw new RangeError(
    `the rollback alarm watches ${alarms.length} alarms in ${rule.length} characters, at most ${limits.alarms} in ${limits.characters} are allowed.`,
  );
}

/**
 * The one alarm of an environment that says whether what stands there should go back: it rings when any critical alarm of a pipeline does.
 * Each of those has told people already, so this one tells nobody; the driver and other tools ask it. Deployments that failed are
 * not in it: a failure would hold up the very deployment that puts it right.
 */
export function rollbackSignal(
  parent: pulumi.Resource,
  name: string,
  args: { environment: string; alarms: pulumi.Output<string[]>; after: readonly pulumi.Resource[] },
): aws.cloudwatch.CompositeAlarm {
  return new aws.cloudwatch.CompositeAlarm(
    `${name}-rollback`,
    {
      alarmName: rollbackAlarmName(args.environment),
      alarmDescription: "What stands in this environment should go back: a critical alarm of a pipeline rings",
      alarmRule: args.alarms.apply(anyOf),
    },
    childOf(parent, { dependsOn: [...args.after] }),
  );
}

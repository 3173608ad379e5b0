import { block } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { AwsError, type Scope } from "../protocol.ts";
import type { CloudRecord } from "../record.ts";
import { growing, type Step } from "../sagemaker/steps.ts";

const everything: Step = { percent: 100, seconds: 0 };
const canary = (percent: number, minutes: number): Step[] => [{ percent, seconds: minutes * 60 }, everything];
/** Once everything goes to the new version there is nothing to wait for. */
const linear = (percent: number, minutes: number): Step[] => [
  ...growing(percent, minutes * 60).slice(0, -1),
  everything,
];

const prefix = "CodeDeployDefault.Lambda";
/** The configurations that every account has. */
const predefined: Readonly<Record<string, Step[]>> = {
  [`${prefix}AllAtOnce`]: [everything],
  ...Object.fromEntries(
    [5, 10, 15, 30].map((minutes) => [`${prefix}Canary10Percent${minutes}Minutes`, canary(10, minutes)]),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 10].map((minutes) => [
      `${prefix}Linear10PercentEvery${minutes}Minute${minutes === 1 ? "" : "s"}`,
      linear(10, minutes),
    ]),
  ),
};

/** The steps of a deployment configuration. @throws AwsError where there is none of that name for Lambda. */
export function configSteps(record: CloudRecord, scope: Scope, name: string): Step[] {
  const known = predefined[name];
  if (known !== undefined) return known;
  const recorded = record.find("deploymentConfig", scope, name);
  if (recorded === undefined)
    throw new AwsError("DeploymentConfigDoesNotExistException", `No deployment configuration found for name: ${name}`);
  if (recorded.properties["computePlatform"] === "Lambda")
    return routingSteps(block(recorded.properties["trafficRoutingConfig"]));
  throw new AwsError("InvalidComputePlatformException", `The deployment configuration ${name} is not for Lambda.`);
}

function routingSteps(routing: Properties): Step[] {
  const [canaryStep, linearStep] = [block(routing["timeBasedCanary"]), block(routing["timeBasedLinear"])];
  const number = (value: unknown, otherwise: number) => (typeof value === "number" && value > 0 ? value : otherwise);
  if (routing["type"] === "TimeBasedCanary")
    return canary(number(canaryStep["percentage"], 100), number(canaryStep["interval"], 0));
  if (routing["type"] === "TimeBasedLinear")
    return linear(number(linearStep["percentage"], 100), number(linearStep["interval"], 0));
  return [everything];
}

import { apiGatewayTypes } from "./apigateway.ts";
import { eventTypes } from "./events.ts";
import { glueTypes } from "./glue.ts";
import { iamTypes } from "./iam.ts";
import { lambdaTypes } from "./lambda.ts";
import type { LiveType } from "./live-type.ts";
import { messagingTypes } from "./messaging.ts";
import { s3Types } from "./s3.ts";
import { secretTypes } from "./secrets.ts";
import { statesTypes } from "./states.ts";

export type { LiveType } from "./live-type.ts";

/** How each type of the live table comes to life, by token. Loads the SDKs: for the supervisor alone. */
export const liveTypes: Readonly<Record<string, LiveType>> = {
  ...s3Types,
  ...iamTypes,
  ...glueTypes,
  ...lambdaTypes,
  ...apiGatewayTypes,
  ...statesTypes,
  ...messagingTypes,
  ...eventTypes,
  ...secretTypes,
};

import { glueTypes } from "./glue.ts";
import { lambdaTypes } from "./lambda.ts";
import type { LiveType } from "./live-type.ts";
import { s3Types } from "./s3.ts";
import { statesTypes } from "./states.ts";

export type { LiveType } from "./live-type.ts";

/** How each type of the live table comes to life, by token. Loads the SDKs: for the supervisor alone. */
export const liveTypes: Readonly<Record<string, LiveType>> = {
  ...s3Types,
  ...glueTypes,
  ...lambdaTypes,
  ...statesTypes,
};

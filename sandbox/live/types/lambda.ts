import { alias, permission } from "./lambda-alias.ts";
import { lambdaFunction } from "./lambda-function.ts";
import { layer } from "./lambda-layer.ts";
import type { LiveType } from "./live-type.ts";

export const lambdaTypes: Readonly<Record<string, LiveType>> = {
  "aws:lambda/layerVersion:LayerVersion": layer,
  "aws:lambda/function:Function": lambdaFunction,
  "aws:lambda/alias:Alias": alias,
  "aws:lambda/permission:Permission": permission,
};

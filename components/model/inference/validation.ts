import { problem } from "../../shared/validation.ts";
import type { InferenceThresholds } from "./alarms-specs.ts";
import type { Throttling } from "./inference-gateway.ts";
import { type InferenceScope, inferenceFunctionName, inferenceFunctions } from "./inference-scope.ts";
import { type ShiftSettings, validateShift } from "./shift.ts";

export interface CheckedInference {
  scope: InferenceScope;
  shift: ShiftSettings;
  thresholds: InferenceThresholds;
  throttling: Throttling;
}

function validateNames(scope: InferenceScope): string[] {
  return inferenceFunctions.flatMap((name) => {
    try {
      inferenceFunctionName(scope, name);
      return [];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return [problem("environment", scope.environment, "one whose names fit", `Shorten it: ${error.message}`)];
    }
  });
}

function validateRegistry({ registry }: InferenceScope): string[] {
  if (/^[^/]+(\/[^/]+)*$/.test(registry.folder)) return [];
  return [problem("registry.folder", registry.folder, "a folder without slashes around it", "Correct it.")];
}

/** Problems of the arguments, one line each. */
export function validateInference({ scope, shift, thresholds, throttling }: CheckedInference): string[] {
  const least = (field: string, value: number, minimum: number) =>
    Number.isInteger(value) && value >= minimum
      ? []
      : [problem(field, value, `a whole number, at least ${minimum}`, "Correct it.")];
  return [
    ...validateNames(scope),
    ...validateRegistry(scope),
    ...validateShift(shift),
    ...least("thresholds.errorsPerMinute", thresholds.errorsPerMinute, 0),
    ...least("thresholds.latencyMs", thresholds.latencyMs, 1),
    ...least("throttling.rate", throttling.rate, 1),
    ...least("throttling.burst", throttling.burst, 1),
  ];
}

import "./config/stack-traces.ts";
import * as pulumi from "@pulumi/pulumi";
import { forEngine } from "./config/failure.ts";
import { loadSettings } from "./config/load.ts";
import type { Declared, EnvironmentOutputs, OperationsOutputs } from "./config/outputs.ts";
import { environment } from "./program/environment.ts";
import { operations } from "./program/operations.ts";

/** The whole platform of one stack; `pulumi up`, the driver and the tests run this same function. */
export default async function program(): Promise<Declared<OperationsOutputs> | Declared<EnvironmentOutputs>> {
  try {
    const settings = loadSettings();
    return settings.environment === "operations"
      ? operations(settings)
      : await environment(settings, { root: import.meta.dirname, stack: pulumi.getStack() });
  } catch (error) {
    throw forEngine(error);
  }
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "../engine/operation.ts";

/** The policy pack of a checkout, in the form that every engine can start: see docs/adr/0017-policy-pack.md. */
export const packFolder = (workDir: string): string => join(workDir, "policy", "engine");

/** Whether a checkout has a policy pack; commits of before there was one have none. */
export const hasPack = (workDir: string): boolean => existsSync(join(packFolder(workDir), "PulumiPolicy.yaml"));

/** What a run of the engine needs to be held to its checkout's policy pack; nothing where there is none. */
export function policyOptions({
  workDir,
  environment,
  targets,
}: Pick<Operation, "workDir" | "environment" | "targets">): Partial<Pick<Operation, "policyPacks" | "environment">> {
  if (!hasPack(workDir)) return {};
  // With targets most of the stack is not looked at: what is unused among them says nothing about the whole.
  const partial = targets === undefined ? {} : { SLIPWAY_POLICY_PARTIAL: "1" };
  return { policyPacks: [packFolder(workDir)], environment: { ...environment, ...partial } };
}

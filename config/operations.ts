import * as pulumi from "@pulumi/pulumi";
import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { type OperationsOutputs, operationsOutputsSchema, parseOperationsOutputs } from "./outputs.ts";

/**
 * Outputs of the operations stack, which stands beside this one in the same backend. They are awaited, not mapped: a
 * stack that was never brought up stops the program before its first resource.
 * @throws SlipwayError when the operations stack has no outputs or others than the contract says.
 */
export async function readOperations(): Promise<OperationsOutputs> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/operations`;
  const reference = new pulumi.StackReference("operations", { name });
  const read = async (key: string) => [key, (await reference.getOutputDetails(key)).value as unknown] as const;
  const entries = await Promise.all(Object.keys(operationsOutputsSchema.shape).map(read));
  return parseOperationsOutputs(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
}

/**
 * URLs of the repositories of the given services.
 * @throws SlipwayError (usage) that names every service without a repository.
 */
export function repositoryUrls(outputs: OperationsOutputs, services: readonly string[]): Record<string, string> {
  const missing = services.filter((service) => outputs.repositories[service] === undefined);
  if (missing.length > 0) {
    throw new SlipwayError(ExitCode.usage, `the operations stack has no image repository for ${missing.join(", ")}.`, {
      where: "Pulumi.operations.yaml: slipway:repositories",
      next: `Add ${missing.join(", ")} to slipway:repositories in Pulumi.operations.yaml, then run: ./slipway up operations`,
    });
  }
  return Object.fromEntries(services.map((service) => [service, outputs.repositories[service]?.url ?? ""]));
}

import * as pulumi from "@pulumi/pulumi";
import { ExitCode, SlipwayError } from "../automation/errors.ts";
import { forEngine } from "./failure.ts";
import { type OperationsOutputs, parseOperationsOutputs } from "./outputs.ts";

/** An error inside `apply` reaches the person through the engine, so it has to be one the engine shows plainly. */
function plainly<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw forEngine(error);
  }
}

/** Outputs of the operations stack, which stands beside this one in the same backend. */
export function operationsStack(): pulumi.Output<OperationsOutputs> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/operations`;
  const reference = new pulumi.StackReference("operations", { name });
  return reference.outputs.apply((outputs) => plainly(() => parseOperationsOutputs(outputs)));
}

/**
 * URLs of the repositories of the given services.
 * @throws SlipwayError (usage) that names every service without a repository.
 */
export function selectRepositories(outputs: OperationsOutputs, services: readonly string[]): Record<string, string> {
  const missing = services.filter((service) => outputs.repositories[service] === undefined);
  if (missing.length > 0) {
    throw new SlipwayError(ExitCode.usage, `the operations stack has no image repository for ${missing.join(", ")}.`, {
      where: "Pulumi.operations.yaml: slipway:repositories",
      next: `Add ${missing.join(", ")} to slipway:repositories in Pulumi.operations.yaml, then run: ./slipway up operations`,
    });
  }
  return Object.fromEntries(services.map((service) => [service, outputs.repositories[service]?.url ?? ""]));
}

/** As selectRepositories, for outputs that are still on their way. */
export function repositoryUrls(
  operations: pulumi.Output<OperationsOutputs>,
  services: readonly string[],
): pulumi.Output<Record<string, string>> {
  return operations.apply((outputs) => plainly(() => selectRepositories(outputs, services)));
}

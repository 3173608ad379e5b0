import type { ServicePlan } from "./delivery-schema.ts";
import { repositoryUrls } from "./operations.ts";
import type { OperationsOutputs } from "./outputs.ts";
import { type Artifacts, imageDigests } from "./release.ts";
import type { EnvironmentSettings } from "./schema.ts";

/** A configured service with the image that the release gives it. */
export interface ReleasedService extends ServicePlan {
  /** `<repository>@sha256:<64 hex>` */
  image: string;
}

/**
 * Services with their images by digest: the repositories are in operations, the digests come with the release.
 * @param artifacts What the release holds.
 * @param operations Outputs of the operations stack.
 * @param stack Name of the stack, for messages.
 * @throws SlipwayError (usage) that names every service without an image or a repository.
 */
export function releasedServices(
  { services }: EnvironmentSettings,
  artifacts: Artifacts,
  operations: OperationsOutputs,
  stack: string,
): Record<string, ReleasedService> {
  const names = Object.keys(services);
  const digests = imageDigests(artifacts, names, stack);
  const urls = repositoryUrls(operations, names);
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, { ...service, image: `${urls[name]}@${digests[name]}` }]),
  );
}

/** Services that answer from the registry of models. */
const registryReaders = ["api", "predict"];

/** The same services, told where the registry is; what a stack file says of it stands. */
export function withRegistry(
  services: Readonly<Record<string, ReleasedService>>,
  registry: string | undefined,
): Record<string, ReleasedService> {
  if (registry === undefined) return { ...services };
  const told = ([name, service]: [string, ReleasedService]): [string, ReleasedService] => {
    if (!registryReaders.includes(name)) return [name, service];
    return [name, { ...service, variables: { MODEL_REGISTRY: registry, ...service.variables } }];
  };
  return Object.fromEntries(Object.entries(services).map(told));
}

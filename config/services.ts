import type { ServicePlan } from "./delivery-schema.ts";
import { readOperations, repositoryUrls } from "./operations.ts";
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
 * @param stack Name of the stack, for messages.
 * @throws SlipwayError (usage) that names every service without an image or a repository.
 */
export async function releasedServices(
  { services }: EnvironmentSettings,
  artifacts: Artifacts,
  stack: string,
): Promise<Record<string, ReleasedService>> {
  const names = Object.keys(services);
  const digests = imageDigests(artifacts, names, stack);
  const urls = repositoryUrls(await readOperations(), names);
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, { ...service, image: `${urls[name]}@${digests[name]}` }]),
  );
}

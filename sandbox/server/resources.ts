import { Cloud } from "../cloud/cloud.ts";
import { liveHook } from "../live/hook.ts";
import { loadBehaviours } from "../operations/registry.ts";
import { identityOf } from "./identity.ts";
import { serve } from "./serve.ts";

/** Serves a package whose resources live in the sandbox's cloud; returns the port. */
export async function serveResources(packageName: string, version: string, directory: string): Promise<number> {
  const live = packageName === "aws" ? liveHook(process.env) : undefined;
  const session = {
    directory,
    cloud: new Cloud(directory),
    identity: identityOf(packageName, {}),
    behaviours: loadBehaviours(),
    ...(live === undefined ? {} : { live }),
  };
  return serve(packageName, version, session);
}

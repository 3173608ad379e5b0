import { atlasHook } from "../atlas/hook.ts";
import { Cloud } from "../cloud/cloud.ts";
import { kubernetesHook } from "../kubernetes/server/hook.ts";
import { liveHook, type LiveHook } from "../live/hook.ts";
import { loadBehaviours } from "../operations/registry.ts";
import { engineLog } from "./engine-log.ts";
import { identityOf } from "./identity.ts";
import { serve } from "./serve.ts";

/** Serves a package whose resources live in the sandbox's cloud; returns the port. */
export async function serveResources(
  packageName: string,
  version: string,
  directory: string,
  engineArgs: readonly string[] = [],
): Promise<number> {
  const live = hookOf(packageName, engineArgs);
  const session = {
    directory,
    cloud: new Cloud(directory),
    identity: identityOf(packageName, {}),
    behaviours: loadBehaviours(),
    ...(live === undefined ? {} : { live }),
  };
  return serve(packageName, version, session);
}

function hookOf(packageName: string, engineArgs: readonly string[]): LiveHook | undefined {
  if (packageName === "aws") return liveHook(process.env);
  if (packageName === "mongodbatlas") return atlasHook(process.env);
  return packageName === "kubernetes" ? kubernetesHook(process.env, engineLog(engineArgs)) : undefined;
}

import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { Cloud } from "../cloud/cloud.ts";
import { changeState, readState, stateFile } from "./state-file.ts";

/**
 * Lets a paused Rollout of a cluster go on, as `kubectl argo rollouts promote` does. What looks at the cluster next takes it from there.
 *
 * @throws SlipwayError where there is no such Rollout, or it is not paused.
 */
export function promoteRollout(directory: string, cluster: string, namespace: string, name: string): void {
  const key = `${namespace}/Rollout/${name}`;
  const state = readState(directory, cluster).workloads[key];
  if (state?.phase !== "Paused") {
    const found = state === undefined ? "There is no such Rollout" : `It is ${state.phase}, not paused`;
    throw new SlipwayError(
      state === undefined ? ExitCode.notFound : ExitCode.usage,
      `Rollout ${namespace}/${name} was not promoted: ${found}.`,
      {
        where: stateFile(directory, cluster),
        next: "See `slipway verify` for what it waits for.",
      },
    );
  }
  const cloud = new Cloud(directory);
  try {
    changeState(cloud, directory, cluster, (before) => {
      const paused = before.workloads[key];
      return paused === undefined
        ? before
        : { ...before, workloads: { ...before.workloads, [key]: { ...paused, promote: true } } };
    });
  } finally {
    cloud.close();
  }
}

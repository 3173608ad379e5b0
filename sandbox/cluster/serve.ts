import { setTimeout as wait } from "node:timers/promises";

import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { Cloud } from "../cloud/cloud.ts";
import { pythonState } from "../live/install.ts";
import { Cluster, type LocalService } from "./cluster.ts";
import { applicationType } from "./table.ts";

/** The services of one environment, up until they are closed. */
export interface ServedServices {
  cluster: string;
  /** What can be opened, and whether it was ready in time. */
  services: LocalService[];
  close(): Promise<void>;
}

export interface ServeOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** Ends the wait for the services. */
  signal: AbortSignal;
  onNote(line: string): void;
}

/** Starting three services on a busy machine, and a front end that has to be built first. */
const patienceMs = 90_000;
const lookEveryMs = 200;

/** Cluster that holds the Applications of a stack; a cluster's own name is taken as it is. */
export function clusterOf(directory: string, stackOrCluster: string): string | undefined {
  const cloud = new Cloud(directory);
  try {
    const applications = cloud.list({ type: applicationType });
    const ofStack = applications.find(({ urn }) => urn.startsWith(`urn:pulumi:${stackOrCluster}::`));
    return (ofStack ?? applications.find(({ account }) => account === stackOrCluster))?.account;
  } finally {
    cloud.close();
  }
}

/**
 * Runs the services of an environment as its manifests branch has them, until they are closed, for looking at them.
 *
 * @throws SlipwayError where the environment has no services, or none may run here.
 */
export async function serveServices(directory: string, stack: string, options: ServeOptions): Promise<ServedServices> {
  const { environment, signal, onNote } = options;
  const name = clusterOf(directory, stack);
  if (name === undefined)
    throw new SlipwayError(ExitCode.notFound, `There are no services of ${stack} in the sandbox.`, {
      where: directory,
      next: `Bring it up first: ./slipway up ${stack} --sandbox`,
    });
  const { python, reason } = pythonState(environment);
  if (python === undefined)
    throw new SlipwayError(ExitCode.usage, `The sandbox's services are only simulated: ${reason}.`, {
      where: directory,
      next: "Install Python 3.11 or newer, or set SLIPWAY_SANDBOX_PYTHON.",
    });
  const cloud = new Cloud(directory);
  const cluster = new Cluster({ directory, name, cloud, python, environment, onNote });
  const close = async () => {
    await cluster.close();
    cloud.close();
  };
  try {
    return { cluster: name, services: await ready(cluster, signal), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function ready(cluster: Cluster, signal: AbortSignal): Promise<LocalService[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const services = await cluster.localServices();
    if (services.every((service) => service.ready) || signal.aborted || performance.now() > deadline) return services;
    await wait(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What to tell somebody who wants to look at the services. */
export function servedLines({ cluster, services }: Pick<ServedServices, "cluster" | "services">): string[] {
  if (services.length === 0) return [`${cluster} runs no services: its manifests branch holds none`];
  const width = Math.max(...services.map(({ name }) => name.length));
  const rows = services.map(
    ({ name, url, ready: up }) => `  ${name.padEnd(width)}  ${url}${up ? "" : "  (not ready)"}`,
  );
  return [`the services of ${cluster} answer here; Ctrl-C ends them`, ...rows];
}

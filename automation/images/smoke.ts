import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { BuiltImage, Service } from "./services.ts";
import { tool, tryTool } from "./tool.ts";

/** A service that listens, and so can be asked. */
export type Listening = Service & { port: number };

export interface SmokeResult {
  image: string;
  /** How often `/health` was asked until it answered 200. */
  attempts: number;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
const ANSWER_MS = 2000;
const SHOWN_LINES = 20;

/** Arguments that run an image as the cluster does: without privileges and capabilities, nothing of it writable. */
export function runArguments({ port }: Listening, { image }: BuiltImage, name: string): string[] {
  return [
    ...["run", "--detach", "--name", name],
    ...["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...["--publish", `127.0.0.1::${port}`, "--env", "ENVIRONMENT=smoke"],
    image,
  ];
}

/** Starts the image and waits until it is healthy. The container is removed in any case; a failure comes with its last lines. */
export async function smokeImage(
  context: Context,
  service: Listening,
  built: BuiltImage,
  patienceMs: number,
): Promise<SmokeResult> {
  const name = `slipway-smoke-${service.name}-${randomBytes(4).toString("hex")}`;
  // Ctrl-C ends the waiting, not the clearing up.
  const unstoppable = { ...context, signal: new AbortController().signal };
  try {
    await tool(context, "docker", runArguments(service, built, name));
    const published = await tool(context, "docker", ["port", name, `${service.port}/tcp`]);
    const address = `http://${published.trim().split("\n")[0]}/health`;
    return { image: built.image, attempts: await untilHealthy(context, name, address, patienceMs) };
  } catch (error) {
    if (!(error instanceof Unhealthy)) throw error;
    const { stdout, stderr } = await tryTool(unstoppable, "docker", ["logs", "--tail", String(SHOWN_LINES), name]);
    for (const line of `${stdout}${stderr}`.trim().split("\n")) context.console.info(`  ${line}`);
    throw new SlipwayError(ExitCode.verificationFailed, `${service.name} did not get healthy: ${error.message}.`, {
      where: built.image,
      next: "its last lines are above; after a change, build it again",
    });
  } finally {
    await tryTool(unstoppable, "docker", ["rm", "--force", "--volumes", name]).catch(() => undefined);
  }
}

class Unhealthy extends Error {}

async function untilHealthy(context: Context, name: string, address: string, patienceMs: number): Promise<number> {
  const end = Date.now() + patienceMs;
  for (let attempt = 1, pause = FIRST_PAUSE_MS; ; attempt += 1, pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const problem = await askHealth(address, context.signal);
    if (problem === "") return attempt;
    const state = await tool(context, "docker", ["inspect", "--format", "{{.State.Running}}", name]);
    if (state.trim() === "false") throw new Unhealthy("it ended by itself");
    if (Date.now() + pause > end) throw new Unhealthy(`${problem} (${attempt} attempts)`);
    await wait(pause, undefined, { signal: context.signal });
  }
}

/** Why the service is not healthy; empty when it is. */
async function askHealth(address: string, signal: AbortSignal): Promise<string> {
  try {
    const { status } = await fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]) });
    return status === 200 ? "" : `/health answers ${status}`;
  } catch {
    signal.throwIfAborted();
    return "/health cannot be reached";
  }
}

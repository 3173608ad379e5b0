import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ExitCode, SlipwayError } from "../errors.ts";
import { checkpointFile, fileBackendDirectory, locateStack } from "./backend.ts";
import type { PulumiCli } from "./cli.ts";
import { exportStack, type StackRef } from "./stack.ts";

/** A resource as the state has it; secrets are ciphertext. Only what the driver reads is named. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  delete?: boolean;
  [member: string]: unknown;
}

/** Something that a killed engine had begun and of which nobody knows whether it happened. */
export interface PendingOperation {
  /** `creating`, `updating`, `deleting`, … */
  operation: string;
  urn: string;
  type: string;
  id: string | undefined;
}

/** What a stack's state says there is. */
export interface StackState {
  resources: StateResource[];
  pending: PendingOperation[];
}

interface Deployment {
  resources?: StateResource[];
  pending_operations?: { type: string; resource: StateResource }[];
}

/**
 * A stack's state: read from its file where the backend is one, else by one start of the CLI. A stack that does not exist has no
 * resources: the caller's next step tells what is wrong with it.
 */
export async function readStackState(cli: () => Promise<PulumiCli>, ref: StackRef): Promise<StackState> {
  const backend = fileBackendDirectory(ref.environment, ref.workDir);
  const location = locateStack(ref.stack, ref.workDir);
  if (backend === undefined || location === undefined) return stateOf(await exported(await cli(), ref));
  const file = checkpointFile(backend, location);
  const text = await readCheckpoint(file);
  if (text === undefined) return stateOf({});
  try {
    const document = JSON.parse(text) as { checkpoint?: { latest?: Deployment } };
    return stateOf(document.checkpoint?.latest ?? {});
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, `The state of stack ${ref.stack} is not JSON.`, {
      where: file,
      next: "Restore the file from its backup beside it, or from the history of the backend.",
      cause,
    });
  }
}

async function exported(cli: PulumiCli, ref: StackRef): Promise<Deployment> {
  try {
    return (await exportStack(cli, ref)).deployment;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === ExitCode.notFound) return {};
    throw error;
  }
}

/** The engine may be told to compress its files; `undefined` for a stack that is not there. */
async function readCheckpoint(file: string): Promise<string | undefined> {
  const plain = await readIfThere(file);
  if (plain !== undefined) return plain.toString("utf8");
  const packed = await readIfThere(`${file}.gz`);
  return packed && (await promisify(gunzip)(packed)).toString("utf8");
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function stateOf({ resources = [], pending_operations: pending = [] }: Deployment): StackState {
  return {
    resources,
    pending: pending.map(({ type, resource }) => ({
      operation: type,
      urn: resource.urn,
      type: resource.type,
      id: resource.id === "" ? undefined : resource.id,
    })),
  };
}

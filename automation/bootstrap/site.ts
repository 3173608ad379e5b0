import { existsSync } from "node:fs";
import type { Context } from "../context.ts";
import type { Leased } from "../deploy/lease.ts";
import type { PulumiCli } from "../engine/cli.ts";
import type { StackRef } from "../engine/stack.ts";
import type { Workspace } from "../workspace.ts";
import { addressesOf, type Addresses, type Foundation } from "./addresses.ts";
import {
  bootstrapFiles,
  passphraseOf,
  readProgress,
  writeProgress,
  type BootstrapFiles,
  type Progress,
} from "./progress.ts";

export const operationsStack = "operations";

/** Everything a step works with. */
export interface Site {
  context: Context;
  workspace: Workspace;
  by: string;
  onEngine: Leased["onEngine"];
  cli: PulumiCli;
  files: BootstrapFiles;
  progress: Progress;
  /** The operations stack in local state. */
  local: StackRef;
}

/** Opens the files and the local backend; makes nothing but a passphrase, and that only where there is something to protect. */
export async function openSite(
  { context, onEngine }: Leased,
  workspace: Workspace,
  { by, files }: { by: string; files: BootstrapFiles },
): Promise<Site> {
  const progress = await readProgress(files);
  const moved = progress.foundation !== undefined && !existsSync(files.state);
  const passphrase = moved ? "" : await passphraseOf(files, workspace.environment);
  const environment = {
    ...workspace.environment,
    PULUMI_BACKEND_URL: `file://${files.state}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
  };
  return {
    ...{ context, workspace, by, onEngine, files },
    cli: await workspace.cli(),
    progress,
    local: { stack: operationsStack, workDir: workspace.root, environment },
  };
}

export const filesOf = (workspace: Workspace): BootstrapFiles => bootstrapFiles(`${workspace.directory}/bootstrap`);

/** Adds to the record of what was done. */
export async function note(site: Site, change: Partial<Progress>): Promise<void> {
  site.progress = { ...site.progress, ...change };
  await writeProgress(site.files, site.progress);
}

/** What the operations stack made. Only called after the step that brings it up. */
export function foundationOf({ progress }: Pick<Site, "progress">): Foundation {
  if (progress.foundation === undefined) throw new Error("the operations stack is not up yet");
  return progress.foundation;
}

export const siteAddresses = (site: Site): Addresses => addressesOf(foundationOf(site), site.workspace.environment);

/** The operations stack where its state is to be. */
export const remoteOf = (site: Site): StackRef => ({
  ...site.local,
  environment: { ...site.local.environment, PULUMI_BACKEND_URL: siteAddresses(site).backend },
});

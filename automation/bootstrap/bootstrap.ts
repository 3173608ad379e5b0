import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseStackOutputs } from "../../config/outputs.ts";
import type { Context } from "../context.ts";
import { withLease } from "../deploy/lease.ts";
import { s3Backend } from "../engine/remote-lock.ts";
import { readOutputs, stackExists } from "../engine/stack.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { currentActor } from "../git/identity.ts";
import { DirectoryStore } from "../store/directory.ts";
import { openStore } from "../store/open.ts";
import type { Workspace } from "../workspace.ts";
import { addressesOf, type Addresses, type Foundation } from "./addresses.ts";
import { checkFoundation } from "./foundation.ts";
import { retireLocalState } from "./progress.ts";
import { filesOf, foundationOf, note, openSite, operationsStack, remoteOf, siteAddresses, type Site } from "./site.ts";
import { localSteps, sharedSteps, type SharedSite, type Step } from "./steps.ts";

export interface BootstrapReport {
  foundation: Foundation;
  addresses: Addresses;
  steps: { name: string; title: string; outcome: "done" | "was-done" }[];
}

export interface BootstrapRequest {
  /** Called after each step, with its name. */
  onStep?: (name: string) => void;
}

/**
 * Makes the place where state and records are shared: brings the operations stack up from local state, which makes bucket and key, and then
 * moves that very state into the bucket. Every step looks whether it is done, so a run that was killed anywhere is just
 * run again; a finished one changes nothing.
 */
export async function bootstrap(
  context: Context,
  workspace: Workspace,
  request: BootstrapRequest = {},
): Promise<BootstrapReport> {
  refuseElsewhere(workspace);
  if (workspace.environment["PULUMI_BACKEND_URL"]) return standing(workspace);
  const files = filesOf(workspace);
  const by = await currentActor(workspace.root, workspace.environment);
  const operation = { verb: "bootstrap", stack: operationsStack, by };
  // Two people on one machine; those on others meet at the shared store's lease.
  const store = new DirectoryStore(join(files.directory, "store"));
  return withLease(context, { ...workspace, store }, operation, async (leased) => {
    const site = await openSite(leased, workspace, { by, files });
    const steps: BootstrapReport["steps"] = [];
    if (await isFinished(site)) {
      await retireLocalState(files, context.now());
      return reportOf(site, allDone());
    }
    await runSteps(site, localSteps, steps, request);
    const shared = await sharedStore(site);
    await withLease(leased.context, { ...workspace, store: shared }, operation, ({ context: inner }) =>
      runSteps<SharedSite>({ ...site, context: inner, store: shared }, sharedSteps, steps, request),
    );
    return reportOf(site, steps);
  });
}

async function runSteps<Where extends Site>(
  site: Where,
  steps: readonly Step<Where>[],
  said: BootstrapReport["steps"],
  { onStep }: BootstrapRequest,
): Promise<void> {
  const { console: output, signal } = site.context;
  for (const step of steps) {
    if (signal.aborted) throw cancelled();
    const wasDone = await step.isDone(site);
    if (!wasDone) {
      output.info(step.title);
      await step.run(site);
      const at = site.context.now().toISOString();
      await note(site, { steps: { ...site.progress.steps, [step.name]: at } });
    }
    said.push({ name: step.name, title: step.title, outcome: wasDone ? "was-done" : "done" });
    onStep?.(step.name);
  }
}

const cancelled = () =>
  new SlipwayError(ExitCode.cancelled, "The bootstrap was cancelled.", {
    changed: "the steps that are done stay done",
    next: "./slipway bootstrap goes on from there",
  });

const sharedStore = (site: Site) =>
  openStore({
    root: site.workspace.root,
    environment: { ...site.workspace.environment, SLIPWAY_STORE: siteAddresses(site).store },
    directory: site.workspace.directory,
  });

/** The local state is out of the way and the bucket has the stack. A state that is in neither place is not made anew from nothing. */
async function isFinished(site: Site): Promise<boolean> {
  if (site.progress.foundation === undefined || existsSync(site.files.state)) return false;
  if (await stackExists(site.cli, remoteOf(site))) return true;
  throw new SlipwayError(ExitCode.notFound, "The operations stack is neither in the state bucket nor in local state.", {
    where: siteAddresses(site).backend,
    changed: "nothing",
    next: `restore the bucket's object, or rename the folder state-migrated-… in ${site.files.directory} to state, then ./slipway bootstrap again`,
  });
}

const allDone = (): BootstrapReport["steps"] =>
  [...localSteps, ...sharedSteps].map(({ name, title }) => ({ name, title, outcome: "was-done" }));

const reportOf = (site: Site, steps: BootstrapReport["steps"]): BootstrapReport => ({
  foundation: foundationOf(site),
  addresses: siteAddresses(site),
  steps,
});

/** What another machine has made: the operations stack is in the backend that is set. */
async function standing(workspace: Workspace): Promise<BootstrapReport> {
  const { environment, root } = workspace;
  const cli = await workspace.cli();
  const ref = { stack: operationsStack, workDir: root, environment };
  const backend = environment["PULUMI_BACKEND_URL"] ?? "";
  if (s3Backend(environment) === undefined || !(await stackExists(cli, ref)))
    throw new SlipwayError(
      ExitCode.usage,
      `PULUMI_BACKEND_URL names a backend without an operations stack: ${backend}.`,
      {
        where: "PULUMI_BACKEND_URL",
        next: "unset it for a first bootstrap, which makes the backend; or correct it",
      },
    );
  const outputs = parseStackOutputs(await readOutputs(cli, ref), operationsStack);
  if (outputs.kind !== "operations") throw new Error("the operations stack has no outputs of its kind");
  const foundation = { bucket: outputs.stateBucket, keyArn: outputs.stateKeyArn, region: outputs.region };
  await checkFoundation(foundation, environment);
  return { foundation, addresses: addressesOf(foundation, environment), steps: allDone() };
}

/** The sandbox has state of its own. */
function refuseElsewhere({ sandbox, stacks }: Workspace): void {
  const refuse = (why: string, next: string) => new SlipwayError(ExitCode.usage, why, { next });
  if (sandbox !== undefined)
    throw refuse(
      "The sandbox has state of its own: there is nothing to bootstrap.",
      "./slipway up operations --sandbox",
    );
  if (!stacks.includes(operationsStack))
    throw refuse("There is no Pulumi.operations.yaml.", "write one: it names account and region of the shared state");
}

import { mkdir } from "node:fs/promises";
import { failureOf } from "../deploy/failure.ts";
import { runEngine } from "../deploy/run-engine.ts";
import { outputsOf } from "../deploy/verification.ts";
import { clearStaleLocks } from "../engine/lock.ts";
import { clearStaleRemoteLocks } from "../engine/remote-lock.ts";
import { changeSecretsProvider, createStack, exportStack, importStack, stackExists } from "../engine/stack.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { append, readLedger } from "../promotion/ledger.ts";
import { resourceCount } from "../report/summary.ts";
import type { Store } from "../store/store.ts";
import { checkFoundation } from "./foundation.ts";
import { retireLocalState, writePrivately } from "./progress.ts";
import { foundationOf, note, operationsStack, remoteOf, siteAddresses, type Site } from "./site.ts";
import { decideMigration, stateFacts } from "./states.ts";

/** One step towards shared state: it looks for itself whether it is done, so it may be killed and run again at any point. */
export interface Step<Where = Site> {
  name: string;
  /** What a person reads while it runs. */
  title: string;
  isDone(site: Where): Promise<boolean>;
  run(site: Where): Promise<void>;
}

const report = (site: Site) => (line: string) => site.context.console.info(line);

const localState: Step = {
  name: "local-state",
  title: "an empty operations stack in local state",
  isDone: ({ cli, local }) => stackExists(cli, local),
  async run({ cli, local, files }) {
    await mkdir(files.state, { recursive: true, mode: 0o700 });
    await createStack(cli, local);
  },
};

const operationsUp: Step = {
  name: "operations-up",
  title: "the operations stack: state bucket, keys, repositories",
  isDone: async ({ progress }) => progress.up !== undefined && progress.foundation !== undefined,
  async run(site) {
    const { context, workspace, local, onEngine } = site;
    const started = performance.now();
    const workspaceHere = { ...workspace, environment: definedOnly(local.environment) };
    const result = await runEngine(context, workspaceHere, {
      ...{ kind: "up", stack: operationsStack, workDir: local.workDir, environment: local.environment },
      onStart: onEngine,
    });
    if (result.outcome !== "succeeded") throw failureOf(operationsStack, "bootstrap", result);
    const outputs = outputsOf(operationsStack, result.summary);
    if (outputs.kind !== "operations") throw new Error("the operations stack has no outputs of its kind");
    const { stateBucket: bucket, stateKeyArn: keyArn, region } = outputs;
    const seconds = Math.round(performance.now() - started) / 1000;
    const up = { seconds, resources: resourceCount(result.summary), changes: result.summary.changes };
    await note(site, { foundation: { bucket, keyArn, region }, up });
  },
};

const definedOnly = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** Looked at every time: it costs seven reads, and state must not go to a bucket that somebody has opened since. */
const checkedFoundation: Step = {
  name: "foundation",
  title: "bucket and key are what state needs",
  isDone: () => Promise.resolve(false),
  run: (site) => checkFoundation(foundationOf(site), site.workspace.environment),
};

const encryptedState: Step = {
  name: "encrypted-state",
  title: "local state and configuration encrypted with the key",
  async isDone(site) {
    const { secretsProvider } = stateFacts((await exportStack(site.cli, site.local)).deployment);
    return secretsProvider === siteAddresses(site).secretsProvider;
  },
  async run(site) {
    const { cli, local } = site;
    clearStaleLocks(operationsStack, local.workDir, local.environment, report(site));
    await changeSecretsProvider(cli, local, siteAddresses(site).secretsProvider);
  },
};

/** Steps that need no more than this machine. */
export const localSteps: readonly Step[] = [localState, operationsUp, checkedFoundation, encryptedState];

/** A site with the store that everybody will share, whose lease is held. */
export interface SharedSite extends Site {
  store: Store;
}

const remoteStack: Step<SharedSite> = {
  name: "remote-stack",
  title: "an empty operations stack in the state bucket",
  isDone: (site) => stackExists(site.cli, remoteOf(site)),
  run: (site) => createStack(site.cli, { ...remoteOf(site), secretsProvider: siteAddresses(site).secretsProvider }),
};

const migration = "migrated-state";

const migratedState: Step<SharedSite> = {
  name: migration,
  title: "the state moved into the bucket",
  isDone: async (site) => (await migrationOf(site)).decision === "done",
  async run(site) {
    const { cli, files, local } = site;
    const { decision, exported } = await migrationOf(site);
    if (decision === "refuse") throw foreignState(site);
    await clearStaleRemoteLocks(operationsStack, local.workDir, remoteOf(site).environment, report(site));
    await writePrivately(files, files.exported, JSON.stringify(exported));
    await importStack(cli, remoteOf(site), files.exported);
    const after = await migrationOf(site);
    if (after.decision !== "done") throw foreignState(site);
  },
};

async function migrationOf(site: Site) {
  const [exported, there] = await Promise.all([
    exportStack(site.cli, site.local),
    exportStack(site.cli, remoteOf(site)),
  ]);
  const arrived = site.progress.steps[migration] !== undefined;
  return {
    exported,
    decision: decideMigration(stateFacts(exported.deployment), stateFacts(there.deployment), arrived),
  };
}

function foreignState(site: Site): SlipwayError {
  return new SlipwayError(
    ExitCode.unexpected,
    "The state bucket already holds another state of the operations stack.",
    {
      where: siteAddresses(site).backend,
      changed: "nothing there; the local state is complete",
      next: `compare it with ${site.files.state}; move the one that is not wanted away, then ./slipway bootstrap again`,
    },
  );
}

const recorded: Step<SharedSite> = {
  name: "recorded",
  title: "the first record of the operations stack",
  async isDone({ store }) {
    const records = await readLedger(store, operationsStack);
    // An earlier run that was killed is on record by now; what stands is what counts.
    return records.findLast(({ kind }) => kind === "promoted" || kind === "interrupted")?.kind === "promoted";
  },
  async run({ store, by, context, progress }) {
    const { up } = progress;
    if (up === undefined) throw new Error("the operations stack is not up yet");
    await append(store, operationsStack, { kind: "promoted", by, verb: "bootstrap", ...up }, context.now);
  },
};

const retired: Step<SharedSite> = {
  name: "retired-local-state",
  title: "the local state put out of the way",
  isDone: () => Promise.resolve(false),
  async run({ files, context }) {
    await retireLocalState(files, context.now());
  },
};

/** Steps that change what others see, done under the operations stack's lease in the shared store. */
export const sharedSteps: readonly Step<SharedSite>[] = [remoteStack, migratedState, recorded, retired];

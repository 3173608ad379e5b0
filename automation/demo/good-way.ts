import type { Context } from "../context.ts";
import { deploy, type DeployReport } from "../deploy/deploy.ts";
import { promote } from "../deploy/promote.ts";
import { resolveTarget } from "../deploy/promotion-target.ts";
import type { Release } from "../release/manifest.ts";
import type { Workspace } from "../workspace.ts";

/** What one step of the demo did. */
export interface Step {
  environment: string;
  outcome: "deployed" | "already-there" | "rolled-back";
  changed: boolean;
  seconds: number;
  /** What went through the state machines while the step was verified. */
  pipelines: Proof[];
  /** What the services said. */
  services: Proof[];
}

/** One check that passed, as people read it. */
interface Proof {
  name: string;
  simulated: boolean;
  detail: string;
}

export interface Way {
  bringUp(stack: string): Promise<Step>;
  promote(environment: string): Promise<Step>;
}

export const heading = (context: Context, text: string): void =>
  context.console.info(context.console.colors.bold(`\n${text}`));

/** The verbs a person would type for one release, one environment after the other. */
export function goodWay(context: Context, workspace: Workspace, release: Release): Way {
  return {
    async bringUp(stack) {
      heading(context, `${stack}: ./slipway up ${stack}`);
      const { root: workDir } = workspace;
      return stepOf(
        await deploy(context, workspace, {
          verb: "up",
          stack,
          workDir,
          release,
          create: true,
          verify: true,
          policy: "ask",
        }),
      );
    },
    promote: (environment) => promoteTo(context, workspace, release, environment),
  };
}

const stepOf = ({ stack, recorded, seconds, checks }: DeployReport): Step => ({
  environment: stack,
  outcome: recorded ? "deployed" : "already-there",
  changed: recorded,
  seconds,
  pipelines: proofs(checks, "state-machine"),
  services: proofs(checks, "http"),
});

const proofs = (checks: DeployReport["checks"], wanted: string): Proof[] =>
  checks
    .filter(({ kind }) => kind === wanted)
    .map(({ name, simulated = false, detail }) => ({ name, simulated, detail }));

/** Tags move on a remote of the sandbox's own: nothing of the user's repository is touched. */
async function promoteTo(context: Context, workspace: Workspace, release: Release, environment: string): Promise<Step> {
  heading(context, `${environment}: ./slipway promote ${environment}`);
  const { commit } = release;
  const names = { release: undefined, tag: undefined, remote: undefined };
  const target = await resolveTarget(workspace, { ...names, environment, commit });
  const started = performance.now();
  const { outcome, deployment } = await promote(context, workspace, { ...target, dryRun: false });
  if (deployment !== undefined) return stepOf(deployment);
  if (outcome === "already-there") context.console.info("  already there and verified: nothing to do");
  const seconds = Math.round(performance.now() - started) / 1000;
  return { environment, outcome: "already-there", changed: false, seconds, pipelines: [], services: [] };
}

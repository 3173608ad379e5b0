import { appendFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { releaseAt } from "../deploy/release-at.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { git } from "../git/git.ts";
import type { Release } from "../release/manifest.ts";
import type { Workspace } from "../workspace.ts";
import { goodWay, heading, type Step } from "./good-way.ts";

const brokenFile = "services/api/app/registry.py";
const symptom = "broken on purpose, for the demo";

/** Works in dev and answers errors in staging: the kind of defect that only a canary finds. */
const defect = `

if __import__("os").environ.get("ENVIRONMENT") == "staging":

    def read_registry(path: Path) -> list[RegisteredModel]:
        raise RegistryError("${symptom}")
`;

/** A second release that dev takes and that breaks in staging, where the release before it comes back by itself. */
export async function badRelease(context: Context, workspace: Workspace, good: Release): Promise<Step[]> {
  heading(context, "a commit that breaks the api, built and brought up in dev");
  const clone = await cloneWithBadCommit(workspace, good.commit);
  const { release } = await releaseAt(context, clone, "HEAD");
  const way = goodWay(context, clone, release);
  const dev = await way.bringUp("dev");
  const started = performance.now();
  breakNextApplication(workspace);
  try {
    await way.promote("staging");
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== ExitCode.verificationFailed) throw error;
    context.console.info(`  ${error.changed ?? ""}`);
    const seconds = Math.round(performance.now() - started) / 1000;
    return [
      dev,
      { environment: "staging", outcome: "rolled-back", changed: true, seconds, pipelines: [], services: [] },
    ];
  }
  throw new Error("the bad release passed verification in staging");
}

/** A clone inside the sandbox, so that the bad commit never comes near the user's repository. */
async function cloneWithBadCommit(workspace: Workspace, commit: string): Promise<Workspace> {
  const root = join(workspace.worktreeDirectory, "..", "demo");
  await rm(root, { recursive: true, force: true });
  await mkdir(join(root, ".."), { recursive: true });
  await git(workspace.root, ["clone", "--quiet", "--shared", "--no-checkout", "--", workspace.root, root]);
  await git(root, ["checkout", "--quiet", "--detach", commit]);
  await appendFile(join(root, brokenFile), defect);
  await git(root, ["add", "--", brokenFile]);
  const author = [
    "-c",
    "user.name=Slipway demo",
    "-c",
    "user.email=demo@slipway.invalid",
    "-c",
    "commit.gpgsign=false",
  ];
  await git(root, [
    ...author,
    "commit",
    "--quiet",
    "--no-verify",
    "--message",
    "feat(api): a change that breaks in staging",
  ]);
  return { ...workspace, root, worktreeDirectory: join(root, ".sandbox", "worktrees") };
}

/** Where no process runs the service, its defect has to be told. */
function breakNextApplication({ sandbox, environment }: Workspace): void {
  if (sandbox?.tools.pythonState(environment).python !== undefined) return;
  sandbox?.tools.setFault(sandbox.directory, {
    kind: "unhealthy",
    typeGlob: "kubernetes:argoproj.io/v1alpha1:Application",
    operation: "update",
    message: symptom,
  });
}

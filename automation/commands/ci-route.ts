import type { Settings } from "../../config/schema.ts";
import { handOut } from "../ci/outputs.ts";
import { routeOf, type WorkflowEvent } from "../ci/route.ts";
import type { Context } from "../context.ts";
import { readSettings } from "../stack-settings.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { done, type CommandResult } from "./result.ts";

/** The workflow that roles trust to change something. */
export const deployWorkflow = ".github/workflows/deploy.yml";

/** `ci route`: what the deployment does for the push, tag, dispatch or schedule that started it. */
export async function run(context: Context): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const settings = await settingsOf(workspace);
  const trusted = (environment: string, tag: string) =>
    trustedRefs(settings.get(environment)).includes(`${deployWorkflow}@refs/tags/${tag}`);
  const { handOver, pullRequest, ...route } = routeOf(eventOf(context.environment), workspace.policy, trusted);
  const operations = settings.get("operations");
  const app = operations?.environment === "operations" ? operations.github?.deployApp : undefined;
  const outputs = {
    ...route,
    "hand-over": handOver,
    "pull-request": pullRequest,
    app: app === undefined ? "" : String(app),
  };
  await handOut(context.environment["GITHUB_OUTPUT"], outputs);
  const lines = Object.entries(outputs).filter(([, value]) => value.toString() !== "");
  return done(outputs, lines.map(([name, value]) => `${name}: ${value.toString()}`).join("\n"));
}

const trustedRefs = (settings: Settings | undefined): readonly string[] => settings?.github?.workflows.deploy ?? [];

async function settingsOf({ root, stacks }: Workspace): Promise<Map<string, Settings>> {
  const read = async (stack: string) => [stack, await readSettings(root, stack)] as const;
  return new Map(await Promise.all(stacks.map(read)));
}

function eventOf(environment: Context["environment"]): WorkflowEvent {
  const text = (name: string) => environment[name] ?? "";
  return {
    ...{ name: text("GITHUB_EVENT_NAME"), ref: text("GITHUB_REF_NAME"), sha: text("GITHUB_SHA") },
    refType: text("GITHUB_REF_TYPE") === "tag" ? "tag" : "branch",
    ...{ task: text("SLIPWAY_TASK"), environment: text("SLIPWAY_ENVIRONMENT") },
    ...{ commit: text("SLIPWAY_COMMIT"), tag: text("SLIPWAY_TAG"), pullRequest: text("SLIPWAY_PULL_REQUEST") },
  };
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadDatasets } from "../../config/datasets.ts";
import { parseNotifications } from "../../config/notifications.ts";
import type { Context } from "../context.ts";
import { gitHubOf } from "../github/client.ts";
import { readLedger } from "../promotion/ledger.ts";
import { dataCatalog } from "../report/data-catalog.ts";
import { readSettings } from "../stack-settings.ts";
import type { Workspace } from "../workspace.ts";
import type { GoLiveFacts, RepositoryFacts } from "./facts.ts";
import { readRepository, unasked, type RepositoryPlace } from "./repository.ts";

const catalogPage = "docs/data-catalog.md";
const deployWorkflow = ".github/workflows/deploy.yml";
/** Nobody has to be told by Slack, and a webhook is a part of operations, where one is wanted. */
const optional = ["SLIPWAY_SLACK_WEBHOOK", "SLIPWAY_WEBHOOK_SECRET"];

/** Looks at stack file, ledgers, pages and the repository. Changes nothing, and starts no engine. */
export async function readGoLive(context: Context, workspace: Workspace, environment: string): Promise<GoLiveFacts> {
  const { root, policy, store, stacks } = workspace;
  const text = (file: string) => readFile(join(root, file), "utf8");
  const settings = await readSettings(root, environment);
  const { github: named } = settings;
  const repository = named === undefined ? undefined : `${named.owner.name}/${named.repository.name}`;
  const names = policy.environments.map(({ name }) => name).filter((name) => stacks.includes(name));
  const ledgers = await Promise.all(names.map(async (name) => [name, await readLedger(store, name)] as const));
  const everywhere = Object.fromEntries(ledgers);
  const notifications = parseNotifications(
    await text("config/notifications.yaml").catch(() => undefined),
    workspace.environment,
  );
  const branch = policy.protectedBranch;
  const github = await askGitHub(context, workspace, repository, { environment, branch, now: context.now() });
  const streams = "streams" in settings && settings.streams !== undefined;
  const webhook =
    "value" in github.secrets && github.secrets.value.some(({ name }) => name === "SLIPWAY_SLACK_WEBHOOK");
  const catalog = dataCatalog(await loadDatasets(root));
  return {
    environment,
    repository,
    protectedBranch: branch,
    neededSecrets: neededSecrets(await text(deployWorkflow).catch(() => ""), streams),
    github,
    records: everywhere[environment] ?? [],
    everywhere,
    told: [
      ...(notifications.webhook !== undefined || webhook ? ["Slack"] : []),
      ...(notifications.topicArn === undefined ? [] : ["SNS"]),
    ],
    pages: { [catalogPage]: (await text(catalogPage).catch(() => "")) === catalog },
  };
}

/** Secrets that the workflow reads; those of stream processors only where there are any. */
export function neededSecrets(workflow: string, streams: boolean): string[] {
  const all = [...workflow.matchAll(/\bsecrets\.([A-Z][A-Z0-9_]*)/gu)].map(([, name = ""]) => name);
  return [...new Set(all)]
    .filter((name) => !optional.includes(name) && (streams || name.startsWith("SLIPWAY_")))
    .sort();
}

async function askGitHub(
  { signal, console }: Context,
  { sandbox, environment }: Workspace,
  repository: string | undefined,
  place: Omit<RepositoryPlace, "repository">,
): Promise<RepositoryFacts> {
  if (sandbox !== undefined) return unasked("the sandbox has no repository");
  if (repository === undefined) return unasked("no repository is named");
  const github = gitHubOf(environment, { signal, say: console.info });
  if (github === undefined) return unasked("without GITHUB_TOKEN nobody can ask GitHub");
  return readRepository(github, { repository, ...place });
}

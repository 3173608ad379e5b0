import { operationsStack } from "../bootstrap/site.ts";
import { agesOf, mostDays, readSecrets, type SecretAge } from "../ci/secrets.ts";
import type { Context } from "../context.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { gitHubOf } from "../github/client.ts";
import { announceSecrets } from "../notify/announce.ts";
import { visible } from "../report/comment/escape.ts";
import { plural } from "../report/text.ts";
import { readSettings } from "../stack-settings.ts";
import { openWorkspace } from "../workspace.ts";
import type { CommandResult } from "./result.ts";
import { count } from "./run-options.ts";

/** `ci secrets`: how long ago each secret of the repository's environments was set. Ends with code 23 where one is too old. */
export async function run(
  context: Context,
  _args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const workspace = await openWorkspace(context);
  const most = count(options, "maxAgeDays") ?? mostDays;
  const github = gitHubOf(context.environment, { signal: context.signal, say: context.console.info });
  if (github === undefined)
    throw new SlipwayError(ExitCode.credentials, "Without a token nobody can ask GitHub.", {
      where: "GITHUB_TOKEN",
      next: "export GITHUB_TOKEN=… of somebody who may read the repository's settings",
    });
  const repository = await repositoryOf(context);
  const ages = agesOf(await readSecrets(github, repository), context.now(), most);
  const old = ages.filter((age) => age.old);
  if (old.length > 0) void announceSecrets(context, workspace, { old, most });
  return {
    exitCode: old.length === 0 ? ExitCode.done : ExitCode.gateRefused,
    json: { repository, days: most, secrets: ages, old: old.length },
    text: [...ages.map(lineOf), ...endOf(ages, old, most)].join("\n"),
  };
}

async function repositoryOf({ root }: Context): Promise<string> {
  const { github } = await readSettings(root, operationsStack);
  if (github !== undefined) return `${github.owner.name}/${github.repository.name}`;
  throw new SlipwayError(ExitCode.usage, "No repository is named.", {
    where: `Pulumi.${operationsStack}.yaml: slipway:github`,
    next: "Write slipway:github into the stack file: docs/delivery-identity.md.",
  });
}

const lineOf = ({ environment, name, days, old }: SecretAge): string =>
  `${old ? "old" : "ok "} ${visible(environment)}: ${name}, set ${plural(days, "day")} ago`;

function endOf(ages: readonly SecretAge[], old: readonly SecretAge[], most: number): string[] {
  const [first] = old;
  if (first === undefined) return [`${plural(ages.length, "secret")}, none older than ${plural(most, "day")}`];
  return [
    `${old.length} of ${plural(ages.length, "secret")} older than ${plural(most, "day")}`,
    `  next: make a new one where it comes from, then gh secret set ${first.name} --env ${visible(first.environment)}`,
  ];
}

import { currentRelease, lastVerified, verdictOf } from "../promotion/folds.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import type { Finding } from "../report/findings.ts";
import type { Asked, GoLiveFacts } from "./facts.ts";

type Verdict = Omit<Finding, "name">;

const ok = (detail: string): Verdict => ({ state: "ok", detail });
const missing = (detail: string, next: string): Verdict => ({ state: "missing", detail, next });

const tokenNext =
  "export GITHUB_TOKEN=… of somebody who may read the repository's settings, then ./slipway doctor --go-live";

/** What was not answered counts as not there: a list of what is ready must not rest on a guess. */
function answered<T>(asked: Asked<T>, decide: (value: T) => Verdict): Verdict {
  return "value" in asked ? decide(asked.value) : missing(`not known: ${asked.problem}`, tokenNext);
}

function repository({ repository: name, github }: GoLiveFacts): Verdict {
  if (name === undefined)
    return missing("the stack file names no repository", "Write slipway:github into the stack file.");
  return answered(github.exists, (exists) =>
    exists ? ok(`${name} is there`) : missing(`there is no ${name}`, "Create it, or correct slipway:github."),
  );
}

function secrets({ environment, neededSecrets, github }: GoLiveFacts): Verdict {
  return answered(github.secrets, (there) => {
    const lacking = neededSecrets.filter((name) => there.every((secret) => secret.name !== name));
    const set = (name: string) => `gh secret set ${name} --env ${environment}`;
    if (lacking[0] !== undefined) return missing(`without ${lacking.join(", ")}`, set(lacking[0]));
    const old = there.filter((secret) => secret.old);
    if (old[0] === undefined) return ok(`the environment ${environment} has ${neededSecrets.join(", ")}, none too old`);
    return missing(`too old: ${old.map(({ name, days }) => `${name} (${days} days)`).join(", ")}`, set(old[0].name));
  });
}

function protection({ protectedBranch, github }: GoLiveFacts): Verdict {
  return answered(github.rules, (rules) => {
    const types = new Set(rules.map(({ type }) => type));
    const lacking = ["pull_request", "required_status_checks", "non_fast_forward"].filter((type) => !types.has(type));
    const checks = rules.flatMap((rule) => rule.checks);
    if (lacking.length === 0 && checks.length > 0)
      return ok(`${protectedBranch} wants a review and ${checks.join(", ")}`);
    return missing(
      lacking.length === 0 ? `${protectedBranch} asks for no check` : `${protectedBranch} lacks ${lacking.join(", ")}`,
      "./slipway up operations",
    );
  });
}

function workflow({ protectedBranch, github }: GoLiveFacts): Verdict {
  return answered(github.lastRun, (run) => {
    if (run === undefined)
      return missing("deploy.yml has never ended", `gh workflow run deploy.yml --ref ${protectedBranch}`);
    const detail = `deploy.yml ended with ${run.conclusion} at ${run.at}: ${run.url}`;
    return run.conclusion === "success" ? ok(detail) : missing(detail, "Mend it, and let it run again.");
  });
}

function deployed({ environment, records }: GoLiveFacts): Verdict {
  const current = currentRelease(records);
  if (current === undefined)
    return missing(`nothing was ever deployed to ${environment}`, `./slipway promote ${environment}`);
  const what = current.release?.slice(0, 12) ?? "a working tree";
  return current.complete && current.release !== undefined
    ? ok(`release ${what}`)
    : missing(`${what} stands there${current.complete ? "" : " in part"}`, `./slipway promote ${environment}`);
}

function integration({ environment, records }: GoLiveFacts): Verdict {
  const current = currentRelease(records);
  const verdict = current === undefined ? "unverified" : verdictOf(records, current);
  const last = lastVerified(records);
  return verdict === "verified" && last !== undefined && last.checks.length > 0
    ? ok(`${last.checks.length} checks passed at ${last.at}`)
    : missing(`what stands there is ${verdict}`, `./slipway verify ${environment}`);
}

function monitoring({ records, told }: GoLiveFacts): Verdict {
  const alarms = lastVerified(records)?.checks.filter(({ kind }) => kind === "alarm").length ?? 0;
  if (alarms === 0) return missing("the last verification looked at no alarm", "Enable slipway:data or slipway:model.");
  return told.length === 0
    ? missing(`${alarms} alarms, and nobody is told`, "Set SLIPWAY_SLACK_WEBHOOK, or sns in config/notifications.yaml.")
    : ok(`${alarms} alarms; ${told.join(" and ")} told`);
}

/** Going back counts when what came back was verified. */
function goneBack(records: readonly LedgerRecord[]): LedgerRecord | undefined {
  return records.findLast(
    (record) =>
      record.kind === "rolled-back" &&
      records.some(
        (later) => later.kind === "verified" && later.sequence > record.sequence && later.release === record.release,
      ),
  );
}

function rollback({ everywhere }: GoLiveFacts): Verdict {
  for (const [name, records] of Object.entries(everywhere)) {
    const record = goneBack(records);
    if (record !== undefined) return ok(`${name} went back at ${record.at}, and was verified`);
  }
  return missing("no environment has ever gone back to a release and verified it", "./slipway rollback staging");
}

function documentation({ pages }: GoLiveFacts): Verdict {
  const stale = Object.entries(pages).flatMap(([page, current]) => (current ? [] : [page]));
  return stale.length === 0
    ? ok(`as the program is: ${Object.keys(pages).join(", ")}`)
    : missing(`stale: ${stale.join(", ")}`, "./slipway docs");
}

const byHand: readonly string[] = ["promoted", "approved", "rolled-back", "frozen"];
const people = 2;

/** Whether people know how to go on cannot be measured; that more than one has done it can. */
function trained({ everywhere }: GoLiveFacts): Verdict {
  const acted = Object.values(everywhere)
    .flat()
    .filter(({ kind, by }) => byHand.includes(kind) && !by.includes("[bot]"));
  const names = [...new Set(acted.map(({ by }) => by))].sort();
  return names.length >= people
    ? ok(`${names.length} people have promoted, approved, frozen or gone back: ${names.join(", ")}`)
    : missing(
        names.length === 0 ? "nobody has done anything yet" : `only ${names[0]} has done anything`,
        "Let a second person promote to staging and go back, by docs/operations.md.",
      );
}

const points: readonly (readonly [name: string, decide: (facts: GoLiveFacts) => Verdict])[] = [
  ["repository", repository],
  ["secrets", secrets],
  ["protection of the branch", protection],
  ["workflow", workflow],
  ["infrastructure", deployed],
  ["integration", integration],
  ["monitoring", monitoring],
  ["rollback", rollback],
  ["documentation", documentation],
  ["people", trained],
];

/** The ten points before going live, each with what shows it or what is to be done. */
export const goLivePoints = (facts: GoLiveFacts): Finding[] =>
  points.map(([name, decide], index) => ({ name: `${index + 1}. ${name}`, ...decide(facts) }));

import type { NotificationKind } from "../../config/notifications.ts";
import type { StackDrift } from "../drift/detect.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { redact } from "../promotion/redact.ts";
import { canonicalJson, sha256, type Json } from "../release/canonical.ts";
import { plural } from "../report/text.ts";
import type { SecretAge } from "../ci/secrets.ts";

/** Something that people should hear of. Every text is without credentials already. */
export interface NotificationEvent {
  /** Two events with one id are the same and are told once. */
  id: string;
  kind: NotificationKind;
  environment: string;
  at: string;
  /** One line. */
  title: string;
  details: string[];
  /** A command. */
  next: string | undefined;
}

const LONGEST_DETAIL = 500;
const MOST_DETAILS = 10;

const clipped = (text: string): string => {
  const safe = redact(text).replaceAll(/\s+/g, " ").trim();
  return safe.length > LONGEST_DETAIL ? `${safe.slice(0, LONGEST_DETAIL - 1).toWellFormed()}…` : safe;
};

const short = (id: string | undefined): string =>
  id === undefined ? "the working tree" : `release ${id.slice(0, 12)}`;

/** What a record of the ledger means to people; undefined for records that nobody is told of. */
export function eventOfRecord(record: LedgerRecord): NotificationEvent | undefined {
  const told = tell(record);
  if (told === undefined) return undefined;
  const { kind, title, details = [], next } = told;
  const by = clipped(record.by);
  return {
    id: record.hash,
    ...{ kind, environment: record.environment, at: record.at, next },
    title: clipped(title),
    details: [...details, `by ${by}`].map(clipped),
  };
}

interface Told {
  kind: NotificationKind;
  title: string;
  details?: string[];
  next?: string;
}

const historyOf = (environment: string): string => `./slipway history ${environment}`;

function tell(record: LedgerRecord): Told | undefined {
  const { environment } = record;
  switch (record.kind) {
    case "promoted":
      return { kind: "promoted", title: `${short(record.release)} is in ${environment}`, details: [record.verb] };
    case "verified": {
      const details = [`${plural(record.checks.length, "check")} passed`];
      return { kind: "verified", title: `${short(record.release)} is verified in ${environment}`, details };
    }
    case "failed": {
      const what = record.stage === "verify" ? "did not pass verification" : "failed";
      const title = `${short(record.release)} ${what} in ${environment}`;
      return { kind: "failed", title, details: [record.error], next: historyOf(environment) };
    }
    case "rolled-back": {
      const title = `${environment} was rolled back to ${short(record.release)}`;
      return { kind: "rolled-back", title, details: [record.reason], next: historyOf(environment) };
    }
    case "overridden": {
      const title = `gates of ${environment} were overridden for ${short(record.release)}: ${record.gates.join(", ")}`;
      return { kind: "overridden", title, details: [record.reason], next: historyOf(environment) };
    }
    case "frozen": {
      const title = record.active ? `${environment} is frozen` : `${environment} is free again`;
      return { kind: "frozen", title, details: [record.reason] };
    }
    default:
      return undefined;
  }
}

/** As many lines as people read, and how many there are beyond them. */
function detailsOf(lines: readonly string[]): string[] {
  const more = lines.length > MOST_DETAILS ? [`and ${lines.length - MOST_DETAILS} more`] : [];
  return [...lines.slice(0, MOST_DETAILS).map(clipped), ...more];
}

/** Secrets that got too old. The repository is a part of operations, and so is what is told of it. */
export function eventOfSecrets(old: readonly SecretAge[], most: number, at: Date): NotificationEvent {
  const [first] = old;
  return {
    id: sha256(canonicalJson(old.map(({ environment, name, changedAt }) => [environment, name, changedAt]))),
    ...{ kind: "secrets", environment: "operations", at: at.toISOString() },
    title: `${plural(old.length, "secret")} older than ${plural(most, "day")}`,
    details: detailsOf(old.map(({ environment, name, days }) => `${environment}: ${name}, ${plural(days, "day")}`)),
    next: first && `gh secret set ${first.name} --env ${first.environment}`,
  };
}

/** Drift that was found, under an id of what it is: the same drift found again tomorrow is no news. */
export function eventOfDrift({ stack, findings }: StackDrift, lines: readonly string[], at: Date): NotificationEvent {
  return {
    id: sha256(canonicalJson({ stack, findings: JSON.parse(JSON.stringify(findings)) as Json })),
    kind: "drift",
    environment: stack,
    at: at.toISOString(),
    title: `${stack} was changed outside: ${plural(findings.length, "finding")}`,
    details: detailsOf(lines),
    next: `./slipway drift ${stack}`,
  };
}

import type { StreamsOutputs } from "../../../config/streams-outputs.ts";
import type { AtlasProcessor } from "../atlas/types.ts";
import { hasDefinition } from "./definition.ts";
import { waitingOf } from "./readings.ts";
import { bystandersOf, type Bystander, type Subject } from "./subjects.ts";

/** One processor as it stands in Atlas. */
export interface StatusRow {
  /** Its name in the files; null for one that nobody declared. */
  processor: string | null;
  name: string;
  role: "working" | Bystander["role"];
  /** Null where it is not there. */
  state: string | null;
  /** The state that it should have; null where nothing says so. */
  wanted: string | null;
  tier: string | null;
  /** Whether what is there is what was deployed; null where nothing says what was. */
  definition: "deployed" | "other" | null;
  input: number;
  output: number;
  dlq: number;
  /** What waits at its source; null where Atlas does not say. */
  lag: { value: number; unit: "documents" | "seconds" } | null;
  lastMessageIn: string | null;
  /** What is wrong; null where nothing is. */
  problem: string | null;
  /** `failed`: it does not do its work. `changed`: it does other work than was deployed. */
  severity: "failed" | "changed" | null;
}

/** On the way to another state: nothing is wrong with that yet. */
const moving: ReadonlySet<string> = new Set(["INIT", "CREATING", "PROVISIONING", "STOPPING"]);

/** Every processor of a workspace, those first that do somebody's work. Pure. */
export function statusRows(
  outputs: StreamsOutputs | undefined,
  there: readonly AtlasProcessor[],
  all: readonly Subject[],
  subjects: readonly Subject[] = all,
): StatusRow[] {
  const rows = subjects.map(subjectRow);
  const shown = new Set(subjects.map(({ processor }) => processor));
  const others = bystandersOf(outputs, there, all)
    .filter(({ processor }) => subjects === all || (processor !== undefined && shown.has(processor)))
    .map(bystanderRow);
  return [...rows, ...others];
}

function subjectRow({ processor, name, there, wanted }: Subject): StatusRow {
  const definition = there === undefined || wanted === undefined ? null : sameness(there, wanted.digest);
  const facts = { processor, name, role: "working" as const, wanted: wanted?.state ?? null, definition };
  const failed = failureOf(there, wanted?.state);
  if (failed !== undefined) return { ...facts, ...figures(there), problem: failed, severity: "failed" };
  const changed = definition === "other";
  const problem = changed ? "its definition is another one than was deployed" : null;
  return { ...facts, ...figures(there), problem, severity: changed ? "changed" : null };
}

const sameness = (there: AtlasProcessor, digest: string): "deployed" | "other" =>
  hasDefinition(there, digest) ? "deployed" : "other";

function failureOf(there: AtlasProcessor | undefined, wanted: string | undefined): string | undefined {
  if (there === undefined) return "it is not in Atlas";
  if (there.state === "FAILED") return there.errorMsg ?? "Atlas gives no reason";
  if (wanted === undefined || there.state === wanted || moving.has(there.state)) return undefined;
  // What was only made and what was stopped are the same to whoever wants it not to run.
  if (wanted !== "STARTED" && there.state !== "STARTED") return undefined;
  return `it is ${there.state}, and should be ${wanted}`;
}

function bystanderRow({ role, processor, there }: Bystander): StatusRow {
  const failed = there.state === "FAILED" && role !== "stranger";
  return {
    ...{ processor: processor ?? null, name: there.name, role, wanted: null, definition: null },
    ...figures(there),
    problem: failed ? (there.errorMsg ?? "Atlas gives no reason") : null,
    severity: null,
  };
}

function figures(there: AtlasProcessor | undefined) {
  const { stats } = there ?? {};
  const documents = stats && waitingOf(stats);
  const seconds = stats?.changeStreamLagSeconds;
  return {
    state: there?.state ?? null,
    tier: there?.effectiveTier ?? there?.tier ?? null,
    ...{
      input: stats?.inputMessageCount ?? 0,
      output: stats?.outputMessageCount ?? 0,
      dlq: stats?.dlqMessageCount ?? 0,
    },
    lag: lagOf(documents, seconds),
    lastMessageIn: stats?.lastMessageIn ?? null,
  };
}

function lagOf(documents: number | undefined, seconds: number | undefined): StatusRow["lag"] {
  if (documents !== undefined) return { value: documents, unit: "documents" };
  return seconds === undefined ? null : { value: seconds, unit: "seconds" };
}

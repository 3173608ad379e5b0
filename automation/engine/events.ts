/** A resource's side of a step. Secrets are already blinded by the engine. */
export interface StepResource {
  type: string;
  urn: string;
  id?: string;
  parent?: string;
  custom?: boolean;
  protect?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  provider?: string;
}

/** One property of a step's diff. `kind` is `add`, `delete`, `update`, each also with `-replace`, or a newer one. */
export interface PropertyDiff {
  diffKind: string;
  inputDiff: boolean;
}

export interface StepMetadata {
  /** `create`, `update`, `delete`, `same`, `replace`, `create-replacement`, `delete-replaced`, `read`, … */
  op: string;
  urn: string;
  type: string;
  provider?: string;
  old?: StepResource | null;
  new?: StepResource | null;
  keys?: string[] | null;
  diffs?: string[] | null;
  detailedDiff?: Record<string, PropertyDiff> | null;
}

export interface StepEvent {
  metadata: StepMetadata;
  planning?: boolean;
}

export interface DiagnosticEvent {
  severity: string;
  message: string;
  urn?: string;
  prefix?: string;
  ephemeral?: boolean;
}

export interface SummaryEvent {
  maybeCorrupt?: boolean;
  /** Whole seconds, as the engine counts them. */
  durationSeconds: number;
  resourceChanges: Record<string, number>;
  isPreview?: boolean;
  /** `succeeded`, `failed`, … */
  result?: string;
}

export interface PolicyEvent {
  message: string;
  policyName: string;
  policyPackName: string;
  policyPackVersion?: string;
  /** `mandatory`, `advisory`, `remediate`, … */
  enforcementLevel: string;
  resourceUrn?: string;
}

/**
 * One engine event. An open union: the engine has more kinds than any list of them, so every kind the driver reads is an
 * optional member, and an unknown one is kept as it came. `kind` names the member that is set.
 */
export interface EngineEvent {
  sequence: number;
  /** Seconds since the epoch. */
  timestamp: number;
  kind: string;
  preludeEvent?: { config?: Record<string, string> };
  resourcePreEvent?: StepEvent;
  resOutputsEvent?: StepEvent;
  resOpFailedEvent?: StepEvent & { status?: number; steps?: number };
  diagnosticEvent?: DiagnosticEvent;
  summaryEvent?: SummaryEvent;
  policyEvent?: PolicyEvent;
  errorEvent?: { error: string };
  [other: string]: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isStep = (value: Record<string, unknown>): boolean => {
  const metadata = value["metadata"];
  return isRecord(metadata) && ["op", "urn", "type"].every((key) => typeof metadata[key] === "string");
};

/** What a known kind must have to be read as that kind; anything else is carried as unknown. */
const shapes: Record<string, (value: Record<string, unknown>) => boolean> = {
  resourcePreEvent: isStep,
  resOutputsEvent: isStep,
  resOpFailedEvent: isStep,
  diagnosticEvent: (value) => typeof value["message"] === "string" && typeof value["severity"] === "string",
  summaryEvent: (value) => isRecord(value["resourceChanges"]) && typeof value["durationSeconds"] === "number",
  policyEvent: (value) => typeof value["message"] === "string" && typeof value["enforcementLevel"] === "string",
  errorEvent: (value) => typeof value["error"] === "string",
};

const numberOr = (value: unknown, fallback: number): number => (typeof value === "number" ? value : fallback);

/** Reads one line of an event log. Never throws: `undefined` for a line that is no event at all. */
export function parseEvent(line: string): EngineEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const { sequence, timestamp, ...rest } = value;
  const head = { sequence: numberOr(sequence, -1), timestamp: numberOr(timestamp, 0) };
  const entry = Object.entries(rest).find(([, payload]) => isRecord(payload));
  if (entry === undefined) return { ...head, kind: "unknown", ...without(rest, shapes) };
  const [kind, payload] = entry as [string, Record<string, unknown>];
  const known = shapes[kind];
  if (known !== undefined && !known(payload)) return { ...head, kind: "unknown", payload };
  return { ...head, kind, [kind]: payload };
}

const without = (record: Record<string, unknown>, keys: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !(key in keys)));

/** Debug diagnostics make up most of an event log and are meant for nobody but the engine's authors. */
export const isDebug = (event: EngineEvent): boolean => event.diagnosticEvent?.severity === "debug";

import { isDebug, type EngineEvent, type PolicyEvent, type StepMetadata } from "./events.ts";
import { redact } from "../promotion/redact.ts";
import { foldedOp, propertyChanges, type PropertyChange } from "./property-changes.ts";
import { isStackUrn, nameOfUrn } from "./urn.ts";

export type ResourceStatus = "planned" | "done" | "failed" | "unfinished";

/** What happened, or would happen, to one resource. */
export interface ResourceChange {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent; undefined for the stack itself and for children of the stack. */
  parent: string | undefined;
  /** `create`, `update`, `delete`, `replace`, `same`, `read`, `import`, `refresh`, … A chain of replacement steps is one `replace`. */
  op: string;
  status: ResourceStatus;
  /** Between the resource's first and last event. */
  seconds: number;
  diffs: PropertyChange[];
  error?: string;
}

export interface Diagnostic {
  severity: string;
  message: string;
  urn: string | undefined;
}

/** One run of the engine, folded from its events. */
export interface RunSummary {
  preview: boolean;
  /** Resources by operation, as the engine counts them. */
  changes: Record<string, number>;
  /** Resources that are not `same` and not merely read. */
  changed: number;
  resources: ResourceChange[];
  diagnostics: Diagnostic[];
  /** The stack's outputs, secrets as `[secret]`; undefined when the run did not get that far. */
  outputs: Record<string, unknown> | undefined;
  policyViolations: PolicyEvent[];
  /** False when the engine did not say how the run ended: then nothing is known about success. */
  hasSummary: boolean;
  /** The engine's own verdict, where it gave one. */
  succeeded: boolean | undefined;
  durationSeconds: number;
}

const STACK_TYPE = "pulumi:pulumi:Stack";
const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270";

const quiet = new Set(["same", "read", "refresh", "read-discard"]);

interface Tracked extends ResourceChange {
  firstAt: number;
  open: number;
}

interface Fold {
  resources: Map<string, Tracked>;
  summary: RunSummary;
  firstAt: number | undefined;
  lastAt: number;
}

/** A fold that can be fed event by event; `summary()` may be called at any time. */
export interface SummaryFold {
  /** `at` is when the event came, in seconds; the engine's own times are whole seconds and stand in where it is not known. */
  add(event: EngineEvent, at?: number): void;
  summary(): RunSummary;
}

export function createSummary(preview: boolean): SummaryFold {
  const fold: Fold = { resources: new Map(), summary: emptySummary(preview), firstAt: undefined, lastAt: 0 };
  return { add: (event, at = event.timestamp) => addEvent(fold, event, at), summary: () => finish(fold) };
}

/** Folds a whole run. */
export function summarize(events: Iterable<EngineEvent>, preview: boolean): RunSummary {
  const fold = createSummary(preview);
  for (const event of events) fold.add(event);
  return fold.summary();
}

const emptySummary = (preview: boolean): RunSummary => ({
  preview,
  changes: {},
  changed: 0,
  resources: [],
  diagnostics: [],
  outputs: undefined,
  policyViolations: [],
  hasSummary: false,
  succeeded: undefined,
  durationSeconds: 0,
});

function addEvent(fold: Fold, event: EngineEvent, at: number): void {
  fold.firstAt ??= at;
  fold.lastAt = Math.max(fold.lastAt, at);
  if (isDebug(event)) return;
  if (event.resourcePreEvent) begin(fold, event.resourcePreEvent.metadata, at);
  else if (event.resOutputsEvent) complete(fold, event.resOutputsEvent.metadata, at);
  else if (event.resOpFailedEvent) fail(fold, event.resOpFailedEvent.metadata, at);
  else if (event.diagnosticEvent) addDiagnostic(fold, event.diagnosticEvent);
  else if (event.errorEvent) addDiagnostic(fold, { severity: "error", message: event.errorEvent.error });
  else if (event.policyEvent) fold.summary.policyViolations.push(event.policyEvent);
  else if (event.summaryEvent) {
    const { resourceChanges, durationSeconds, result } = event.summaryEvent;
    const succeeded = result === undefined || result === "" ? undefined : result === "succeeded";
    Object.assign(fold.summary, { hasSummary: true, changes: { ...resourceChanges }, durationSeconds, succeeded });
  }
}

/** Seconds to the millisecond. */
const elapsed = (from: number, to: number): number => Math.max(0, Math.round((to - from) * 1000) / 1000);

function parentOf(metadata: StepMetadata): string | undefined {
  const parent = metadata.new?.parent ?? metadata.old?.parent;
  return parent === undefined || parent === "" || isStackUrn(parent) ? undefined : parent;
}

function track(fold: Fold, metadata: StepMetadata, at: number): Tracked {
  const known = fold.resources.get(metadata.urn);
  const op = foldedOp(metadata.op);
  if (known !== undefined) {
    // A later step of the same resource (the delete of a replaced one, an update after a refresh) refines what is known.
    if (quiet.has(known.op) || op === "replace") known.op = op;
    if (known.diffs.length === 0) known.diffs = propertyChanges(metadata);
    return known;
  }
  const { urn, type } = metadata;
  const tracked: Tracked = {
    ...{ urn, type, name: nameOfUrn(urn), parent: parentOf(metadata), op },
    ...{ status: "unfinished", seconds: 0, diffs: propertyChanges(metadata), firstAt: at, open: 0 },
  };
  fold.resources.set(urn, tracked);
  return tracked;
}

function begin(fold: Fold, metadata: StepMetadata, at: number): void {
  const resource = track(fold, metadata, at);
  // `replace` is a marker between the steps that do the work.
  if (metadata.op === "replace") return;
  resource.open += 1;
  if (resource.status !== "failed") resource.status = "unfinished";
}

function complete(fold: Fold, metadata: StepMetadata, at: number): void {
  const resource = track(fold, metadata, at);
  if (metadata.op === "replace") return;
  resource.open = Math.max(0, resource.open - 1);
  resource.seconds = elapsed(resource.firstAt, at);
  if (resource.open === 0 && resource.status !== "failed") resource.status = fold.summary.preview ? "planned" : "done";
  if (metadata.type === STACK_TYPE) takeOutputs(fold, metadata);
}

function fail(fold: Fold, metadata: StepMetadata, at: number): void {
  const resource = track(fold, metadata, at);
  resource.open = Math.max(0, resource.open - 1);
  resource.seconds = elapsed(resource.firstAt, at);
  resource.status = "failed";
}

function takeOutputs(fold: Fold, metadata: StepMetadata): void {
  const outputs = metadata.new?.outputs;
  if (outputs === undefined || metadata.op === "delete") return;
  // A step before the program ended carries empty outputs; the last word is the one that counts.
  if (fold.summary.outputs !== undefined && Object.keys(outputs).length === 0) return;
  fold.summary.outputs = plain(outputs) as Record<string, unknown>;
}

/** Shows a blinded secret as what it is instead of as the engine's envelope. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  if (record[SECRET_SIGNATURE] === SECRET_VALUE) return "[secret]";
  return Object.fromEntries(Object.entries(record).map(([key, inner]) => [key, plain(inner)]));
}

function addDiagnostic(
  fold: Fold,
  event: { severity: string; message: string; urn?: string; ephemeral?: boolean },
): void {
  if (event.ephemeral === true) return;
  const urn = event.urn === undefined || event.urn === "" ? undefined : event.urn;
  // The engine blinds the secrets it knows; what a provider prints on its own is looked through here, once for everybody.
  fold.summary.diagnostics.push({ severity: event.severity, message: redact(event.message.trim()), urn });
}

function errorsByUrn(diagnostics: readonly Diagnostic[]): Map<string, string> {
  const errors = new Map<string, string>();
  for (const { severity, message, urn } of diagnostics)
    if (severity === "error" && urn !== undefined && !errors.has(urn)) errors.set(urn, message);
  return errors;
}

/** The engine makes these by itself and does not count them. */
const isDefaultProvider = (type: string, name: string): boolean =>
  type.startsWith("pulumi:providers:") && /^default(_|$)/.test(name);

function finish(fold: Fold): RunSummary {
  const { summary } = fold;
  const errors = errorsByUrn(summary.diagnostics);
  const shown = [...fold.resources.values()].filter(({ type, name }) => !isDefaultProvider(type, name));
  const resources = shown.map(({ firstAt: _firstAt, open: _open, ...resource }) => {
    const error = errors.get(resource.urn);
    if (error === undefined) return resource;
    const failed = isStackUrn(resource.urn) ? resource.status : ("failed" as const);
    return { ...resource, status: failed, error };
  });
  const changes = summary.hasSummary ? summary.changes : countOps(resources);
  const changed = Object.entries(changes).reduce((sum, [op, count]) => sum + (quiet.has(op) ? 0 : count), 0);
  const durationSeconds = summary.hasSummary ? summary.durationSeconds : elapsed(fold.firstAt ?? 0, fold.lastAt);
  return { ...summary, changes, changed, resources, durationSeconds };
}

function countOps(resources: readonly ResourceChange[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op, status } of resources)
    if (status === "done" || status === "planned") counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

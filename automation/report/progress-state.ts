import { redact } from "../promotion/redact.ts";
import type { EngineEvent } from "../engine/events.ts";
import { nameOfUrn } from "../engine/urn.ts";

/** A resource the engine is working on. */
export interface ActiveStep {
  urn: string;
  type: string;
  name: string;
  parent: string | undefined;
  op: string;
  startedAt: number;
}

export interface FinishedStep extends ActiveStep {
  seconds: number;
  failed: boolean;
}

/** What a person watching wants to know, folded from events. Times are milliseconds. */
export interface ProgressState {
  startedAt: number;
  active: Map<string, ActiveStep>;
  finished: FinishedStep[];
  /** Finished steps by operation; `same` included. */
  counts: Map<string, number>;
  parents: Map<string, string | undefined>;
  messages: { severity: "warning" | "error"; text: string; urn: string | undefined }[];
}

export const startProgress = (now: number): ProgressState => ({
  startedAt: now,
  active: new Map(),
  finished: [],
  counts: new Map(),
  parents: new Map(),
  messages: [],
});

const bookkeeping = new Set(["same", "read", "read-replacement", "replace", "refresh", "pending-replace"]);

/** Steps that change something; the others are counted and not shown one by one. */
export const changes = (op: string): boolean => !bookkeeping.has(op);

interface Metadata {
  urn: string;
  type: string;
  op: string;
  old?: { parent?: string } | null | undefined;
  new?: { parent?: string; custom?: boolean } | null | undefined;
}

function begin(state: ProgressState, metadata: Metadata, now: number): void {
  const parent = metadata.new?.parent ?? metadata.old?.parent;
  state.parents.set(metadata.urn, parent === "" ? undefined : parent);
  state.active.set(`${metadata.urn} ${metadata.op}`, {
    urn: metadata.urn,
    type: metadata.type,
    name: nameOfUrn(metadata.urn),
    parent: parent === "" ? undefined : parent,
    op: metadata.op,
    startedAt: now,
  });
}

function finish(state: ProgressState, metadata: Metadata, now: number, failed: boolean): FinishedStep | undefined {
  const key = `${metadata.urn} ${metadata.op}`;
  const step = state.active.get(key);
  state.active.delete(key);
  if (step === undefined) return undefined;
  const finished = { ...step, seconds: (now - step.startedAt) / 1000, failed };
  state.finished.push(finished);
  const op = failed ? "failed" : step.op;
  state.counts.set(op, (state.counts.get(op) ?? 0) + 1);
  return finished;
}

/** Applies one event; returns the step it finished, if any. */
export function applyEvent(state: ProgressState, event: EngineEvent, now: number): FinishedStep | undefined {
  if (event.resourcePreEvent) begin(state, event.resourcePreEvent.metadata, now);
  else if (event.resOutputsEvent) return finish(state, event.resOutputsEvent.metadata, now, false);
  else if (event.resOpFailedEvent) return finish(state, event.resOpFailedEvent.metadata, now, true);
  else if (event.diagnosticEvent) {
    const { severity, message, urn } = event.diagnosticEvent;
    if (severity === "warning" || severity === "error")
      state.messages.push({ severity, text: redact(message.trim()), urn: urn === "" ? undefined : urn });
  }
  return undefined;
}

const labels: [op: string, label: string][] = [
  ["create", "created"],
  ["update", "updated"],
  ["create-replacement", "replaced"],
  ["delete", "deleted"],
  ["import", "imported"],
  ["same", "unchanged"],
  ["failed", "failed"],
];

/** "12 created, 3 updated, 40 unchanged", or "nothing yet". */
export function countsLine(counts: ReadonlyMap<string, number>): string {
  const parts = labels.flatMap(([op, label]) => (counts.get(op) ? [`${counts.get(op)} ${label}`] : []));
  return parts.length === 0 ? "nothing yet" : parts.join(", ");
}

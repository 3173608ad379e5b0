import { z } from "zod";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Store } from "../store/store.ts";

const running = z.strictObject({
  schema: z.literal(1),
  state: z.literal("running"),
  verb: z.string(),
  environment: z.string(),
  release: z.string().optional(),
  commit: z.string().optional(),
  host: z.string(),
  /** The driver's process. */
  pid: z.int().positive(),
  /** When that process started, as the system tells it: process numbers are used again. */
  startTime: z.string().optional(),
  /** The engine's process, once it runs. */
  enginePid: z.int().positive().optional(),
  engineStartTime: z.string().optional(),
  startedAt: z.iso.datetime(),
  /** File with the engine's events. */
  eventLog: z.string().optional(),
});

const ended = z.strictObject({
  schema: z.literal(1),
  state: z.literal("ended"),
  environment: z.string(),
  endedAt: z.iso.datetime(),
});

const documentSchema = z.discriminatedUnion("state", [running, ended]);

type MarkerDocument = z.infer<typeof documentSchema>;

/** An operation that has begun and, as far as the store knows, not ended. */
export type OperationMarker = Omit<z.infer<typeof running>, "schema" | "state">;

export interface Inflight {
  marker: OperationMarker;
  /** Names this very version of the marker; every later write must bring it. */
  etag: string;
}

/** Somebody else's marker in the way is an answer. */
export type BeginResult = { ok: true; etag: string } | { ok: false; inflight: Inflight };

/** What has become of an operation. */
export type InflightState =
  | { state: "none" }
  | { state: "running-here" | "running-elsewhere" | "engine-finishing" | "interrupted"; marker: OperationMarker };

export interface ProcessView {
  /** Name of this machine. */
  host: string;
  /** Whether a process of this machine is alive and, where a start time is given, still the same one. */
  isAlive(pid: number, startTime: string | undefined): boolean;
}

/** The marker of an environment's running operation; undefined when none is under way. A damaged one is a `SlipwayError`. */
export async function readInflight(store: Store, environment: string): Promise<Inflight | undefined> {
  const found = await readMarker(store, environment);
  if (found?.document.state !== "running") return undefined;
  const { schema: _schema, state: _state, ...marker } = found.document;
  return { marker, etag: found.etag };
}

/**
 * Leaves the marker before the first change is made. Takes the place of no marker, of an ended one, or of the one that `takeOver` names (an
 * interrupted one that the caller has recorded).
 */
export async function beginOperation(store: Store, marker: OperationMarker, takeOver?: string): Promise<BeginResult> {
  for (;;) {
    const found = await readMarker(store, marker.environment);
    if (found?.document.state === "running" && found.etag !== takeOver) {
      const { schema: _schema, state: _state, ...other } = found.document;
      return { ok: false, inflight: { marker: other, etag: found.etag } };
    }
    const condition = found === undefined ? { ifAbsent: true as const } : { ifMatch: found.etag };
    const result = await store.put(
      markerKey(marker.environment),
      textOf({ schema: 1, state: "running", ...marker }),
      condition,
    );
    if (result.ok) return result;
  }
}

/** Adds what was not known at the beginning, such as the engine's process. False when the marker is no longer the caller's. */
export async function updateOperation(
  store: Store,
  marker: OperationMarker,
  etag: string,
): Promise<BeginResult | { ok: false }> {
  const body = textOf({ schema: 1, state: "running", ...marker });
  const result = await store.put(markerKey(marker.environment), body, { ifMatch: etag });
  return result.ok ? result : { ok: false };
}

/** Takes the marker away. False when it is no longer the caller's: somebody took over. */
export async function endOperation(store: Store, environment: string, etag: string, now: Date): Promise<boolean> {
  const body = textOf({ schema: 1, state: "ended", environment, endedAt: now.toISOString() });
  return (await store.put(markerKey(environment), body, { ifMatch: etag })).ok;
}

/** What has become of the operation, seen from this machine. */
export function classifyInflight(marker: OperationMarker | undefined, view: ProcessView): InflightState {
  if (marker === undefined) return { state: "none" };
  if (marker.host !== view.host) return { state: "running-elsewhere", marker };
  if (view.isAlive(marker.pid, marker.startTime)) return { state: "running-here", marker };
  const engineAlive = marker.enginePid !== undefined && view.isAlive(marker.enginePid, marker.engineStartTime);
  return { state: engineAlive ? "engine-finishing" : "interrupted", marker };
}

function markerKey(environment: string): string {
  return `operations/${environment}.json`;
}

function textOf(document: MarkerDocument): string {
  return `${JSON.stringify(documentSchema.parse(document), undefined, 2)}\n`;
}

async function readMarker(
  store: Store,
  environment: string,
): Promise<{ document: MarkerDocument; etag: string } | undefined> {
  const stored = await store.get(markerKey(environment));
  if (stored === undefined) return undefined;
  try {
    return { document: documentSchema.parse(JSON.parse(Buffer.from(stored.body).toString("utf8"))), etag: stored.etag };
  } catch (cause) {
    throw new SlipwayError(ExitCode.unexpected, `The record of the running operation of ${environment} is damaged.`, {
      where: `${store.location}/${markerKey(environment)}`,
      next: "make sure that no operation runs there, then remove that file",
      cause,
    });
  }
}

import { resolve, sep } from "node:path";
import { parseEvent, type EngineEvent } from "../engine/events.ts";
import { tailLines, type Tail } from "../engine/tail.ts";
import type { OperationMarker } from "../promotion/inflight.ts";
import { applyEvent, changes, countsLine, startProgress, type ProgressState } from "../report/progress-state.ts";
import type { EngineProgress } from "./facts.ts";

/** Follows the event logs of operations that run on this machine. */
export interface ProgressFollower {
  /** How far an operation is; undefined where this machine does not know. */
  of(marker: OperationMarker | undefined, environment: string): EngineProgress | undefined;
  /** Reads what is there by now and follows no longer. */
  close(): Promise<void>;
}

interface Following {
  eventLog: string;
  tail: Tail;
  state: ProgressState;
  ended: boolean;
}

/** @param logDirectory where this checkout's engines write their events: no lease leads to another file */
export function progressFollower(logDirectory: string, machine: string): ProgressFollower {
  const following = new Map<string, Following>();
  const mayFollow = (marker: OperationMarker): boolean =>
    marker.machine === machine &&
    marker.eventLog !== undefined &&
    resolve(marker.eventLog).startsWith(`${resolve(logDirectory)}${sep}`);
  return {
    of(marker, environment) {
      const eventLog = marker !== undefined && mayFollow(marker) ? marker.eventLog : undefined;
      let known = following.get(environment);
      if (known !== undefined && known.eventLog !== eventLog) {
        // What a log that is gone says at last matters to nobody.
        void known.tail.close().catch(() => undefined);
        following.delete(environment);
        known = undefined;
      }
      if (eventLog === undefined) return undefined;
      if (known === undefined) following.set(environment, (known = follow(eventLog)));
      return viewOf(known);
    },
    async close() {
      await Promise.allSettled([...following.values()].map(({ tail }) => tail.close()));
    },
  };
}

function follow(eventLog: string): Following {
  const following = { eventLog, state: startProgress(0), ended: false };
  const tail = tailLines(eventLog, (line) => {
    const event = parseEvent(line);
    if (event === undefined || isLook(event)) return;
    if (event.summaryEvent) following.ended ||= event.summaryEvent.isPreview !== true;
    applyEvent(following.state, event, event.timestamp * 1000);
  });
  return Object.assign(following, { tail });
}

/** An update that is held to a plan looks at it first: that is not yet what happens. */
const isLook = ({ resourcePreEvent: before, resOutputsEvent: after }: EngineEvent): boolean =>
  before?.planning === true || after?.planning === true;

function viewOf({ state, ended }: Following): EngineProgress {
  const active = [...state.active.values()].filter(({ op, type }) => changes(op) && type !== "pulumi:pulumi:Stack");
  return {
    counts: countsLine(state.counts),
    finished: state.finished.length,
    active: active.map(({ op, name, type, startedAt }) => ({ op, name, type, startedAt })),
    ended,
  };
}

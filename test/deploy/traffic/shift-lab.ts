import assert from "node:assert/strict";
import { openTrafficClient, type TrafficClient } from "../../../automation/deploy/traffic/client.ts";
import type { Manner } from "../../../automation/deploy/traffic/decide.ts";
import { shiftAlias, type ShiftResult } from "../../../automation/deploy/traffic/shift.ts";
import type { AlarmState } from "../../../automation/verify/check-kind.ts";
import { CodeDeploy, shift } from "./code-deploy.ts";

type Untimed<R> = R extends unknown ? Omit<R, "seconds"> : never;

/** Where the alias of a lab is before anything happens. */
export const inAlias = { version: "6", weights: {} };

/** A shift to version 7 in a hurry, against a CodeDeploy of this machine. */
export class ShiftLab {
  readonly aws = new CodeDeploy();
  readonly lines: string[] = [];
  readonly cancel = new AbortController();
  /** What CloudWatch says. */
  alarms: () => AlarmState[] = () => [{ name: "errors", state: "OK", reason: "" }];
  #client: TrafficClient | undefined;

  async start(): Promise<void> {
    await this.aws.start();
    this.#client = await openTrafficClient(shift, { lambda: this.aws.config, codedeploy: this.aws.config });
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.aws.server.close();
  }

  /** What became of it, without the time that it took. */
  async shift({ manner = "gradually", timeoutMs = 10_000 }: { manner?: Manner; timeoutMs?: number } = {}): Promise<
    Untimed<ShiftResult>
  > {
    assert.ok(this.#client);
    const { seconds, ...rest } = await shiftAlias(this.#client, {
      ...{ shift, manner, description: "slipway promote dev: release abc" },
      pace: { pollMs: 1, heartbeatMs: 60_000, timeoutMs, settleMs: 5_000, quietMs: 50, realTime: false },
      ...{ signal: this.cancel.signal, terminate: new AbortController().signal, now: () => new Date() },
      say: (line) => void this.lines.push(line),
      alarms: () => Promise.resolve(this.alarms()),
    });
    assert.ok(seconds >= 0);
    return rest;
  }
}

export const ringing: AlarmState[] = [{ name: "errors", state: "ALARM", reason: "3 > 0" }];

import { setTimeout as delay } from "node:timers/promises";

import { recordEvent, type Operation } from "../cloud/events.ts";
import { takeFault, type Fault } from "../cloud/faults.ts";
import type { Properties } from "../types/type-spec.ts";
import type { Session } from "./session.ts";

export interface Target {
  type: string;
  urn: string;
  operation: Operation;
}

/** Tries per request while the service answers "Rate exceeded", and the first pause; each pause doubles. */
const attempts = 8;
const firstPauseMs = 5;

/** Runs one operation under the faults that are set for it, oldest first; none strikes the same operation twice. */
export async function withFaults<T>(
  session: Session,
  target: Target,
  work: () => T | Promise<T>,
  after = 0,
): Promise<T> {
  const fault = takeFault(session.cloud.database, target.type, target.operation, { after });
  if (fault === undefined) return work();
  record(session, target, fault);
  switch (fault.kind) {
    case "error":
      throw new Error(fault.message || `InternalFailure: injected by \`slipway sandbox fault\` on ${target.operation}`);
    case "latency":
      await delay(fault.milliseconds);
      return withFaults(session, target, work, fault.id);
    case "throttle":
      await waitOutThrottling(session, target);
      return withFaults(session, target, work, fault.id);
    case "crash":
      if (fault.moment === "after") await work();
      return crash();
    case "unhealthy": {
      const result = await work();
      degrade(session, target, fault.message);
      return result;
    }
  }
}

/** The service took the new state and the workload does not come up with it: the next update is another chance. */
function degrade({ cloud }: Session, { type, urn }: Target, message: string): void {
  for (const found of cloud.list({ type, urn })) {
    const status = found.outputs["status"];
    const health = { status: "Degraded", message: message || "injected by `slipway sandbox fault`" };
    cloud.overwriteOutputs(found, { ...found.outputs, status: { ...(status as Properties | undefined), health } });
  }
}

/** Backs off as an SDK does. The first strike is taken already. */
async function waitOutThrottling(session: Session, target: Target): Promise<void> {
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    await delay(firstPauseMs * 2 ** (attempt - 1));
    const again = takeFault(session.cloud.database, target.type, target.operation, { kind: "throttle" });
    if (again === undefined) return;
    record(session, target, again);
  }
  throw new Error(
    `ThrottlingException: Rate exceeded (${target.operation} ${target.type}, gave up after ${attempts} attempts)`,
  );
}

function crash(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("the provider process is being killed");
}

function record(session: Session, target: Target, fault: Fault): void {
  const { account, region } = session.identity;
  const { type, urn, operation } = target;
  const detail = `fault ${fault.id}, ${fault.remaining} left`;
  recordEvent(session.cloud.database, { operation, outcome: fault.kind, account, region, type, id: "", urn, detail });
}

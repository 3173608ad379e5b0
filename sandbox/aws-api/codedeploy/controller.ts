import { type LambdaClient } from "@aws-sdk/client-lambda";

import { messageOf } from "../../live/projection.ts";
import { isMissing } from "../../live/types/build.ts";
import type { Emulator } from "../emulator.ts";
import type { Scope } from "../protocol.ts";
import type { CloudRecord } from "../record.ts";
import type { Kept, State } from "../state.ts";
import { advancedDeployment, brokenOff, withoutAlias, type DeploymentSeen } from "./advance.ts";
import { aliasTarget, deploymentId, isFinal, type AliasTarget, type Deployment, type Hook } from "./deployment.ts";

export interface DeploymentServices {
  state: State;
  record: CloudRecord;
  emulator: Emulator;
  onNote(line: string): void;
  /** How long the emulator may fail a deployment before it is given up. */
  patienceMs?: number;
}

/** Between two tries of what the emulator refused. */
const retryMs = 500;
const defaultPatienceMs = 60_000;

/** Takes deployments through their phases: asks hooks, moves the alias step by step, looks at the alarms, takes back. */
export class DeploymentController {
  readonly #services: DeploymentServices;
  readonly #from = Date.now();
  /** Calls of hooks by their execution id, with how they ended. */
  readonly #hooks = new Map<string, { ended?: { at: number; error?: string } }>();
  readonly #working = new Map<string, Promise<void>>();
  /** Deployments that the emulator fails: since when, and when it is asked again. */
  readonly #failing = new Map<string, { since: number; retryAt: number }>();

  constructor(services: DeploymentServices) {
    this.#services = services;
  }

  /** Whether a deployment is under way. */
  get busy(): boolean {
    return this.#services.state.list("deployment").some(({ body }) => !isFinal(body));
  }

  /** One look at every deployment that is under way; those that are being worked on are left alone. */
  round(): void {
    for (const kept of this.#services.state.list("deployment")) {
      const { id } = kept.body;
      if (isFinal(kept.body) || this.#working.has(id) || Date.now() < (this.#failing.get(id)?.retryAt ?? 0)) continue;
      const work = this.#advance(kept)
        .then(() => void this.#failing.delete(id))
        .catch((error: unknown) => this.#failed(kept, messageOf(error)))
        .finally(() => this.#working.delete(id));
      this.#working.set(id, work);
    }
  }

  /** Settles when nothing is being worked on. */
  async settled(): Promise<void> {
    await Promise.all(this.#working.values());
  }

  /** Tries again for a while: an emulator that is busy, or on its way down, is no reason to give up. */
  #failed({ body, account, region }: Kept<"deployment">, why: string): void {
    const { onNote, patienceMs = defaultPatienceMs } = this.#services;
    const now = Date.now();
    const since = this.#failing.get(body.id)?.since ?? now;
    this.#failing.set(body.id, { since, retryAt: now + Math.min(retryMs, patienceMs) });
    onNote(`deployment ${body.id}: ${why}`);
    if (now - since < patienceMs) return;
    const message = `The deployment failed because Lambda could not be asked: ${why}.`;
    this.#patch({ account, region }, body.id, (found) => brokenOff(found, { code: "INTERNAL_ERROR", message }, now));
  }

  async #advance({ body: before, account, region }: Kept<"deployment">): Promise<void> {
    const { state, emulator } = this.#services;
    const scope = { account, region };
    const checked = before.phase === "check" ? await this.#check(scope, before) : {};
    if (aliasTarget(before) !== undefined && !before.applied) {
      const there = await orMissing(updateAlias(await emulator.lambda(scope), before));
      this.#patch(scope, before.id, (found) => (there ? applied(found, before) : withoutAlias(found, Date.now())));
      return;
    }
    this.#ask(scope, before);
    // Answers of hooks and requests to stop may have come while the emulator was asked.
    this.#patch(scope, before.id, (found) => {
      if (found.phase !== before.phase || found.step !== before.step) return found;
      const next = advancedDeployment(found, { ...this.#see(scope, found), ...checked });
      if (next.rollback !== undefined) state.put("deployment", scope, next.rollback.id, next.rollback);
      return next.deployment;
    });
  }

  /** Changes what is kept of a deployment, and what is known of its alias, together. */
  #patch(scope: Scope, id: string, change: (found: Deployment) => Deployment): void {
    const { state } = this.#services;
    state.transaction(() => {
      const found = state.get("deployment", scope, id);
      const next = found && change(found);
      if (next === undefined || next === found) return;
      state.put("deployment", scope, id, next);
      const { function: name, alias, target } = next.spec;
      if (next.status === "Succeeded") state.put("alias", scope, `${name}:${alias}`, { version: target });
    });
  }

  #see(scope: Scope, { alarms, before, after, phase }: Deployment): DeploymentSeen {
    const states = this.#services.record.alarms(scope, alarms);
    const known = new Set(states.map(({ name }) => name));
    const hook = phase === "before" ? before : after;
    const ended = hook && this.#hooks.get(hook.executionId)?.ended;
    return {
      now: Date.now(),
      from: this.#from,
      ringing: states.filter((each) => each.state === "ALARM").map(({ name }) => name),
      unreadable: alarms.filter((name) => !known.has(name)),
      ...(ended === undefined ? {} : { hookEnded: ended }),
      rollbackId: deploymentId(),
    };
  }

  async #check(scope: Scope, { spec }: Deployment): Promise<Pick<DeploymentSeen, "alias" | "targetExists">> {
    const { GetAliasCommand, GetFunctionConfigurationCommand } = await import("@aws-sdk/client-lambda");
    const lambda = await this.#services.emulator.lambda(scope);
    const FunctionName = spec.function;
    const alias = await orMissing(lambda.send(new GetAliasCommand({ FunctionName, Name: spec.alias })));
    const version = new GetFunctionConfigurationCommand({ FunctionName, Qualifier: spec.target });
    const target = await orMissing(lambda.send(version));
    if (alias === undefined) return { targetExists: target !== undefined };
    const weights = alias.RoutingConfig?.AdditionalVersionWeights ?? {};
    return { alias: { version: alias.FunctionVersion ?? "", weights }, targetExists: target !== undefined };
  }

  /** Calls the hook of the phase, also again after a restart: its execution id stays, and the first answer counts. */
  #ask(scope: Scope, { id, phase, before, after }: Deployment): void {
    const hook = phase === "before" ? before : phase === "after" ? after : undefined;
    if (hook?.status !== "InProgress" || this.#hooks.has(hook.executionId)) return;
    const call: { ended?: { at: number; error?: string } } = {};
    this.#hooks.set(hook.executionId, call);
    void this.#call(scope, id, hook).then((error) => {
      call.ended = { at: Date.now(), ...(error === undefined ? {} : { error }) };
    });
  }

  async #call(scope: Scope, id: string, hook: Hook): Promise<string | undefined> {
    const { InvokeCommand } = await import("@aws-sdk/client-lambda");
    const event = { DeploymentId: id, LifecycleEventHookExecutionId: hook.executionId };
    try {
      const lambda = await this.#services.emulator.lambda(scope);
      const command = new InvokeCommand({ FunctionName: hook.function, Payload: JSON.stringify(event) });
      const { FunctionError, Payload } = await lambda.send(command);
      if (FunctionError === undefined) return undefined;
      return `the function ended with an error: ${Buffer.from(Payload ?? [])
        .toString("utf8")
        .slice(0, 500)}`;
    } catch (error) {
      return `the function cannot be called: ${messageOf(error)}`;
    }
  }
}

/** The alias shows the step that it was brought to, unless that has changed meanwhile. */
function applied(found: Deployment, done: Deployment): Deployment {
  if (found.phase !== done.phase || found.step !== done.step || found.applied) return found;
  const now = Date.now();
  return { ...found, applied: true, since: now, shiftStarted: found.shiftStarted ?? now };
}

async function updateAlias(lambda: LambdaClient, deployment: Deployment): Promise<true> {
  const { UpdateAliasCommand } = await import("@aws-sdk/client-lambda");
  const { version, weights } = aliasTarget(deployment) as AliasTarget;
  const { function: FunctionName, alias: Name } = deployment.spec;
  const RoutingConfig = { AdditionalVersionWeights: { ...weights } };
  await lambda.send(new UpdateAliasCommand({ FunctionName, Name, FunctionVersion: version, RoutingConfig }));
  return true;
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

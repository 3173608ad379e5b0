import { setTimeout as delay } from "node:timers/promises";
import type { Check } from "../../config/outputs.ts";
import type { CheckKind, CheckResult, Deployed, Probe, ProbeContext, VerifyTargets } from "./check-kind.ts";
import { alarm } from "./kinds/alarm.ts";
import { argoApplication } from "./kinds/argo-application.ts";
import { glueTable } from "./kinds/glue-table.ts";
import { http } from "./kinds/http.ts";
import { lambda } from "./kinds/lambda.ts";
import { sagemakerEndpoint } from "./kinds/sagemaker-endpoint.ts";
import { stateMachine } from "./kinds/state-machine.ts";
import { streamProcessor } from "./kinds/stream-processor.ts";

interface Prober {
  costly: boolean;
  ask(check: Check, context: ProbeContext): Promise<Probe>;
}

const prober = <K extends Check["kind"]>(kind: CheckKind<K>): [string, Prober] => [
  kind.kind,
  {
    costly: kind.costly === true,
    ask: (check, context) => kind.probe(check as Extract<Check, { kind: K }>, context),
  },
];

/** Every kind this driver knows how to ask. */
const probers: ReadonlyMap<string, Prober> = new Map([
  prober(http),
  prober(argoApplication),
  prober(alarm),
  prober(stateMachine),
  prober(glueTable),
  prober(lambda),
  prober(sagemakerEndpoint),
  prober(streamProcessor),
]);

export interface VerifyOptions {
  targets: VerifyTargets;
  deployed: Deployed;
  /** How long a pending check is asked again, in milliseconds. */
  patience: number;
  /** Checks that say themselves how long they may take are given that time where it is longer. */
  generous?: boolean;
  /** How long a check must go on passing after it first did, in milliseconds. Defaults to not at all. */
  bake?: number;
  signal: AbortSignal;
  onResult?(result: CheckResult): void;
  /** What a check that takes its time says on the way. */
  onProgress?(check: Check, line: string): void;
}

/**
 * Asks the checks at the same time and waits until each passed, failed for good, or ran out of patience. Costly ones, such as a run of a
 * pipeline, come last, and not at all where one of the others did not pass: that the release is bad is known by then.
 */
export async function verify(checks: readonly Check[], options: VerifyOptions): Promise<CheckResult[]> {
  const isCostly = ({ kind }: Check) => probers.get(kind)?.costly === true;
  const costly = checks.filter(isCostly);
  const results = await settleAll(
    checks.filter((check) => !isCostly(check)),
    options,
  );
  const refused = results.find(({ passed }) => !passed);
  if (refused === undefined) return [...results, ...(await settleAll(costly, options))];
  const left = costly.map((check) => notRun(check, refused));
  for (const result of left) options.onResult?.(result);
  return [...results, ...left];
}

const settleAll = (checks: readonly Check[], options: VerifyOptions): Promise<CheckResult[]> =>
  Promise.all(
    checks.map(async (check) => {
      const result = await settle(check, options);
      options.onResult?.(result);
      return result;
    }),
  );

const notRun = ({ kind, name }: Check, refused: CheckResult): CheckResult => ({
  ...{ kind, name, passed: false, notRun: true, attempts: 0, seconds: 0 },
  detail: `not run, as ${refused.name} did not pass`,
});

const firstPause = 100;
const longestPause = 5_000;

async function settle(check: Check, options: VerifyOptions): Promise<CheckResult> {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const known = probers.get(check.kind);
  const finish = (passed: boolean, detail: string, attempts: number, simulated = false): CheckResult => ({
    ...{ kind: check.kind, name: check.name, passed, detail, attempts },
    ...(simulated ? { simulated } : {}),
    seconds: Math.round(elapsed()) / 1000,
  });
  if (known === undefined) return finish(false, `this driver does not know checks of kind "${check.kind}"`, 0);
  const { targets, signal, deployed } = options;
  const progress = (line: string) => options.onProgress?.(check, line);
  const ask = () => known.ask(check, { targets, signal, deployed, progress });
  const patience = patienceFor(check, options);
  let pause = firstPause;
  for (let attempts = 1; ; attempts++) {
    const probe = await ask();
    if (probe.state === "failed") return finish(false, probe.detail, attempts);
    if (probe.state === "passed") {
      const relapse = known.costly || probe.simulated ? undefined : await bake(ask, options);
      return finish(relapse === undefined, relapse ?? probe.detail, attempts, probe.simulated);
    }
    if (signal.aborted) return finish(false, `cancelled; last seen: ${probe.detail}`, attempts);
    if (elapsed() + pause > patience)
      return finish(false, `still not so after ${Math.round(elapsed() / 1000)} s: ${probe.detail}`, attempts);
    await delay(pause, undefined, { signal }).catch(() => undefined);
    pause = Math.min(pause * 2, longestPause);
  }
}

function patienceFor(check: Check, { patience, generous = false }: VerifyOptions): number {
  const own = generous && "timeoutSeconds" in check ? (check.timeoutSeconds ?? 0) * 1000 : 0;
  return Math.max(patience, own);
}

/** One bad answer may be chance; this many in a row are not. */
const relapses = 3;

/** Asks on while a release proves itself; returns what went wrong, or undefined when all was well to the end. */
async function bake(
  probe: () => Promise<Probe>,
  { bake: bakeMs = 0, signal }: VerifyOptions,
): Promise<string | undefined> {
  const until = performance.now() + bakeMs;
  const pause = Math.min(longestPause, Math.max(firstPause, bakeMs / 100));
  let bad = 0;
  while (performance.now() < until) {
    await delay(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return "cancelled while it had to prove itself";
    const { state, detail } = await probe();
    bad = state === "passed" ? 0 : bad + 1;
    if (state === "failed" || bad === relapses) return `did not stay well: ${detail}`;
  }
  return undefined;
}

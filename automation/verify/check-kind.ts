import type { Check } from "../../config/outputs.ts";

/** `pending` is asked again until the deadline; `failed` is final: waiting would not help. */
export interface Probe {
  state: "passed" | "pending" | "failed";
  /** One line a person understands: what was seen, and what was expected where they differ. */
  detail: string;
}

/** How to reach the Kubernetes API of a cluster. */
export interface KubernetesTarget {
  /** Base URL without a trailing slash. */
  server: string;
  /** PEM of the cluster's certificate authority; absent for plain HTTP. */
  certificateAuthority?: string;
  headers(): Promise<Record<string, string>>;
}

/** What CloudWatch says of an alarm. */
export interface AlarmState {
  name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  state: string;
  reason: string;
}

/** Where the checks' clients connect to: the cloud, or the sandbox's local endpoints. */
export interface VerifyTargets {
  kubernetes(cluster: string): Promise<KubernetesTarget>;
  /** States of the named alarms of a region; one that does not exist is left out. */
  alarms(region: string, names: readonly string[], signal: AbortSignal): Promise<AlarmState[]>;
}

export interface ProbeContext {
  targets: VerifyTargets;
  signal: AbortSignal;
}

/** One kind of check. The driver knows kinds; which checks exist is declared by components as stack outputs. */
export interface CheckKind<K extends Check["kind"]> {
  kind: K;
  probe(check: Extract<Check, { kind: K }>, context: ProbeContext): Promise<Probe>;
}

export interface CheckResult {
  kind: Check["kind"];
  name: string;
  passed: boolean;
  detail: string;
  /** How often it was asked. */
  attempts: number;
  seconds: number;
}

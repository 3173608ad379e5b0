import type { Check } from "../../config/outputs.ts";
import type { AtlasPlace, AtlasStreams } from "../streams/atlas/types.ts";

/** `pending` is asked again until the deadline; `failed` is final: waiting would not help. */
export interface Probe {
  state: "passed" | "pending" | "failed";
  /** One line a person understands: what was seen, and what was expected where they differ. */
  detail: string;
  /** Nothing was there to ask: the sandbox only remembers the resource, or has something else in its place. */
  simulated?: boolean;
}

/** How to reach the Kubernetes API of a cluster. */
export interface KubernetesTarget {
  /** Base URL without a trailing slash. */
  server: string;
  /** PEM of the cluster's certificate authority; absent for plain HTTP. */
  certificateAuthority?: string;
  /** Nothing runs in it: the sandbox only remembers its objects. */
  simulated?: boolean;
  headers(): Promise<Record<string, string>>;
}

/** What CloudWatch says of an alarm. */
export interface AlarmState {
  name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  state: string;
  reason: string;
}

/** What every AWS client is made with; without an endpoint and credentials the SDK finds its own. */
export interface AwsClientConfig {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** A resource as the simulated cloud keeps it. */
export type SimulatedResource = Readonly<Record<string, unknown>>;

/** AWS services that answer, or a cloud that only remembers what stands in it. */
export type AwsTarget =
  /** `standIn`: what answers in the sandbox where that is not the service, for whoever tells what it said. */
  | { simulated: false; config: AwsClientConfig; standIn?: string }
  /** Outputs of every resource of a type, in the stack's account and the region. */
  | { simulated: true; resources(type: string): SimulatedResource[] };

/** Services that the sandbox answers at an address of their own. */
export type SeparateService = "sagemaker" | "sagemaker-runtime" | "codedeploy";

/** Where the checks' clients connect to: the cloud, or the sandbox's local endpoints. */
export interface VerifyTargets {
  aws(region: string, service?: SeparateService): Promise<AwsTarget>;
  kubernetes(cluster: string): Promise<KubernetesTarget>;
  /** States of the named alarms of a region; one that does not exist is left out. */
  alarms(region: string, names: readonly string[], signal: AbortSignal): Promise<AlarmState[]>;
  /** Stream processing of a workspace in Atlas. */
  atlas?(place: AtlasPlace, signal: AbortSignal): Promise<AtlasTarget>;
  /** Where a public address answers. Without this, there. */
  locate?(url: string): Promise<Located>;
}

/** Atlas, or the sandbox's own. */
export interface AtlasTarget {
  client: Pick<AtlasStreams, "processor">;
  /** What answers in the sandbox, for whoever tells what it said. */
  standIn?: string;
}

/** A public address, as it is to be asked from here. */
export interface Located {
  url: string;
  /** Nothing answers there: the sandbox only remembers it. */
  simulated?: boolean;
}

/** What is verified. */
export interface Deployed {
  /** Id of the release; absent for a working tree. */
  release: string | undefined;
  /** Commit of the branch of manifests that Argo CD must have synced; absent where there is none. */
  manifests?: string;
  /** Folder of the program that was deployed: what checks bring along is below it. */
  root(): Promise<string>;
}

export interface ProbeContext {
  targets: VerifyTargets;
  signal: AbortSignal;
  deployed: Deployed;
  /** Says how far a check is that takes its time. */
  progress(line: string): void;
}

/** One kind of check. The driver knows kinds; which checks exist is declared by components as stack outputs. */
export interface CheckKind<K extends Check["kind"]> {
  kind: K;
  /** Too dear to be asked of a release that other checks already refuse, or again while one proves itself. */
  costly?: boolean;
  probe(check: Extract<Check, { kind: K }>, context: ProbeContext): Promise<Probe>;
}

export interface CheckResult {
  kind: Check["kind"];
  name: string;
  passed: boolean;
  detail: string;
  /** Passed without anything that could have failed: the sandbox only remembers the resource. */
  simulated?: boolean;
  /** It did not pass because it was not asked at all; the detail says why. */
  notRun?: boolean;
  /** How often it was asked. */
  attempts: number;
  seconds: number;
}

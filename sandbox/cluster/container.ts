import { block, list, text } from "../types/build.ts";
import { valueAt } from "../types/path.ts";
import type { Properties } from "../types/type-spec.ts";
import { containersOf } from "./objects.ts";

/** What the sandbox runs of a pod template: its first container. */
export interface Container {
  image: string;
  /** Variables of the pod's specification; those from secrets are left out. */
  environment: Readonly<Record<string, string>>;
  /** Path that answers once it is ready; undefined where any answer will do. */
  readinessPath?: string;
  /** Paths that the sandbox is to ask while it judges the revision, where the pod says so itself. */
  probePaths: readonly string[];
}

/** Annotation of a pod template: paths, separated by commas, that an analysis asks in the sandbox, which has no users. */
export const probePathsAnnotation = "slipway.dev/probe-paths";

export function containerOf(template: Properties, pod: { name: string; namespace: string }): Container {
  const container = containersOf(template)[0] ?? {};
  const probes = ["readinessProbe", "startupProbe", "livenessProbe"].map((probe) =>
    text(valueAt(container, `${probe}.httpGet.path`)),
  );
  const readinessPath = probes.find((path) => path !== undefined);
  const annotated = text(block(valueAt(template, "metadata.annotations"))[probePathsAnnotation]) ?? "";
  const paths = annotated
    .split(",")
    .map((path) => path.trim())
    .filter((path) => path.startsWith("/"));
  return {
    image: text(container["image"]) ?? "",
    environment: Object.fromEntries(list(container["env"]).flatMap((entry) => variableOf(block(entry), pod))),
    ...(readinessPath === undefined ? {} : { readinessPath }),
    probePaths: paths,
  };
}

function variableOf(entry: Properties, pod: { name: string; namespace: string }): [string, string][] {
  const name = text(entry["name"]);
  if (name === undefined) return [];
  const value = text(entry["value"]);
  if (value !== undefined) return [[name, value]];
  const field = text(valueAt(entry, "valueFrom.fieldRef.fieldPath"));
  const known: Readonly<Record<string, string>> = {
    "metadata.name": pod.name,
    "metadata.namespace": pod.namespace,
    "status.podIP": "127.0.0.1",
    "status.hostIP": "127.0.0.1",
  };
  return field !== undefined && known[field] !== undefined ? [[name, known[field]]] : [];
}

/** `http://predict:8001`, or with the namespace behind the name as the cluster's DNS has it. */
const inCluster = /^http:\/\/([a-z0-9-]+)(?:\.([a-z0-9-]+)(?:\.svc(?:\.cluster\.local)?)?)?:(\d+)\/?$/;

/** Values that are exactly the address of a service become the local one of it; everything else stays. */
export function withLocalAddresses(
  environment: Readonly<Record<string, string>>,
  namespace: string,
  addressOf: (namespace: string, service: string) => string | undefined,
): Record<string, string> {
  const entries = Object.entries(environment).map(([name, value]): [string, string] => {
    const [, service = "", space = namespace] = inCluster.exec(value) ?? [];
    return [name, (service && addressOf(space, service)) || value];
  });
  return Object.fromEntries(entries);
}

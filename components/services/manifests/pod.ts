import type { IPodTemplateSpec } from "kubernetes-models/v1";
import { isRollout } from "../settings.ts";
import { type ServiceContext, labels, selectorLabels } from "./service.ts";

type Container = NonNullable<IPodTemplateSpec["spec"]>["containers"][number];

/** User of every image: without a name, without a home, and never root. */
const user = 10001;

/** Long enough for every kube-proxy to stop sending requests before the process is told to end. */
const drainSeconds = 5;

/** Variables of the container: where it runs, where the services are that it calls, and its own. */
function environmentOf({ environment, settings, services }: ServiceContext): NonNullable<Container["env"]> {
  const addresses = settings.calls.map((callee) => ({
    name: `${callee.toUpperCase().replaceAll("-", "_")}_URL`,
    value: `http://${callee}:${services[callee]?.port ?? 80}`,
  }));
  const own = Object.entries(settings.variables).map(([name, value]) => ({ name, value }));
  return [{ name: "ENVIRONMENT", value: environment }, ...addresses, ...own];
}

function probes(): Pick<Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const ask = (path: string) => ({ httpGet: { path, port: "http" } });
  return {
    startupProbe: { ...ask("/health"), periodSeconds: 2, failureThreshold: 30 },
    readinessProbe: { ...ask("/ready"), periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...ask("/health"), periodSeconds: 10, failureThreshold: 3 },
  };
}

function container(context: ServiceContext): Container {
  const { name, settings } = context;
  const { cpu, memory } = settings.resources;
  return {
    name,
    image: settings.image,
    ports: [{ name: "http", containerPort: settings.port }],
    env: environmentOf(context),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    // No limit on CPU: it would only slow down what could use an idle core.
    resources: { requests: { cpu, memory }, limits: { memory } },
    ...probes(),
    lifecycle: { preStop: { sleep: { seconds: drainSeconds } } },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}

/** Pods of a service: the restricted profile, no token of the cluster, spread over zones. */
export function podTemplate(context: ServiceContext): IPodTemplateSpec {
  const { name, settings } = context;
  const scraped = {
    "prometheus.io/scrape": "true",
    "prometheus.io/port": String(settings.port),
    "prometheus.io/path": "/metrics",
  };
  return {
    metadata: { labels: labels(name), ...(isRollout(settings) && { annotations: scraped }) },
    spec: {
      serviceAccountName: name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: "RuntimeDefault" },
      },
      terminationGracePeriodSeconds: 30 + drainSeconds,
      containers: [container(context)],
      volumes: [{ name: "tmp", emptyDir: {} }],
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: "topology.kubernetes.io/zone",
          whenUnsatisfiable: "ScheduleAnyway",
          labelSelector: { matchLabels: selectorLabels(name) },
        },
      ],
    },
  };
}

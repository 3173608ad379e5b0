import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Transform } from "../shared/transform.ts";
import { platformRelease } from "./helm.ts";

export interface PrometheusArgs {
  /** Namespace whose pods are measured; no other is. */
  watched: string;
  /** Version of the prometheus chart. Defaults to the one this component is made for. */
  chartVersion?: string;
  transform?: { release?: Transform<k8s.helm.v3.ReleaseArgs> };
}

/** Where Prometheus runs and how the cluster reaches it. Fixed, so that manifests can name it before it is there. */
export const prometheusAddress = {
  namespace: "prometheus",
  url: "http://prometheus-server.prometheus.svc:80",
} as const;

const relabel = {
  /** Only pods that ask for it by annotation. */
  chosen: { source_labels: ["__meta_kubernetes_pod_annotation_prometheus_io_scrape"], action: "keep", regex: "true" },
  path: {
    source_labels: ["__meta_kubernetes_pod_annotation_prometheus_io_path"],
    target_label: "__metrics_path__",
    regex: "(.+)",
  },
  port: {
    source_labels: ["__meta_kubernetes_pod_ip", "__meta_kubernetes_pod_annotation_prometheus_io_port"],
    target_label: "__address__",
    regex: "(.+);(\\d+)",
    replacement: "$1:$2",
  },
};

/** Copies what Kubernetes says of a pod into a label of its series. */
function labelFrom(source: string, target: string) {
  return { source_labels: [`__meta_kubernetes_${source}`], target_label: target };
}

/** One job: the annotated pods of one namespace, labelled with what analyses ask for. */
export function scrapeConfigs(watched: string): Record<string, unknown>[] {
  return [
    {
      job_name: "services",
      kubernetes_sd_configs: [{ role: "pod", namespaces: { names: [watched] } }],
      relabel_configs: [
        relabel.chosen,
        relabel.path,
        relabel.port,
        labelFrom("namespace", "namespace"),
        labelFrom("pod_name", "pod"),
        labelFrom("pod_label_app_kubernetes_io_name", "service"),
        labelFrom("pod_label_rollouts_pod_template_hash", "pod_template_hash"),
      ],
    },
  ];
}

/** Values of the chart: the server alone, a day of samples, nothing kept: analyses look back minutes. */
export function prometheusValues(watched: string): Record<string, unknown> {
  const off = { enabled: false };
  return {
    alertmanager: off,
    "kube-state-metrics": off,
    "prometheus-node-exporter": off,
    "prometheus-pushgateway": off,
    configmapReload: { prometheus: off },
    // The chart's own role reads every namespace and the nodes; the one that is made here reads the pods of one namespace.
    rbac: { create: false },
    server: {
      retention: "1d",
      persistentVolume: off,
      global: { scrape_interval: "15s", scrape_timeout: "10s", evaluation_interval: "1m" },
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        runAsGroup: 65534,
        fsGroup: 65534,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containerSecurityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "1Gi" } },
    },
    serverFiles: { "prometheus.yml": { rule_files: [], scrape_configs: scrapeConfigs(watched) } },
  };
}

/** Prometheus for the analyses of deliveries: it measures the services' pods and nothing else. */
export class Prometheus extends SlipwayComponent {
  readonly release: k8s.helm.v3.Release;

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Prometheus", name, opts);
    this.release = platformRelease(this, name, {
      namespace: prometheusAddress.namespace,
      level: "restricted",
      chart: "prometheus",
      version: args.chartVersion ?? "27.19.0",
      repository: "https://prometheus-community.github.io/helm-charts",
      values: prometheusValues(args.watched),
      change: args.transform?.release,
    });
    this.mayWatch(name, args.watched);
    this.registerOutputs({});
  }

  /** Lets the server find the pods of the watched namespace. */
  private mayWatch(name: string, watched: string): void {
    const metadata = { name: "prometheus", namespace: watched };
    const role = new k8s.rbac.v1.Role(
      `${name}-role`,
      { metadata, rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }] },
      childOf(this),
    );
    new k8s.rbac.v1.RoleBinding(
      `${name}-binding`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: "prometheus-server", namespace: prometheusAddress.namespace }],
      },
      childOf(this),
    );
  }
}

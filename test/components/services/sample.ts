import type { ServiceContext } from "../../../components/services/manifests/service.ts";
import type { ServiceSettings } from "../../../components/services/settings.ts";

/** An image as a release names it. */
export const image = `registry.test/slipway/api@sha256:${"a".repeat(64)}`;

/** A service with every setting, changed where a test looks. */
export function service(changes: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    port: 8000,
    replicas: 3,
    delivery: { strategy: "rolling" },
    calls: [],
    exposed: false,
    resources: { cpu: "100m", memory: "256Mi" },
    variables: {},
    verify: [],
    image,
    ...changes,
  };
}

/** The only service of an environment, or one among others. */
export function context(changes: Partial<ServiceSettings> = {}, rest: Partial<ServiceContext> = {}): ServiceContext {
  const settings = service(changes);
  return {
    name: "api",
    environment: "dev",
    namespace: "services",
    settings,
    services: { api: settings },
    metrics: { address: "http://metrics.test", namespace: "prometheus" },
    hasIdentity: false,
    ...rest,
  };
}

export const analysis = { maxErrorRate: 0.01, intervalSeconds: 60, failures: 3 };

/** A canary in two steps. */
export const canary = {
  strategy: "canary" as const,
  steps: [
    { weight: 10, pauseSeconds: 1800 },
    { weight: 50, pauseSeconds: 600 },
  ],
};

/** A new version beside the old one, until a person says otherwise. */
export const blueGreen = {
  strategy: "blue-green" as const,
  approvalRequired: true,
  approvalSeconds: 3600,
  keepOldSeconds: 600,
};

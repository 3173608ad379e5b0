/** Measures a new version while it takes over, and stops it when it answers with errors. */
export interface Analysis {
  /** Share of answers with a status of 500 or more, 0 to 1. */
  maxErrorRate: number;
  /** Between two measurements. */
  intervalSeconds: number;
  /** So many measurements above the rate stop the delivery. */
  failures: number;
}

/** How a new version takes over from the old one. */
export type Delivery =
  | { strategy: "rolling" }
  | {
      strategy: "canary";
      /** Shares of the pods in percent, each higher than the one before, and how long each stays. What follows is all of them. */
      steps: readonly { weight: number; pauseSeconds: number }[];
      analysis?: Analysis;
    }
  | {
      strategy: "blue-green";
      /** Whether a person says when the new version takes over. */
      approvalRequired: boolean;
      /** How long a delivery may wait for that person. */
      approvalSeconds: number;
      /** How long the old version runs on beside the new one. */
      keepOldSeconds: number;
      analysis?: Analysis;
    };

/** One service, with nothing left to default. */
export interface ServiceSettings {
  port: number;
  /** With an autoscaler the least that run. */
  replicas: number;
  delivery: Delivery;
  autoscaling?: { max: number; cpuPercent: number };
  /** Services that it asks: each becomes `<NAME>_URL` in its environment and a way through the network policies. */
  calls: readonly string[];
  /** Whether others than the services that call it may ask. */
  exposed: boolean;
  /** CPU is requested, memory requested and limited. */
  resources: { cpu: string; memory: string };
  /** Variables of its environment. */
  variables: Readonly<Record<string, string>>;
  /** Paths that must answer with 200 once the service is up. */
  verify: readonly string[];
  /** Image by digest: `<repository>@sha256:<64 hex>`. */
  image: string;
}

/** The analysis of a delivery, if it has one. */
export function analysisOf(delivery: Delivery): Analysis | undefined {
  return delivery.strategy === "rolling" ? undefined : delivery.analysis;
}

/** Whether Argo Rollouts delivers it; otherwise Kubernetes itself does. */
export function isRollout({ delivery }: Pick<ServiceSettings, "delivery">): boolean {
  return delivery.strategy !== "rolling";
}

/** For pods to start and for Argo CD to see what was committed. */
const slackSeconds = 600;

/**
 * How long a delivery may take until it is healthy, in seconds: its pauses, its measurements, and slack. Undefined for a rolling update,
 * which is as quick as the driver expects anyway.
 */
export function deliverySeconds(delivery: Delivery): number | undefined {
  if (delivery.strategy === "rolling") return undefined;
  const { analysis } = delivery;
  const measured = analysis ? analysis.intervalSeconds * analysis.failures : 0;
  if (delivery.strategy === "canary") {
    const pauses = delivery.steps.reduce((sum, { pauseSeconds }) => sum + pauseSeconds, 0);
    return pauses + measured + slackSeconds;
  }
  // Measured twice: before the new version takes over and after it.
  return (delivery.approvalRequired ? delivery.approvalSeconds : 0) + 2 * measured + slackSeconds;
}

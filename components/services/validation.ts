import { problem } from "../shared/validation.ts";
import { type Analysis, type Delivery, type ServiceSettings, analysisOf } from "./settings.ts";

const byDigest = /^[^@\s]+@sha256:[0-9a-f]{64}$/;
const strategies: readonly string[] = ["canary", "blue-green", "rolling"];
const whole = (value: number, min: number, max = Infinity) => Number.isInteger(value) && value >= min && value <= max;

type Report = (key: string, got: unknown, rule: string) => void;

function checkAnalysis({ maxErrorRate, intervalSeconds, failures }: Analysis, report: Report): void {
  const key = "delivery.analysis";
  if (!(maxErrorRate >= 0 && maxErrorRate <= 1)) report(`${key}.maxErrorRate`, maxErrorRate, "a share from 0 to 1");
  if (!(intervalSeconds > 0)) report(`${key}.intervalSeconds`, intervalSeconds, "more than 0 seconds");
  if (!whole(failures, 1)) report(`${key}.failures`, failures, "a whole number, at least 1");
}

function checkSteps(steps: readonly { weight: number; pauseSeconds: number }[], report: Report): void {
  if (steps.length === 0) report("delivery.steps", [], "at least one step");
  for (const [index, { weight, pauseSeconds }] of steps.entries()) {
    const key = `delivery.steps[${index}]`;
    const before = steps[index - 1]?.weight ?? 0;
    if (!whole(weight, 1, 99)) report(`${key}.weight`, weight, "a whole number from 1 to 99");
    else if (weight <= before) report(`${key}.weight`, weight, `more than ${before}, the share of the step before`);
    if (!(pauseSeconds > 0)) report(`${key}.pauseSeconds`, pauseSeconds, "more than 0 seconds");
  }
}

function checkDelivery(delivery: Delivery, replicas: number, report: Report): void {
  if (!strategies.includes(delivery.strategy)) {
    report("delivery.strategy", delivery.strategy, `one of ${strategies.join(", ")}`);
  }
  const analysis = analysisOf(delivery);
  if (analysis) checkAnalysis(analysis, report);
  if (delivery.strategy !== "canary") return;
  if (replicas < 2) report("replicas", replicas, "at least 2: a canary needs a pod of the old version beside it");
  checkSteps(delivery.steps, report);
}

function checkService(name: string, settings: ServiceSettings, names: readonly string[], report: Report): void {
  const { port, replicas, autoscaling, calls, image } = settings;
  if (!whole(port, 1, 65535)) report("port", port, "a port from 1 to 65535");
  if (!whole(replicas, 1)) report("replicas", replicas, "a whole number, at least 1");
  // A tag may name another image tomorrow: what was verified is a digest, and so it is in dev as well.
  if (!byDigest.test(image)) report("image", image, "an image by digest: <repository>@sha256:<64 hex>");
  if (autoscaling && autoscaling.max < replicas)
    report("autoscaling.max", autoscaling.max, `at least the ${replicas} that always run`);
  for (const callee of calls) {
    if (callee === name || !names.includes(callee)) report("calls", callee, "another service");
  }
  checkDelivery(settings.delivery, replicas, report);
}

/** Problems of services, one line each. */
export function validateServices(services: Readonly<Record<string, ServiceSettings>>): string[] {
  const problems: string[] = [];
  const ports = new Map<number, string>();
  for (const [name, settings] of Object.entries(services)) {
    const report: Report = (key, got, rule) =>
      void problems.push(problem(`services.${name}.${key}`, got, rule, "Correct it."));
    const other = ports.get(settings.port);
    if (other !== undefined) report("port", settings.port, `a port of its own: ${other} has this one`);
    else ports.set(settings.port, name);
    checkService(name, settings, Object.keys(services), report);
  }
  return problems;
}

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DataScope } from "../data/state-machine/names.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Removal } from "../shared/protection.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { Chat } from "./chat.ts";
import { HttpChecks } from "./checks.ts";
import { Costs } from "./costs.ts";
import { deliveryDashboardBody } from "./delivery-dashboard.ts";
import { observabilityName, rollbackAlarmName } from "./names.ts";
import type { DeliveryMetricNames, ObservabilitySettings, Topics } from "./observability-settings.ts";
import {
  type ModelView,
  type ServicesView,
  type StreamsView,
  modelBody,
  servicesBody,
  streamsBody,
} from "./pipeline-dashboards.ts";
import { rollbackSignal } from "./rollback-signal.ts";

export interface ObservabilityArgs extends DataScope {
  settings: ObservabilitySettings;
  /** What the driver calls the metrics of deliveries. Absent where it tells of none. */
  delivery?: DeliveryMetricNames | undefined;
  /** Topics of the environment's alarms. Absent without a data pipeline, which brings them. */
  topics?: Topics | undefined;
  /** Names of the critical alarms of all pipelines. Without any pipeline there is no rollback signal. */
  alarms: pulumi.Input<string[]>;
  /** What makes these alarms: CloudWatch takes no rule about one that is not there. */
  pipelines: readonly pulumi.Resource[];
  services: Omit<ServicesView, "canary">;
  model?: ModelView | undefined;
  streams?: StreamsView | undefined;
  /** Base URL of the inference API, where there is one. */
  apiEndpoint?: pulumi.Input<string> | undefined;
  /** What asks addresses from outside. */
  script: { path: string; digest: string };
  lifetimes: { logRetentionDays: number; keyDeletionDays: number; removal: Removal };
}

/** What others need to know of it. */
export interface ObservabilityOutputs {
  /** Names by subject. */
  dashboards: Record<string, string>;
  rollbackAlarm?: string;
  canary?: string;
}

/** Nothing that rings: neither an alarm of a pipeline that wakes somebody, nor one of the environment itself. */
export interface RollbackCheck {
  kind: "alarm";
  name: string;
  region: string;
  alarms: string[];
}

/** Problems of the arguments, one line each. */
export function validateObservability({ settings, topics, apiEndpoint }: ObservabilityArgs): string[] {
  const { chat, budget, anomalies, checks } = settings;
  const told = Object.entries({ chat, budget, anomalies, checks }).filter(([, value]) => value !== undefined);
  const untold = topics === undefined ? told : [];
  return [
    ...untold.map(([key]) => problem(key, "on", "topics that it can use", "Turn the data pipeline on or this off.")),
    ...(checks?.models === true && apiEndpoint === undefined
      ? [problem("checks.models", true, "an inference API", "Turn the model pipeline on or this off.")]
      : []),
  ];
}

/** One environment as a whole: pages on deliveries and pipelines, the signal to go back, and who else is told. */
export class Observability extends SlipwayComponent {
  readonly observability: pulumi.Output<ObservabilityOutputs>;
  readonly checks: RollbackCheck[];

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Observability", name, opts);
    assertValid(this, name, validateObservability(args));
    const { environment, region, topics } = args;
    if (topics !== undefined) this.addTold(name, args, topics);
    const asked = topics === undefined ? undefined : this.addChecks(name, args, topics);
    const failed = topics === undefined ? undefined : this.addDeliveryAlarm(name, args, topics);
    const rollback = args.pipelines.length === 0 ? undefined : this.addSignal(name, args, asked);
    const shown = [rollback?.arn, failed?.arn, asked?.alarm.arn].filter((arn) => arn !== undefined);
    const dashboards = this.addDashboards(name, args, shown, asked?.canary);
    this.checks =
      rollback === undefined
        ? []
        : [{ kind: "alarm", name: "environment", region, alarms: [rollbackAlarmName(environment)] }];
    this.observability = pulumi.output({
      dashboards,
      ...(rollback !== undefined && { rollbackAlarm: rollback.alarmName }),
      ...(asked !== undefined && { canary: asked.canary }),
    });
    this.registerOutputs({ observability: this.observability, checks: this.checks });
  }

  /** People outside AWS, and word of costs. */
  private addTold(name: string, args: ObservabilityArgs, topics: Topics): void {
    const { environment, account, region, settings } = args;
    const { chat, budget, anomalies } = settings;
    if (chat !== undefined)
      new Chat(`${name}-chat`, { environment, account, region, settings: chat, topics }, childOf(this));
    if (budget !== undefined || anomalies !== undefined)
      new Costs(`${name}-costs`, { environment, settings, topic: topics.warning }, childOf(this));
  }

  private addChecks(name: string, args: ObservabilityArgs, topics: Topics): HttpChecks | undefined {
    const { environment, account, region, settings, script, lifetimes, apiEndpoint } = args;
    const { checks } = settings;
    if (checks === undefined) return undefined;
    const models =
      checks.models && apiEndpoint !== undefined ? { models: pulumi.interpolate`${apiEndpoint}/models` } : {};
    return new HttpChecks(
      `${name}-http`,
      {
        ...{ environment, account, region, script, lifetimes },
        everyMinutes: checks.everyMinutes,
        urls: { ...checks.urls, ...models },
        topic: topics.critical,
      },
      childOf(this),
    );
  }

  private addSignal(
    name: string,
    { environment, alarms, pipelines }: ObservabilityArgs,
    asked: HttpChecks | undefined,
  ): aws.cloudwatch.CompositeAlarm {
    const own = asked === undefined ? [] : [asked.alarm.name];
    const names = pulumi.all([alarms, pulumi.all(own)]).apply((all) => all.flat());
    return rollbackSignal(this, name, { environment, alarms: names, after: pipelines });
  }

  private addDeliveryAlarm(
    name: string,
    { environment, delivery }: ObservabilityArgs,
    topics: Topics,
  ): aws.cloudwatch.MetricAlarm | undefined {
    if (delivery === undefined) return undefined;
    return new aws.cloudwatch.MetricAlarm(
      `${name}-delivery-failed`,
      {
        name: observabilityName(environment, "delivery-failed"),
        alarmDescription: "A deployment failed, or was taken back",
        namespace: delivery.namespace,
        metricName: delivery.failures,
        dimensions: { Environment: environment },
        statistic: "Sum",
        period: 300,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        // Nothing was deployed, so nothing failed.
        treatMissingData: "notBreaching",
        alarmActions: [topics.warning],
      },
      childOf(this),
    );
  }

  /** A page on deliveries, and one for each pipeline that has none of its own. */
  private addDashboards(
    name: string,
    args: ObservabilityArgs,
    alarms: readonly pulumi.Output<string>[],
    canary: pulumi.Output<string> | undefined,
  ): Record<string, pulumi.Output<string>> {
    const { environment, region, delivery: metrics, services, model, streams } = args;
    const bodies = {
      ...(metrics !== undefined && { delivery: deliveryDashboardBody({ environment, region, metrics, alarms }) }),
      services: servicesBody(region, environment, { ...services, canary }),
      ...(model !== undefined && { model: modelBody(region, environment, model) }),
      ...(streams !== undefined && { streams: streamsBody(region, environment, streams) }),
    };
    return Object.fromEntries(
      Object.entries(bodies).map(([subject, body]) => {
        const dashboardName = observabilityName(environment, subject);
        const dashboardBody = pulumi.jsonStringify(body);
        const page = new aws.cloudwatch.Dashboard(
          `${name}-${subject}`,
          { dashboardName, dashboardBody },
          childOf(this),
        );
        return [subject, page.dashboardName];
      }),
    );
  }
}

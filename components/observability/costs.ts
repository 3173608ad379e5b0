import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { observabilityName } from "./names.ts";
import type { ObservabilitySettings } from "./observability-settings.ts";

export interface CostsArgs {
  environment: string;
  settings: Pick<ObservabilitySettings, "budget" | "anomalies">;
  /** ARN of the topic that is told. Its policy has to let Budgets and Cost Explorer publish. */
  topic: pulumi.Input<string>;
}

/** Word of costs: how far a month's budget is used up, and what is out of the ordinary. */
export class Costs extends SlipwayComponent {
  constructor(name: string, args: CostsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("Costs", name, opts);
    const { budget, anomalies } = args.settings;
    if (budget !== undefined) this.addBudget(name, args, budget);
    if (anomalies !== undefined) this.addMonitor(name, args, anomalies.minimumUsd);
    this.registerOutputs({});
  }

  private addBudget(
    name: string,
    { environment, topic }: CostsArgs,
    { monthlyUsd, percentages }: NonNullable<ObservabilitySettings["budget"]>,
  ): void {
    const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
      ...{ notificationType, threshold, thresholdType: "PERCENTAGE", comparisonOperator: "GREATER_THAN" },
      subscriberSnsTopicArns: [topic],
    });
    new aws.budgets.Budget(
      `${name}-budget`,
      {
        name: observabilityName(environment, "monthly"),
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(monthlyUsd),
        limitUnit: "USD",
        notifications: [
          ...percentages.map((percentage) => notify("ACTUAL", percentage)),
          // What the month comes to if it goes on like this: days before the money is spent.
          notify("FORECASTED", 100),
        ],
      },
      childOf(this),
    );
  }

  private addMonitor(name: string, { environment, topic }: CostsArgs, minimumUsd: number): void {
    const monitor = new aws.costexplorer.AnomalyMonitor(
      `${name}-monitor`,
      {
        name: observabilityName(environment, "costs"),
        monitorType: "DIMENSIONAL",
        monitorDimension: "SERVICE",
      },
      childOf(this),
    );
    new aws.costexplorer.AnomalySubscription(
      `${name}-anomalies`,
      {
        name: observabilityName(environment, "cost-anomalies"),
        // Topics are told at once; summaries by day or week go to mail only.
        frequency: "IMMEDIATE",
        monitorArnLists: [monitor.arn],
        subscribers: [{ type: "SNS", address: topic }],
        thresholdExpression: {
          dimension: {
            key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            matchOptions: ["GREATER_THAN_OR_EQUAL"],
            values: [String(minimumUsd)],
          },
        },
      },
      childOf(this),
    );
  }
}

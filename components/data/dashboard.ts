import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type DashboardBodyArgs, dashboardBody } from "./dashboard-body.ts";
import { dataName } from "./state-machine/names.ts";

export type PipelineDashboardArgs = DashboardBodyArgs;

/** One page on the pipeline: executions, jobs and the quality of the data. */
export class PipelineDashboard extends SlipwayComponent {
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: PipelineDashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("PipelineDashboard", name, opts);
    const dashboard = new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        dashboardName: dataName(args.environment, "pipeline"),
        dashboardBody: pulumi.jsonStringify(dashboardBody(args)),
      },
      childOf(this),
    );
    this.name = dashboard.dashboardName;
    this.registerOutputs({ name: this.name });
  }
}

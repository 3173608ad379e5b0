import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { alarmSpecs } from "../../../../components/data/alarms-specs.ts";
import { type DashboardBodyArgs, type Widget, dashboardBody } from "../../../../components/data/dashboard-body.ts";
import { PipelineDashboard } from "../../../../components/data/dashboard.ts";
import { run } from "../../../support/harness.ts";
import { calls } from "../state-machine/args.ts";

const args: DashboardBodyArgs = {
  environment: "dev",
  region: "us-east-1",
  stateMachineArn: "arn:machine",
  functions: calls.functions,
  jobs: calls.jobs,
  datasets: ["orders", "products"],
  deadLetterQueue: "dead-letters",
  functionDeadLetterQueue: "function-dead-letters",
  alarms: ["arn:alarm:a", "arn:alarm:b"],
  thresholds: { durationMinutes: 45, quarantineRate: 0.2, qualityScore: 0.9 },
};

const { widgets } = dashboardBody(args);

/** Namespace, metric and dimensions of each line of a graph, without its looks. */
function linesOf({ properties }: Widget): string[] {
  const metrics = (properties.metrics ?? []) as unknown[][];
  return metrics.map((metric) => metric.filter((part) => typeof part === "string").join(" "));
}

describe("components/data/dashboardBody", () => {
  it("shows alarms, executions, jobs, the quality of data, functions and dead letters", () => {
    const shown = Object.fromEntries(widgets.map((widget) => [String(widget.properties.title), linesOf(widget)]));
    assert.deepEqual(shown, {
      Alarms: [],
      Executions: ["Started", "Succeeded", "Failed", "TimedOut"].map(
        (end) => `AWS/States Executions${end} StateMachineArn arn:machine`,
      ),
      "Time of an execution (ms)": Array<string>(2).fill("AWS/States ExecutionTime StateMachineArn arn:machine"),
      "Time in Glue jobs (ms)": ["raw-to-processed", "daily-features", "quality"].map(
        (job) => `Glue glue.driver.aggregate.elapsedTime JobName slipway-dev-data-${job} JobRunId ALL Type count`,
      ),
      "Failed tasks in Glue jobs": ["raw-to-processed", "daily-features", "quality"].map(
        (job) => `Glue glue.driver.aggregate.numFailedTasks JobName slipway-dev-data-${job} JobRunId ALL Type count`,
      ),
      "Rules met, by dataset": ["orders", "products"].map(
        (dataset) => `Slipway/Data QualityScore Environment dev Dataset ${dataset}`,
      ),
      "Rows quarantined, by dataset": ["orders", "products"].map(
        (dataset) => `Slipway/Data QuarantineRate Environment dev Dataset ${dataset}`,
      ),
      "Errors of functions": ["validate", "catalog", "quality-gate", "publish", "quarantine"].map(
        (name) => `AWS/Lambda Errors FunctionName slipway-dev-data-${name}`,
      ),
      "Dead letters": ["dead-letters", "function-dead-letters"].map(
        (queue) => `AWS/SQS ApproximateNumberOfMessagesVisible QueueName ${queue}`,
      ),
    });
  });

  it("draws the line where an alarm begins", () => {
    const lines = widgets.flatMap(({ properties }) => {
      const { horizontal = [] } = (properties.annotations ?? {}) as { horizontal?: { value: number }[] };
      return horizontal.map(({ value }) => value);
    });
    const names = ["ExecutionTime", "QualityScore", "QuarantineRate"];
    const specs = alarmSpecs({ ...args, ...calls });
    assert.deepEqual(
      lines,
      names.map((name) => specs.find(({ metricName }) => metricName === name)?.threshold),
    );
  });

  it("places widgets side by side, row by row, on a page of 24 columns", () => {
    const squares = widgets.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, at) => `${x + (at % width)},${y + Math.floor(at / width)}`),
    );
    assert.equal(new Set(squares).size, squares.length, "widgets overlap");
    assert.equal(squares.length % 24, 0);
    assert.ok(widgets.every(({ x, width }) => x + width <= 24));
  });

  it("names the region of every graph and the alarms it shows", () => {
    const [alarms, ...graphs] = widgets;
    assert.deepEqual(alarms?.properties.alarms, ["arn:alarm:a", "arn:alarm:b"]);
    assert.ok(graphs.every(({ type, properties }) => type === "metric" && properties.region === "us-east-1"));
  });
});

describe("components/data/PipelineDashboard", () => {
  it("makes one dashboard of that body", async () => {
    const { list, get } = await run(() => void new PipelineDashboard("dashboard", args));
    assert.deepEqual(list(), [
      "aws:cloudwatch/dashboard:Dashboard dashboard-dashboard",
      "slipway:index:PipelineDashboard dashboard",
    ]);
    const { dashboardName, dashboardBody: body } = get(
      "aws:cloudwatch/dashboard:Dashboard",
      "dashboard-dashboard",
    ).inputs;
    assert.equal(dashboardName, "slipway-dev-data-pipeline");
    assert.deepEqual(JSON.parse(String(body)), { widgets });
  });
});

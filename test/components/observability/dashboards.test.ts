import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Widget } from "../../../components/shared/widgets.ts";
import { typeSpec } from "../../../sandbox/types/index.ts";
import { contextWith } from "../../sandbox/types/context.ts";
import { type Change, args, everything, made } from "./fixture.ts";

const type = "aws:cloudwatch/dashboard:Dashboard";

async function page(subject: string, change: Change = {}) {
  const { inputs } = (await made(change)).get(type, `observability-${subject}`);
  assert.equal(inputs.dashboardName, `slipway-dev-${subject}`);
  assert.deepEqual(typeSpec(type)?.validate?.(inputs, contextWith()), [], "CloudWatch would refuse it");
  return JSON.parse(String(inputs.dashboardBody)) as { start?: string; widgets: Widget[] };
}

/** Names of the metrics in each widget. */
const drawn = ({ widgets }: { widgets: Widget[] }): Record<string, string[]> =>
  Object.fromEntries(
    widgets
      .filter(({ type: kind }) => kind === "metric")
      .map(({ properties }) => [
        String(properties.title),
        (properties.metrics as unknown[][]).map((metric) => (typeof metric[1] === "string" ? metric[1] : "expression")),
      ]),
  );

describe("components/observability: the page on deliveries", () => {
  it("shows the four keys and the success rate over the last thirty days, and by day", async () => {
    const body = await page("delivery");
    assert.equal(body.start, "-P30D");
    const counted = ["expression", "Deployments", "DeploymentFailures"];
    assert.deepEqual(drawn(body), {
      Deployments: ["Deployments"],
      "Deployment success rate (%)": counted,
      "Change failure rate (%)": counted,
      "Lead time for changes (s), median": ["LeadTimeSeconds"],
      "Time to restore (s), mean": ["RecoverySeconds"],
      Rollbacks: ["Rollbacks"],
      "Deployments and failures by day": ["Deployments", "DeploymentFailures", "Rollbacks"],
      "Lead time for changes by day (s)": ["LeadTimeSeconds", "LeadTimeSeconds"],
      "Time to restore by day (s)": ["RecoverySeconds"],
    });
    const figures = body.widgets.filter(({ properties }) => properties.view === "singleValue");
    assert.equal(figures.length, 6);
    for (const { properties } of figures) assert.equal(properties.setPeriodToTimeRange, true);
  });

  it("shows the signal and what else rings for the whole environment", async () => {
    const alarms = async (change: Change) =>
      (await page("delivery", change)).widgets.find(({ type: kind }) => kind === "alarm")?.properties.alarms;
    const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:222222222222:alarm:slipway-dev-${name}`;
    assert.deepEqual(await alarms({}), ["rollback", "delivery-failed"].map(arn));
    assert.deepEqual(await alarms({ settings: everything }), ["rollback", "delivery-failed", "http-failed"].map(arn));
    assert.equal(await alarms({ topics: undefined, pipelines: [] }), undefined);
  });
});

describe("components/observability: the pages on pipelines", () => {
  it("show services as AWS sees them, and from outside where somebody asks", async () => {
    const cluster = {
      "Requests to the API server that failed": ["apiserver_request_total_5XX", "apiserver_request_total_429"],
      "Pods that wait for a node": ["scheduler_pending_pods", "scheduler_pending_pods_UNSCHEDULABLE"],
    };
    assert.deepEqual(drawn(await page("services")), cluster);
    assert.deepEqual(drawn(await page("services", { settings: everything })), {
      ...cluster,
      "Answers as they should be, from outside (%)": ["SuccessPercent"],
      "Time of all questions from outside (ms)": ["Duration"],
    });
  });

  it("show models: endpoint, API, training, functions, dead letters", async () => {
    const found = drawn(await page("model"));
    assert.deepEqual(found["Requests to the endpoint"], [
      ...["Invocations", "Invocation5XXErrors", "InvocationModelErrors"],
    ]);
    assert.deepEqual(found["Requests to the API"], ["Count", "4xx", "5xx"]);
    assert.deepEqual(found.Trainings, ["ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed"]);
    assert.deepEqual(found["Errors of functions"], ["Errors", "Errors"]);
    assert.deepEqual(found["Dead letters"], ["ApproximateNumberOfMessagesVisible"]);
  });

  it("show no endpoint where there is none", async () => {
    const { model } = args;
    assert.ok(model);
    const found = drawn(await page("model", { model: { ...model, endpoint: undefined } }));
    assert.equal(found["Requests to the endpoint"], undefined);
    assert.equal(Object.keys(found).length, 5);
  });

  it("show each stream processor by the figures that the driver brings", async () => {
    const { widgets } = await page("streams");
    const dimensions = (processor: string) => ["Environment", "dev", "Processor", processor];
    const lines = widgets.flatMap(({ properties }) => (properties.metrics ?? []) as unknown[][]);
    assert.equal(lines.length, 8);
    for (const [at, line] of lines.entries()) {
      const processor = at % 2 === 0 ? "orders" : "fraud";
      assert.deepEqual(
        [line[0], ...line.slice(2)],
        ["Slipway/Streams", ...dimensions(processor), { label: processor }],
      );
    }
  });
});

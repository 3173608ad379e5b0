import { block, failures, globalArn, list, mustMatch, required, text } from "../build.ts";
import { parseDocument } from "../policy-document.ts";
import type { Failure, Properties, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";

const columns = 24;
const kinds = ["metric", "text", "log", "alarm", "explorer", "custom"];

interface Problem {
  dataPath: string;
  message: string;
}

/** What CloudWatch checks of a dashboard: widgets of known types that stand within its 24 columns. */
function bodyProblems(body: Properties): Problem[] {
  const widgets = body["widgets"];
  if (!Array.isArray(widgets)) return [{ dataPath: "", message: "Should have required property 'widgets'" }];
  if (widgets.length > 500) return [{ dataPath: "/widgets", message: "Should NOT have more than 500 items" }];
  return widgets.flatMap((widget, index) => widgetProblems(block(widget), `/widgets/${index}`));
}

function widgetProblems(widget: Properties, path: string): Problem[] {
  const { x, width } = widget;
  const beyond = typeof x === "number" && typeof width === "number" && x + width > columns;
  const problem = (dataPath: string, message: string): Problem => ({ dataPath: path + dataPath, message });
  const numbers: [property: string, minimum: number, maximum: number][] = [
    ["x", 0, columns - 1],
    ["y", 0, Number.MAX_SAFE_INTEGER],
    ["width", 1, columns],
    ["height", 1, 1_000],
  ];
  const outside = numbers.filter(([property, minimum, maximum]) => {
    const value = widget[property];
    return value !== undefined && !(Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum);
  });
  return [
    ...(kinds.includes(String(widget["type"]))
      ? []
      : [problem("/type", `Should be equal to one of [${kinds.join(", ")}]`)]),
    ...outside.map(([property, minimum, maximum]) =>
      problem(`/${property}`, `Should be an integer from ${minimum} to ${maximum}`),
    ),
    ...(beyond ? [problem("", `Widget ends at column ${Number(x) + Number(width)}, the grid has ${columns}`)] : []),
    ...contentProblems(widget).map((message) => problem("/properties", message)),
  ];
}

function contentProblems(widget: Properties): string[] {
  const properties = block(widget["properties"]);
  if (widget["properties"] === undefined) return ["Should have required property 'properties'"];
  switch (widget["type"]) {
    case "metric":
      return metricProblems(properties);
    case "text":
      return typeof properties["markdown"] === "string" ? [] : ["Should have required property 'markdown'"];
    case "log":
      return typeof properties["query"] === "string" ? [] : ["Should have required property 'query'"];
    case "alarm":
      return list(properties["alarms"]).length > 0 ? [] : ["Should have required property 'alarms'"];
    default:
      return [];
  }
}

function metricProblems(properties: Properties): string[] {
  const metrics = properties["metrics"];
  const annotated = block(properties["annotations"])["alarms"] !== undefined;
  if (metrics === undefined) return annotated ? [] : ["Should have required property 'metrics'"];
  if (!Array.isArray(metrics) || metrics.length === 0) return ["metrics should NOT have fewer than 1 items"];
  const view = text(properties["view"]);
  const known = ["timeSeries", "singleValue", "gauge", "bar", "pie", "table", undefined].includes(view);
  return [
    ...(metrics.every((metric) => Array.isArray(metric) && metric.length > 0)
      ? []
      : ["each of metrics should be an array"]),
    ...(known ? [] : [`view ${view} is not known`]),
  ];
}

function validBody(inputs: Properties): Failure[] {
  const property = "dashboardBody";
  const body = parseDocument(property, inputs[property]);
  if (body === undefined) return [];
  if (Array.isArray(body)) return body;
  const problems = bodyProblems(body);
  if (problems.length === 0) return [];
  const reason = `InvalidParameterInput: The dashboard body is invalid, there are ${problems.length} validation errors: ${JSON.stringify(problems)}`;
  return [{ property, reason }];
}

const dashboard = awsType({
  type: "aws:cloudwatch/dashboard:Dashboard",
  validate: (inputs) =>
    failures(
      required(inputs, "dashboardName", "dashboardBody"),
      mustMatch(inputs, "dashboardName", /^[\w-]{1,255}$/, "1 to 255 letters, digits, hyphens and underscores"),
      validBody(inputs),
    ),
  id: (inputs) => String(inputs["dashboardName"]),
  outputs: (_inputs, id, context) => ({ dashboardArn: globalArn(context, "cloudwatch", `dashboard/${id}`) }),
  computed: ["dashboardArn"],
  replaceOn: ["dashboardName"],
  unique: {
    properties: ["dashboardName"],
    error: (inputs) => `a dashboard named ${String(inputs["dashboardName"])} already exists`,
  },
  fidelity: "body parsed, widgets checked against the grid; draws nothing",
});

export const dashboardTypes: readonly TypeSpec[] = [dashboard];

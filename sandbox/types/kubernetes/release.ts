import { between, failures, mustMatch, required, text } from "../build.ts";
import type { Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { namespaceExists, releaseType } from "../../kubernetes/object.ts";

function namespaceOf(inputs: Properties): string {
  return text(inputs["namespace"]) ?? "default";
}

/** Chart name without repository or path. */
function chartName(inputs: Properties): string {
  return text(inputs["chart"])?.split("/").pop() ?? "chart";
}

function missingNamespace(inputs: Properties, context: TypeContext): string | undefined {
  const namespace = namespaceOf(inputs);
  if (inputs["createNamespace"] === true || namespaceExists(namespace, context)) return undefined;
  return `create: failed to create: namespaces "${namespace}" not found`;
}

const release: TypeSpec = {
  type: releaseType,
  global: true,
  autoName: { property: "name", maxLength: 53 },
  validate: (inputs) =>
    failures(
      required(inputs, "chart"),
      mustMatch(
        inputs,
        "name",
        /^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/,
        "1 to 53 lower-case letters, digits and hyphens",
      ),
      between(inputs, "timeout", 0, 86_400),
    ),
  id: (inputs) => `${namespaceOf(inputs)}/${String(inputs["name"])}`,
  outputs: (inputs) => ({
    namespace: namespaceOf(inputs),
    status: {
      name: inputs["name"],
      namespace: namespaceOf(inputs),
      chart: chartName(inputs),
      version: inputs["version"] ?? "",
      appVersion: "",
      revision: 1,
      status: "deployed",
    },
    resourceNames: {},
  }),
  computed: ["status", "resourceNames"],
  replaceOn: ["name", "namespace"],
  unique: {
    properties: ["namespace", "name"],
    error: () => "cannot re-use a name that is still in use",
  },
  refuseCreate: missingNamespace,
  fidelity: "release recorded as deployed; the chart is neither fetched nor rendered",
};

export const releaseTypes: readonly TypeSpec[] = [release];

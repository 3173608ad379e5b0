import type { StackOutputs } from "../../config/outputs.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Workspace } from "../workspace.ts";
import type { VerifyTargets } from "./check-kind.ts";

/** Targets that must be closed: the sandbox's endpoints live only as long as the verification. */
export interface OpenTargets extends VerifyTargets {
  close(): Promise<void>;
}

/** The cloud's endpoints from the stack's outputs, or the sandbox's local ones. */
export async function openTargets(workspace: Workspace, outputs: StackOutputs): Promise<OpenTargets> {
  if (workspace.sandbox === undefined) {
    return {
      kubernetes: (name) => cloudCluster(outputs, name),
      alarms: async (...query) => (await import("./cloudwatch.ts")).describeAlarms(...query),
      close: async () => {},
    };
  }
  const { tools, directory } = workspace.sandbox;
  const api = await tools.startKubernetesApi(directory);
  return {
    kubernetes: async (name) => ({ server: api.endpoint(name), headers: async () => ({}) }),
    alarms: (region, names) => Promise.resolve(tools.alarmStates(directory, outputs.account, region, names)),
    close: async () => api.close(),
  };
}

async function cloudCluster(outputs: StackOutputs, name: string) {
  if (outputs.kind !== "environment" || outputs.clusterName !== name)
    throw new SlipwayError(ExitCode.usage, `A check names the cluster "${name}", which is not this stack's.`, {
      where: `stack outputs of ${outputs.environment}`,
      next: "Check the component that declares it.",
    });
  const { eksTarget } = await import("./eks-target.ts");
  return eksTarget({
    name,
    region: outputs.region,
    endpoint: outputs.clusterEndpoint,
    certificateAuthority: outputs.clusterCertificateAuthority,
  });
}

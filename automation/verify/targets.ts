import type { StackOutputs } from "../../config/outputs.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Workspace } from "../workspace.ts";
import { openAwsTargets } from "./aws-targets.ts";
import type { VerifyTargets } from "./check-kind.ts";

/** Targets that must be closed: the sandbox's endpoints live only as long as the verification. */
export interface OpenTargets extends VerifyTargets {
  close(): Promise<void>;
}

/** The cloud's endpoints from the stack's outputs, or the sandbox's local ones, which may have something to `say` meanwhile. */
export async function openTargets(
  workspace: Workspace,
  outputs: StackOutputs,
  say: (line: string) => void,
): Promise<OpenTargets> {
  const aws = { ...(await openAwsTargets(workspace, outputs)), atlas: atlasTargets(workspace, outputs, say) };
  if (workspace.sandbox === undefined) return { ...aws, kubernetes: (name) => cloudCluster(outputs, name) };
  const { tools, directory } = workspace.sandbox;
  const api = await tools
    .startKubernetesApi(directory, { environment: workspace.environment, onNote: say })
    .catch(async (error: unknown) => {
      await aws.close();
      throw error;
    });
  return {
    ...aws,
    kubernetes: async (name) => ({
      server: api.endpoint(name),
      simulated: api.simulated(name),
      headers: async () => ({}),
    }),
    close: async () => {
      await Promise.all([api.close(), aws.close()]);
    },
  };
}

/** Address and credentials are variables: those of the sandbox lead to its own Atlas. */
function atlasTargets(
  { environment, sandbox }: Workspace,
  { environment: environmentName }: StackOutputs,
  say: (line: string) => void,
): NonNullable<VerifyTargets["atlas"]> {
  return async (place, signal) => {
    const { atlasStreams } = await import("../streams/atlas/client.ts");
    const client = atlasStreams({ place, environment, environmentName, signal, say });
    return { client, ...(sandbox === undefined ? {} : { standIn: "simulated Atlas" }) };
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

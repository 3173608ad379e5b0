import type { StackOutputs } from "../../config/outputs.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import type { Workspace } from "../workspace.ts";
import type { SandboxSwitch } from "../engine/sandbox.ts";
import type { AwsTarget, VerifyTargets } from "./check-kind.ts";

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
  if (workspace.sandbox === undefined) {
    return {
      aws: (region) => Promise.resolve({ simulated: false, config: { region } }),
      kubernetes: (name) => cloudCluster(outputs, name),
      alarms: async (...query) => (await import("./cloudwatch.ts")).describeAlarms(...query),
      close: async () => {},
    };
  }
  const { tools, directory } = workspace.sandbox;
  const [api, aws] = await Promise.all([
    tools.startKubernetesApi(directory, { environment: workspace.environment, onNote: say }),
    sandboxAws(workspace.sandbox, outputs),
  ]);
  return {
    aws: (region) => Promise.resolve(aws.target(region)),
    kubernetes: async (name) => ({
      server: api.endpoint(name),
      simulated: api.simulated(name),
      headers: async () => ({}),
    }),
    alarms: (region, names) => Promise.resolve(tools.alarmStates(directory, outputs.account, region, names)),
    close: async () => {
      await Promise.all([api.close(), aws.close()]);
    },
  };
}

/** The emulator where one runs, and otherwise what the simulated cloud remembers. */
async function sandboxAws({ tools, directory, environment }: SandboxSwitch, { account, checks }: StackOutputs) {
  const wanted = checks.some(({ kind }) => kind === "state-machine" || kind === "glue-table");
  const live = wanted ? await tools.connectLive(directory, { environment }) : undefined;
  const target = (region: string): AwsTarget => {
    if (live === undefined) return { simulated: true, resources: (type) => remembered({ type, account, region }) };
    const { endpoint } = live;
    return { simulated: false, config: { region, endpoint, credentials: live.credentialsFor(account) } };
  };
  const remembered = (filter: { type: string; account: string; region: string }) => {
    const cloud = tools.openCloud(directory);
    try {
      return cloud.list(filter).map(({ outputs }) => outputs);
    } finally {
      cloud.close();
    }
  };
  return { target, close: async () => live?.close() };
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

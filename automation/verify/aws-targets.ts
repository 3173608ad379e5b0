import type { StackOutputs } from "../../config/outputs.ts";
import type { SandboxSwitch } from "../engine/sandbox.ts";
import type { Workspace } from "../workspace.ts";
import type { AwsTarget, SeparateService, VerifyTargets } from "./check-kind.ts";

/** AWS as checks and deployments reach it. The sandbox's endpoints live until this is closed. */
export interface AwsTargets extends Pick<VerifyTargets, "aws" | "alarms" | "locate"> {
  close(): Promise<void>;
}

/** The cloud itself, or what stands in for it in the sandbox. */
export async function openAwsTargets(
  { sandbox }: Pick<Workspace, "sandbox">,
  outputs: StackOutputs,
): Promise<AwsTargets> {
  if (sandbox !== undefined) return sandboxTargets(sandbox, outputs);
  return {
    aws: (region) => Promise.resolve({ simulated: false, config: { region } }),
    alarms: async (...query) => (await import("./cloudwatch.ts")).describeAlarms(...query),
    locate: (url) => Promise.resolve({ url }),
    close: async () => {},
  };
}

/** Kinds that are asked of the emulator. */
const liveKinds: ReadonlySet<string> = new Set(["state-machine", "glue-table", "lambda", "sagemaker-endpoint"]);

const wantsLive = (outputs: StackOutputs): boolean =>
  outputs.checks.some(({ kind }) => liveKinds.has(kind)) ||
  (outputs.kind === "environment" && (outputs.model?.shifts.length ?? 0) > 0);

/** Addresses that only exist in AWS, or in the emulator. */
const gatewayAddress = /^https:\/\/[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?:\/|$)/u;

/** What answers for services that the emulator does not have. */
const standIns: Readonly<Record<SeparateService, string>> = {
  sagemaker: "simulated endpoint",
  "sagemaker-runtime": "simulated endpoint",
  codedeploy: "simulated CodeDeploy",
};

/** The emulator where one runs, and otherwise what the simulated cloud remembers. */
async function sandboxTargets(
  { tools, directory, environment }: SandboxSwitch,
  outputs: StackOutputs,
): Promise<AwsTargets> {
  const { account } = outputs;
  const live = wantsLive(outputs) ? await tools.connectLive(directory, { environment }) : undefined;
  const remembered = (filter: { type: string; account: string; region: string }) => {
    const cloud = tools.openCloud(directory);
    try {
      return cloud.list(filter).map((resource) => resource.outputs);
    } finally {
      cloud.close();
    }
  };
  const target = (region: string, service?: SeparateService): AwsTarget => {
    if (live === undefined) return { simulated: true, resources: (type) => remembered({ type, account, region }) };
    const endpoint = service === undefined ? live.endpoint : live.awsApi;
    const config = { region, endpoint, credentials: live.credentialsFor(account) };
    return { simulated: false, config, ...(service === undefined ? {} : { standIn: standIns[service] }) };
  };
  return {
    aws: (region, service) => Promise.resolve(target(region, service)),
    alarms: (region, names) => Promise.resolve(tools.alarmStates(directory, account, region, names)),
    locate: (url) => {
      if (!gatewayAddress.test(url)) return Promise.resolve({ url });
      return Promise.resolve(live === undefined ? { url, simulated: true } : { url: live.urlOf(url) });
    },
    close: async () => live?.close(),
  };
}

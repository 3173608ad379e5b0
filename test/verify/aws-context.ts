import type { AwsClientConfig, AwsTarget, ProbeContext } from "../../automation/verify/check-kind.ts";

const nothing = (what: string) => Promise.reject(new Error(`no ${what} here`));

/** A context in which AWS is a server of this machine, and everything else is missing. */
export function awsContext(
  endpoint: string,
  options: { root?: string; signal?: AbortSignal; lines?: string[] } = {},
): ProbeContext & { config: AwsClientConfig; credentials: { accessKeyId: string; secretAccessKey: string } } {
  const credentials = { accessKeyId: "222222222222", secretAccessKey: "secret" };
  const config = { region: "us-east-1", endpoint, credentials };
  const target: AwsTarget = { simulated: false, config };
  return {
    ...{ config, credentials },
    targets: {
      aws: () => Promise.resolve(target),
      kubernetes: () => nothing("cluster"),
      alarms: () => nothing("alarms"),
    },
    signal: options.signal ?? new AbortController().signal,
    deployed: { release: "ab".repeat(32), root: () => Promise.resolve(options.root ?? "/nowhere") },
    progress: (line) => void options.lines?.push(line),
  };
}

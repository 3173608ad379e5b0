import type { LiveCloud } from "./connect.ts";

/** What to tell somebody who wants to look around in the emulator. */
export function serveLines({
  endpoint,
  problems,
  credentialsFor,
}: Pick<LiveCloud, "endpoint" | "problems" | "credentialsFor">): string[] {
  const { secretAccessKey } = credentialsFor("");
  return [
    `the sandbox's emulator answers on ${endpoint}; Ctrl-C ends it`,
    "The access key is the number of the account. For example:",
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=<account> AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    "  aws s3 ls",
    ...problems.map((problem) => `not brought in: ${problem}`),
  ];
}

import type { LiveCloud } from "./connect.ts";

/** What to tell somebody who wants to look around in the emulator. */
export function serveLines({
  endpoint,
  awsApi,
  problems,
  credentialsFor,
  urlOf,
}: Pick<LiveCloud, "endpoint" | "awsApi" | "problems" | "credentialsFor" | "urlOf">): string[] {
  const { secretAccessKey } = credentialsFor("");
  const beside = ["SAGEMAKER", "SAGEMAKER_RUNTIME", "CODEDEPLOY"].map((name) => `AWS_ENDPOINT_URL_${name}=${awsApi}`);
  const local = urlOf("https://id0.execute-api.us-east-1.amazonaws.com/").replace("id0/", "<id>/<path>");
  return [
    `the sandbox's emulator answers on ${endpoint}; Ctrl-C ends it`,
    "The access key is the number of the account. For example:",
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=<account> AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    "  aws s3 ls",
    "SageMaker and CodeDeploy answer beside it:",
    `  export ${beside.join(" ")}`,
    `https://<id>.execute-api.<region>.amazonaws.com/<path> of API Gateway is here ${local}`,
    ...problems.map((problem) => `not brought in: ${problem}`),
  ];
}

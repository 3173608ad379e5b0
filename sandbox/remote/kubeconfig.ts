/** What a kubeconfig needs to know of a cluster. */
export interface Connection {
  clusterName: string;
  endpoint: string;
  certificateAuthority: string;
  region: string;
}

export interface Credentials {
  roleArn?: string | undefined;
  profileName?: string | undefined;
}

/** Kubeconfig that asks the AWS CLI for a token each time; it holds no secret itself. */
export function kubeconfigOf(connection: Connection, credentials: Credentials = {}): object {
  const { clusterName, endpoint, certificateAuthority, region } = connection;
  const { roleArn, profileName } = credentials;
  const token = ["--region", region, "eks", "get-token", "--cluster-name", clusterName, "--output", "json"];
  const args = [
    ...token,
    ...(roleArn === undefined ? [] : ["--role", roleArn]),
    ...(profileName === undefined ? [] : ["--profile", profileName]),
  ];
  const apiVersion = "client.authentication.k8s.io/v1beta1";
  const env = [{ name: "KUBERNETES_EXEC_INFO", value: `{"apiVersion": "${apiVersion}"}` }];
  return {
    apiVersion: "v1",
    clusters: [
      { cluster: { server: endpoint, "certificate-authority-data": certificateAuthority }, name: "kubernetes" },
    ],
    contexts: [{ context: { cluster: "kubernetes", user: "aws" }, name: "aws" }],
    "current-context": "aws",
    kind: "Config",
    users: [{ name: "aws", user: { exec: { apiVersion, command: "aws", args, env } } }],
  };
}

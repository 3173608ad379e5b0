type Properties = Record<string, unknown>;

function vpcOutputs(name: string, inputs: Properties): Properties {
  const zones = Number(inputs.numberOfAvailabilityZones ?? 3);
  const subnets = (kind: string) => Array.from({ length: zones }, (_, index) => `subnet-${kind}-${index + 1}`);
  return { vpcId: `vpc-${name}`, privateSubnetIds: subnets("private"), publicSubnetIds: subnets("public") };
}

/** Kubeconfig as the eks package writes it: tokens by the AWS CLI, no credentials inside. */
export function kubeconfigOf(cluster: string): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: cluster,
        cluster: { server: `https://${cluster}.eks.test`, "certificate-authority-data": "Y2VydGlmaWNhdGU=" },
      },
    ],
    contexts: [{ name: cluster, context: { cluster, user: "aws" } }],
    "current-context": cluster,
    users: [{ name: "aws", user: { exec: { command: "aws", args: ["eks", "get-token", "--cluster-name", cluster] } } }],
  });
}

function clusterOutputs(inputs: Properties): Properties {
  return { kubeconfigJson: kubeconfigOf(String(inputs.name)) };
}

/**
 * Outputs of components that a plugin builds. Mocks see only their one registration, so whatever the program reads from
 * them has to be made up; undefined for every other type.
 */
export function remoteOutputs(type: string, name: string, inputs: Properties): Properties | undefined {
  if (type === "awsx:ec2:Vpc") return vpcOutputs(name, inputs);
  if (type === "eks:index:Cluster") return clusterOutputs(inputs);
  return undefined;
}

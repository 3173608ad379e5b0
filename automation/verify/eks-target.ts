import type { KubernetesTarget } from "./check-kind.ts";

export interface EksCluster {
  name: string;
  region: string;
  endpoint: string;
  /** Base64 of the PEM, as `DescribeCluster` and the stack outputs give it. */
  certificateAuthority: string;
}

const tokenLifetimeSeconds = 60;

/**
 * A bearer token for an EKS cluster: a presigned STS GetCallerIdentity URL bound to the cluster by the signed
 * `x-k8s-aws-id` header, base64url, prefixed `k8s-aws-v1.`. This is the scheme of aws-iam-authenticator.
 */
async function bearerToken(cluster: EksCluster): Promise<string> {
  const [{ SignatureV4 }, { Sha256 }, { fromNodeProviderChain }] = await Promise.all([
    import("@smithy/signature-v4"),
    import("@aws-crypto/sha256-js"),
    import("@aws-sdk/credential-providers"),
  ]);
  const hostname = `sts.${cluster.region}.amazonaws.com`;
  const signer = new SignatureV4({
    service: "sts",
    region: cluster.region,
    sha256: Sha256,
    credentials: fromNodeProviderChain(),
  });
  const signed = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      headers: { host: hostname, "x-k8s-aws-id": cluster.name },
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    },
    { expiresIn: tokenLifetimeSeconds, signableHeaders: new Set(["host", "x-k8s-aws-id"]) },
  );
  const query = new URLSearchParams(signed.query as Record<string, string>);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query.toString()}`).toString("base64url")}`;
}

/** The API server of a real EKS cluster, reached with whatever AWS credentials the environment offers. */
export function eksTarget(cluster: EksCluster): KubernetesTarget {
  return {
    server: cluster.endpoint.replace(/\/$/, ""),
    certificateAuthority: Buffer.from(cluster.certificateAuthority, "base64").toString("utf8"),
    headers: async () => ({ authorization: `Bearer ${await bearerToken(cluster)}` }),
  };
}

import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as mongodbatlas from "@pulumi/mongodbatlas";
import * as pulumi from "@pulumi/pulumi";
import type { FoundationPipeline } from "../components/foundation/foundation-pipeline.ts";
import { commonTags } from "../components/shared/tags.ts";
import type { Settings } from "../config/schema.ts";

/** Provider that refuses to touch any account but the one in the stack file. */
export function awsProvider({ account, environment, tags }: Settings): aws.Provider {
  const { id, region, assumeRole } = account;
  return new aws.Provider("aws", {
    region: region as aws.Region,
    allowedAccountIds: [id],
    ...(assumeRole !== undefined && { assumeRoles: [{ roleArn: assumeRole, sessionName: "slipway" }] }),
    defaultTags: { tags: commonTags({ environment, tags }) },
  });
}

/** Provider of the cluster's objects, which wait for nodes and access entries, not only for the API server. */
export function kubernetesProvider(ground: FoundationPipeline): k8s.Provider {
  return new k8s.Provider(
    "kubernetes",
    { kubeconfig: ground.cluster.kubeconfig, enableServerSideApply: true },
    { dependsOn: [ground] },
  );
}

/**
 * Provider of Atlas. Address and credentials come from the environment (`MONGODB_ATLAS_BASE_URL`, `MONGODB_ATLAS_CLIENT_ID` and its like),
 * which the provider reads itself; a pair of keys by the name of this environment counts where there is none of these.
 */
export function atlasProvider(
  { environment }: Pick<Settings, "environment">,
  env: Readonly<Record<string, string | undefined>>,
): mongodbatlas.Provider {
  const named = env["MONGODB_ATLAS_CLIENT_ID"] ?? env["MONGODB_ATLAS_PUBLIC_KEY"];
  const suffixes = [`_${environment.toUpperCase()}`, ""];
  const [keys] = suffixes.flatMap((suffix) => {
    const [publicKey, privateKey] = [env[`ATLAS_PUBLIC_KEY${suffix}`], env[`ATLAS_PRIVATE_KEY${suffix}`]];
    return publicKey && privateKey ? [{ publicKey, privateKey }] : [];
  });
  const own = named === undefined && keys !== undefined ? keys : {};
  return new mongodbatlas.Provider(
    "mongodbatlas",
    Object.fromEntries(Object.entries(own).map(([name, key]) => [name, pulumi.secret(key)])),
  );
}

import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
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

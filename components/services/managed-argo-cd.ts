import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { accessPolicyArn } from "../foundation/cluster-args.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Statement, policyDocument } from "../shared/iam.ts";

/** AWS IAM Identity Center, the only way in to an Argo CD that AWS runs. */
export interface IdentityCenter {
  /** `arn:aws:sso:::instance/…` */
  instanceArn: string;
  /** Ids of the groups that administer Argo CD. */
  administrators: readonly string[];
}

export interface ManagedArgoCdArgs {
  clusterName: string;
  /** ARN of that cluster: it is what Argo CD knows clusters by when AWS runs it. */
  clusterArn: string;
  region: string;
  /** Namespace of Applications. */
  namespace: string;
  /** The one namespace that it may change. */
  managed: string;
  identityCenter: IdentityCenter;
}

/** Who AWS runs Argo CD as. */
export const capabilityTrust: Statement = {
  sid: "AssumedByCapabilities",
  principals: { Service: "capabilities.eks.amazonaws.com" },
  actions: ["sts:AssumeRole", "sts:TagSession"],
};

/** Argo CD as a capability of the cluster: AWS runs it outside of the nodes, people come by IAM Identity Center. */
export class ManagedArgoCd extends SlipwayComponent {
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: ManagedArgoCdArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ManagedArgoCd", name, opts);
    const { clusterName, clusterArn, namespace, managed, identityCenter } = args;
    const role = new aws.iam.Role(
      `${name}-role`,
      { assumeRolePolicy: policyDocument([capabilityTrust]) },
      childOf(this),
    );
    const capability = new aws.eks.Capability(
      `${name}-capability`,
      {
        capabilityName: "argocd",
        clusterName,
        type: "ARGOCD",
        roleArn: role.arn,
        // What Argo CD deployed outlives it: the services run on.
        deletePropagationPolicy: "RETAIN",
        configuration: {
          argoCd: {
            namespace,
            awsIdc: { idcInstanceArn: identityCenter.instanceArn },
            rbacRoleMappings: [
              { role: "ADMIN", identities: identityCenter.administrators.map((id) => ({ id, type: "SSO_GROUP" })) },
            ],
          },
        },
      },
      childOf(this),
    );
    // The capability brings its own access entry, which may do nothing until a policy says so.
    const access = new aws.eks.AccessPolicyAssociation(
      `${name}-access`,
      {
        clusterName,
        principalArn: role.arn,
        // Narrower policies know no kinds that somebody else defines, such as Rollout.
        policyArn: accessPolicyArn("AmazonEKSClusterAdminPolicy", args.region),
        accessScope: { type: "namespace", namespaces: [managed] },
      },
      childOf(this, { dependsOn: [capability] }),
    );
    const registration = new k8s.core.v1.Secret(
      `${name}-cluster`,
      {
        metadata: { name: clusterName, namespace, labels: { "argocd.argoproj.io/secret-type": "cluster" } },
        stringData: { name: clusterName, server: clusterArn, namespaces: managed, project: "services" },
      },
      childOf(this, { dependsOn: [capability] }),
    );
    this.ready = [capability, access, registration];
    this.registerOutputs({});
  }
}

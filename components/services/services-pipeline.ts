import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { PodIdentity } from "../foundation/pod-identity.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import type { Statement } from "../shared/iam.ts";
import { partitionOf } from "../shared/naming.ts";
import { assertValid } from "../shared/validation.ts";
import { ArgoCd } from "./argo-cd.ts";
import { ArgoRollouts } from "./argo-rollouts.ts";
import { type GitSource, applicationMetadata, applicationSpec, projectSpec, thisCluster } from "./argo-specs.ts";
import { type ApplicationCheck, type ServiceCheck, serviceChecks } from "./checks.ts";
import { manifestFiles } from "./manifests/render.ts";
import { type IdentityCenter, ManagedArgoCd } from "./managed-argo-cd.ts";
import { RestrictedNamespace } from "./namespace-policy.ts";
import { Prometheus, prometheusAddress } from "./prometheus.ts";
import { type ServiceSettings, analysisOf, isRollout } from "./settings.ts";
import { validateServices } from "./validation.ts";

/** This program brings Argo CD as a Helm chart, AWS runs it as a capability of the cluster, or somebody else brings it. */
export type ArgoMode = { mode: "helm" } | { mode: "managed"; identityCenter: IdentityCenter } | { mode: "none" };

export interface ServicesPipelineArgs {
  environment: string;
  account: string;
  region: string;
  clusterName: string;
  services: Readonly<Record<string, ServiceSettings>>;
  /** What the pods of a service may do in AWS, by service. Defaults to nothing. */
  statements?: Readonly<Record<string, readonly Statement[]>>;
  git: GitSource;
  /** Who brings Argo CD, into the namespace `argocd`. Defaults to this program, as a Helm chart. */
  argo?: ArgoMode;
  /** Two of each part of the platform. Defaults to false. */
  highlyAvailable?: boolean;
}

export interface DeployedService {
  application: string;
  namespace: string;
  image: string;
  port: number;
  strategy: "canary" | "blue-green" | "rolling";
}

/** Namespaces, which manifests, policies and people know by name. */
const namespaces = { services: "services", argo: "argocd" } as const;

/** Services on Kubernetes: their manifests rendered here, committed by the driver, and applied by Argo CD. */
export class ServicesPipeline extends SlipwayComponent {
  readonly services: Record<string, DeployedService>;
  readonly checks: (ApplicationCheck | ServiceCheck)[];
  /** What the branch that Argo CD watches must hold. */
  readonly manifests: { branch: string; files: Record<string, string> };

  constructor(name: string, args: ServicesPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ServicesPipeline", name, opts);
    assertValid(this, name, validateServices(args.services));
    const space = new RestrictedNamespace(name, { namespace: namespaces.services }, childOf(this));
    const platform = this.platform(name, args, space);
    const project = new k8s.apiextensions.CustomResource(
      `${name}-project`,
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: { name: "services", namespace: namespaces.argo },
        spec: projectSpec({ server: destinationOf(args), namespace: namespaces.services }, args.git),
      },
      // The kind exists only once the chart has brought its definitions.
      childOf(this, { dependsOn: platform }),
    );
    for (const service of Object.keys(args.services)) {
      const identity = this.identity(name, service, args);
      this.application(name, service, args, [project, space, ...platform, ...identity]);
    }
    this.services = Object.fromEntries(
      Object.entries(args.services).map(([service, { image, port, delivery }]) => [
        service,
        { application: service, namespace: namespaces.services, image, port, strategy: delivery.strategy },
      ]),
    );
    this.checks = serviceChecks(args.services, { cluster: args.clusterName, ...namespaces });
    this.manifests = { branch: args.git.branch, files: render(args) };
    this.registerOutputs({ services: this.services, checks: this.checks });
  }

  /** Argo CD, and what the services' deliveries need beside it. */
  private platform(name: string, args: ServicesPipelineArgs, space: pulumi.Resource): pulumi.Resource[] {
    const highlyAvailable = args.highlyAvailable ?? false;
    const services = Object.values(args.services);
    const made: pulumi.Resource[] = [];
    made.push(...this.argo(`${name}-argo`, args));
    if (services.some(isRollout)) {
      made.push(new ArgoRollouts(`${name}-rollouts`, { highlyAvailable }, childOf(this)).release);
    }
    if (services.some(({ delivery }) => analysisOf(delivery))) {
      const watched = { watched: namespaces.services };
      made.push(new Prometheus(`${name}-metrics`, watched, childOf(this, { dependsOn: [space] })).release);
    }
    if (services.some(({ autoscaling }) => autoscaling)) {
      // Without it an autoscaler has nothing to go by.
      const addon = { clusterName: args.clusterName, addonName: "metrics-server" };
      made.push(new aws.eks.Addon(`${name}-metrics-server`, addon, childOf(this)));
    }
    return made;
  }

  private argo(name: string, args: ServicesPipelineArgs): pulumi.Resource[] {
    const { argo = { mode: "helm" }, highlyAvailable = false, clusterName, region } = args;
    if (argo.mode === "none") return [];
    if (argo.mode === "helm") return [new ArgoCd(name, { highlyAvailable }, childOf(this)).release];
    const where = { clusterName, clusterArn: destinationOf(args), region };
    const scope = { namespace: namespaces.argo, managed: namespaces.services };
    return new ManagedArgoCd(name, { ...where, ...scope, identityCenter: argo.identityCenter }, childOf(this)).ready;
  }

  /** The AWS role of a service's pods, where they need one. */
  private identity(name: string, service: string, args: ServicesPipelineArgs): pulumi.Resource[] {
    const statements = args.statements?.[service] ?? [];
    if (statements.length === 0) return [];
    const { account, clusterName } = args;
    const who = { account, clusterName, namespace: namespaces.services, serviceAccount: service };
    return [new PodIdentity(`${name}-${service}-identity`, { ...who, statements }, childOf(this))];
  }

  private application(name: string, service: string, args: ServicesPipelineArgs, after: pulumi.Resource[]): void {
    const settings = args.services[service];
    new k8s.apiextensions.CustomResource(
      `${name}-${service}`,
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: applicationMetadata(service, namespaces.argo),
        spec: applicationSpec({
          service,
          project: "services",
          destination: { server: destinationOf(args), namespace: namespaces.services },
          git: args.git,
          autoscaled: settings?.autoscaling !== undefined,
          rollout: settings !== undefined && isRollout(settings),
        }),
      },
      childOf(this, { dependsOn: after }),
    );
  }
}

/** What Argo CD calls this cluster: by its ARN where AWS runs it, which knows no other name. */
function destinationOf({ argo, account, region, clusterName }: ServicesPipelineArgs): string {
  if (argo?.mode !== "managed") return thisCluster;
  return `arn:${partitionOf(region)}:eks:${region}:${account}:cluster/${clusterName}`;
}

/** The files of all services. */
function render({ environment, services, statements = {} }: ServicesPipelineArgs): Record<string, string> {
  const { url: address, namespace } = prometheusAddress;
  const identities = Object.keys(statements).filter((service) => statements[service]?.length);
  const metrics = { address, namespace };
  return manifestFiles({ environment, namespace: namespaces.services, services, metrics, identities });
}

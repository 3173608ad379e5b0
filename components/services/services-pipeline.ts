import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { ArgoCd } from "./argo-cd.ts";
import { type GitSource, applicationSpec, projectSpec } from "./argo-specs.ts";
import { RestrictedNamespace } from "./namespace-policy.ts";

export interface ServiceArgs {
  port: number;
  /** Defaults to what the overlay in git says. */
  replicas?: number | undefined;
  /** Image by digest: `<repository>@sha256:…`. */
  image: pulumi.Input<string>;
}

export interface ServicesPipelineArgs {
  environment: string;
  clusterName: string;
  services: Readonly<Record<string, ServiceArgs>>;
  git: GitSource;
  /** Two of each part of Argo CD. Defaults to false. */
  highlyAvailable?: boolean;
}

/** What the driver must see of one service: the application healthy and running exactly this image. */
export interface ApplicationCheck {
  kind: "argo-application";
  name: string;
  cluster: string;
  namespace: string;
  images: string[];
}

export interface DeployedService {
  application: string;
  namespace: string;
  image: string;
  port: number;
}

/** Problems of the arguments, one line each. */
export function validateServices(args: Pick<ServicesPipelineArgs, "services">): string[] {
  return Object.entries(args.services).flatMap(([service, { port, replicas }]) => {
    const problems: string[] = [];
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      problems.push(problem(`services.${service}.port`, port, "a port from 1 to 65535", "Correct it."));
    }
    if (replicas !== undefined && (!Number.isInteger(replicas) || replicas < 0)) {
      problems.push(problem(`services.${service}.replicas`, replicas, "a whole number, at least 0", "Correct it."));
    }
    return problems;
  });
}

const workloadNamespace = "services";

/** Services on Kubernetes, delivered by Argo CD from git with the release's image digests. */
export class ServicesPipeline extends SlipwayComponent {
  readonly services: pulumi.Output<Record<string, DeployedService>>;
  readonly checks: pulumi.Output<ApplicationCheck[]>;

  constructor(name: string, args: ServicesPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ServicesPipeline", name, opts);
    assertValid(this, name, validateServices(args));
    const argo = new ArgoCd(`${name}-argo`, { highlyAvailable: args.highlyAvailable ?? false }, childOf(this));
    const space = new RestrictedNamespace(name, { namespace: workloadNamespace }, childOf(this));
    const project = new k8s.apiextensions.CustomResource(
      `${name}-project`,
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "AppProject",
        metadata: { name: "services", namespace: argo.namespace },
        spec: projectSpec(space.namespace, args.git),
      },
      // The kind exists only once the chart has brought its definitions.
      childOf(this, { dependsOn: [argo.release] }),
    );
    for (const [service, settings] of Object.entries(args.services)) {
      this.addApplication(name, service, settings, args, { argo, space, project });
    }
    const deployed = Object.entries(args.services).map(([service, { image, port }]) =>
      pulumi.output(image).apply((known) => ({ service, image: known, port })),
    );
    this.services = pulumi
      .all(deployed)
      .apply((list) =>
        Object.fromEntries(
          list.map(({ service, image, port }) => [
            service,
            { application: service, namespace: workloadNamespace, image, port },
          ]),
        ),
      );
    this.checks = pulumi.all(deployed).apply((list) =>
      list.map(({ service, image }) => ({
        kind: "argo-application" as const,
        name: service,
        cluster: args.clusterName,
        namespace: argo.namespace,
        images: [image],
      })),
    );
    this.registerOutputs({ services: this.services, checks: this.checks });
  }

  private addApplication(
    name: string,
    service: string,
    settings: ServiceArgs,
    args: ServicesPipelineArgs,
    context: { argo: ArgoCd; space: RestrictedNamespace; project: k8s.apiextensions.CustomResource },
  ): void {
    const { argo, space, project } = context;
    const common = {
      service,
      project: "services",
      environment: args.environment,
      namespace: workloadNamespace,
      git: args.git,
    };
    const replicas = settings.replicas === undefined ? {} : { replicas: settings.replicas };
    const spec = pulumi.output(settings.image).apply((image) => applicationSpec({ ...common, ...replicas, image }));
    new k8s.apiextensions.CustomResource(
      `${name}-${service}`,
      {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata: {
          name: service,
          namespace: argo.namespace,
          // Deleting the application deletes what it deployed, so no load balancer outlives the cluster.
          finalizers: ["resources-finalizer.argocd.argoproj.io"],
        },
        spec,
      },
      childOf(this, { dependsOn: [project, space, argo.release] }),
    );
  }
}

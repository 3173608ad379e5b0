import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { policyDocument } from "../shared/iam.ts";
import { type BoundaryScope, boundaryStatements } from "./boundary.ts";
import { type Purpose, audience, boundaryName, deliveryRole, gitHubEnvironment, issuer, purposesOf } from "./names.ts";
import { type Policies, deliveryPolicies } from "./permissions/policies.ts";
import { type GitHubRepository, type Jobs, trustStatement } from "./trust.ts";

export interface DeliveryIdentityArgs extends BoundaryScope {
  github: GitHubRepository;
  /** Workflow files that may take each role on, as `path@ref`. Who deploys also publishes. */
  workflows: Readonly<Record<"deploy" | "preview", readonly string[]>>;
  /** Whether the environment may be torn down with everything in it. */
  disposable: boolean;
}

/** Longest time that a token is worth something. */
const sessionSeconds = 3_600;

/**
 * Who may take on a role: jobs of the GitHub environment of its purpose. Pull requests, which anybody with a branch makes, only ever
 * look, and only at dev.
 */
export function jobsOf(environment: string, purpose: Purpose): Jobs[] {
  const jobs: Jobs[] = [{ environment: gitHubEnvironment(environment, purpose) }];
  return environment === "dev" && purpose === "preview" ? [...jobs, "pull_request"] : jobs;
}

/** How workflows reach an account without a key: GitHub's tokens, a role for each purpose, and the boundary that none can leave. */
export class DeliveryIdentity extends SlipwayComponent {
  readonly boundary: aws.iam.Policy;
  readonly roleArns: Readonly<Partial<Record<Purpose, pulumi.Output<string>>>>;

  constructor(name: string, args: DeliveryIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("DeliveryIdentity", name, opts);
    const provider = new aws.iam.OpenIdConnectProvider(
      `${name}-github`,
      { url: `https://${issuer}`, clientIdLists: [audience] },
      childOf(this),
    );
    this.boundary = new aws.iam.Policy(
      `${name}-boundary`,
      {
        name: boundaryName,
        description: "The most that any role of the platform can come to",
        policy: policyDocument(boundaryStatements(args)),
      },
      childOf(this),
    );
    this.roleArns = Object.fromEntries(
      purposesOf(args.environment).map((purpose) => [purpose, this.role(name, purpose, args, provider)]),
    );
    this.registerOutputs({ roleArns: this.roleArns });
  }

  private role(
    name: string,
    purpose: Purpose,
    args: DeliveryIdentityArgs,
    provider: aws.iam.OpenIdConnectProvider,
  ): pulumi.Output<string> {
    const { environment, github } = args;
    const workflows = args.workflows[purpose === "preview" ? "preview" : "deploy"];
    const role = new aws.iam.Role(
      `${name}-${purpose}`,
      {
        name: deliveryRole(purpose),
        description: `Workflows that ${purpose} ${environment}`,
        maxSessionDuration: sessionSeconds,
        permissionsBoundary: this.boundary.arn,
        assumeRolePolicy: policyDocument(
          jobsOf(environment, purpose).map((jobs) => trustStatement(provider.arn, github, jobs, workflows)),
        ),
      },
      childOf(this),
    );
    this.grant(`${name}-${purpose}`, deliveryRole(purpose), role, deliveryPolicies(args, purpose));
    return role.arn;
  }

  private grant(name: string, roleName: string, role: aws.iam.Role, policies: Policies): void {
    for (const [group, statements] of Object.entries(policies)) {
      const policy = new aws.iam.Policy(
        `${name}-${group}`,
        { name: `${roleName}-${group}`, policy: policyDocument(statements) },
        childOf(this),
      );
      new aws.iam.RolePolicyAttachment(
        `${name}-${group}-grant`,
        { role: role.name, policyArn: policy.arn },
        childOf(this),
      );
    }
  }
}

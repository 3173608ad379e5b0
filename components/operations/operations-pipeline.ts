import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { EncryptionKey, decryptBy } from "../shared/encryption-key.ts";
import { type Statement, accountPrincipal } from "../shared/iam.ts";
import { bucketName, repositoryName } from "../shared/naming.ts";
import type { Removal } from "../shared/protection.ts";
import { SecureBucket } from "../shared/secure-bucket.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { ImageRepository } from "./image-repository.ts";

export interface OperationsPipelineArgs {
  account: string;
  region: string;
  /** Account ids of the environments that read artifacts and pull images. */
  environmentAccounts: Readonly<Record<string, string>>;
  /** Services that have an image repository. */
  repositories: readonly string[];
  /**
   * How images are looked through for known vulnerabilities: once when they are pushed, or by Amazon Inspector for as long as they are there,
   * which finds what becomes known later and is paid by image. Defaults to `basic`.
   */
  scanning?: "basic" | "enhanced";
  /** Who besides this account reaches Pulumi's state: statements of the policies of its bucket and of its key. Defaults to nobody. */
  stateAccess?: { bucket: readonly Statement[]; key: readonly Statement[] };
  /** Defaults to `retain`: every environment stands on this account. */
  removal?: Removal;
}

/** Problems of the arguments, one line each. */
export function validateOperations(args: OperationsPipelineArgs): string[] {
  const twice = args.repositories.filter((service, index) => args.repositories.indexOf(service) !== index);
  return twice.map((service) => problem("repositories", service, "each service once", "Remove the second one."));
}

/** Looks through every image of the platform again whenever something becomes known. */
function continuousScanning(): aws.ecr.RegistryScanningConfigurationArgs {
  const filter = repositoryName("*");
  return {
    scanType: "ENHANCED",
    rules: [{ scanFrequency: "CONTINUOUS_SCAN", repositoryFilters: [{ filter, filterType: "WILDCARD" }] }],
  };
}

/** The operations account: artifacts, images and Pulumi's state, which every environment reads from. */
export class OperationsPipeline extends SlipwayComponent {
  readonly artifactBucket: pulumi.Output<string>;
  readonly artifactKeyArn: pulumi.Output<string>;
  readonly stateBucket: pulumi.Output<string>;
  readonly stateKeyArn: pulumi.Output<string>;
  /** Name, ARN and URL of each service's repository. */
  readonly repositories: pulumi.Output<Record<string, { name: string; arn: string; url: string }>>;

  constructor(name: string, args: OperationsPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("OperationsPipeline", name, opts);
    assertValid(this, name, validateOperations(args));
    const removal = args.removal ?? "retain";
    // Two environments may share an account; a policy that names a principal twice is stored as one and then drifts.
    const accounts = [...new Set(Object.values(args.environmentAccounts))];
    const readers = accounts.map((id) => accountPrincipal(id, args.region));
    const common = { environment: "operations", account: args.account, region: args.region, removal };

    const artifactKey = new EncryptionKey(
      `${name}-artifact`,
      { ...common, purpose: "artifacts", statements: [decryptBy(readers)] },
      childOf(this),
    );
    const { bucket: stateStatements = [], key: keyStatements = [] } = args.stateAccess ?? {};
    const stateKey = new EncryptionKey(
      `${name}-state`,
      { ...common, purpose: "state", statements: keyStatements },
      childOf(this),
    );
    const imageKey = new EncryptionKey(`${name}-image`, { ...common, purpose: "images" }, childOf(this));
    const artifacts = new SecureBucket(
      `${name}-artifacts`,
      { bucket: bucketName("artifacts", args.account, args.region), keyArn: artifactKey.arn, readers, removal },
      childOf(this),
    );
    const state = new SecureBucket(
      `${name}-states`,
      {
        bucket: bucketName("state", args.account, args.region),
        keyArn: stateKey.arn,
        keepVersionsDays: 365,
        statements: stateStatements,
        removal,
      },
      childOf(this),
    );
    const repositories = args.repositories.map((service) => {
      const settings = { service, keyArn: imageKey.arn, readers, removal };
      const { name: repository, arn, url } = new ImageRepository(`${name}-${service}`, settings, childOf(this));
      return [service, { name: repository, arn, url }] as const;
    });
    if (args.scanning === "enhanced") {
      new aws.ecr.RegistryScanningConfiguration(`${name}-scanning`, continuousScanning(), childOf(this));
    }
    this.repositories = pulumi.output(Object.fromEntries(repositories));
    this.artifactBucket = artifacts.name;
    this.artifactKeyArn = artifactKey.arn;
    this.stateBucket = state.name;
    this.stateKeyArn = stateKey.arn;
    this.registerOutputs({ artifactBucket: this.artifactBucket, stateBucket: this.stateBucket });
  }
}

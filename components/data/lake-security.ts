import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { lakeSecret, securityName } from "./lake-scope.ts";
import type { DataScope } from "./state-machine/names.ts";
import type { AnyJob } from "./state-machine/pipeline-definition.ts";

/** Secrets by name: what each is for, and which jobs read it. */
export type SecretDefinitions = Readonly<Record<string, { description: string; readers: readonly AnyJob[] }>>;

export interface LakeSecurityArgs extends DataScope {
  keyArn: pulumi.Input<string>;
  /** Places for values that are never part of the program. */
  secrets: SecretDefinitions;
  /** Days in which a deleted secret can be brought back. */
  recoveryDays: number;
  /** Defaults to `retain`. */
  removal?: Removal;
}

/** How jobs encrypt what they write, and places for credentials of sources. */
export class LakeSecurity extends SlipwayComponent {
  /** Name of the configuration that jobs refer to. */
  readonly configuration: pulumi.Output<string>;
  /** ARNs by the name of the secret. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: LakeSecurityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LakeSecurity", name, opts);
    const { keyArn, removal = "retain" } = args;
    const configuration = new aws.glue.SecurityConfiguration(
      `${name}-configuration`,
      {
        name: securityName(args),
        encryptionConfiguration: {
          s3Encryption: { s3EncryptionMode: "SSE-KMS", kmsKeyArn: keyArn },
          cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS", kmsKeyArn: keyArn },
          // Jobs keep no bookmarks; whoever turns them on gets them encrypted.
          jobBookmarksEncryption: { jobBookmarksEncryptionMode: "CSE-KMS", kmsKeyArn: keyArn },
        },
      },
      childOf(this),
    );
    const secrets = Object.entries(args.secrets).map(([key, { description }]) => {
      const secret = new aws.secretsmanager.Secret(
        `${name}-${key}`,
        {
          name: lakeSecret(args, key),
          description,
          kmsKeyId: keyArn,
          recoveryWindowInDays: removal === "destroy" ? 0 : args.recoveryDays,
        },
        childOf(this, protectionOf("key", removal)),
      );
      return [key, secret.arn] as const;
    });
    this.configuration = configuration.name;
    this.secrets = Object.fromEntries(secrets);
    this.registerOutputs({ configuration: this.configuration });
  }
}

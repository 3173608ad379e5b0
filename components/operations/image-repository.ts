import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { policyDocument } from "../shared/iam.ts";
import { repositoryName } from "../shared/naming.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { type Transform, transform } from "../shared/transform.ts";

export interface ImageRepositoryArgs {
  service: string;
  keyArn: pulumi.Input<string>;
  /** Principals of the environments' accounts, which may pull and nothing else. */
  readers: readonly string[];
  /** Days after which an image without a tag goes. Defaults to 14. */
  keepUntaggedDays?: number;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { repository?: Transform<aws.ecr.RepositoryArgs> };
}

/** Lifecycle rules of a repository: only images without a tag ever go, since any tagged one may still be deployed. */
export function imageLifecycle(keepUntaggedDays: number): pulumi.Output<string> {
  return pulumi.jsonStringify({
    rules: [
      {
        rulePriority: 1,
        description: "Images without a tag",
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: keepUntaggedDays,
        },
        action: { type: "expire" },
      },
    ],
  });
}

/** One service's images: tags that never move, scanned when pushed, pulled by exactly the environments. */
export class ImageRepository extends SlipwayComponent {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: ImageRepositoryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ImageRepository", name, opts);
    const repository = new aws.ecr.Repository(
      ...transform(
        args.transform?.repository,
        `${name}-repository`,
        {
          name: repositoryName(args.service),
          imageTagMutability: "IMMUTABLE",
          imageScanningConfiguration: { scanOnPush: true },
          encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: args.keyArn }],
          forceDelete: args.removal === "destroy",
        },
        childOf(this, protectionOf("data", args.removal ?? "retain")),
      ),
    );
    new aws.ecr.LifecyclePolicy(
      `${name}-lifecycle`,
      { repository: repository.name, policy: imageLifecycle(args.keepUntaggedDays ?? 14) },
      childOf(this),
    );
    new aws.ecr.RepositoryPolicy(
      `${name}-policy`,
      {
        repository: repository.name,
        policy: policyDocument([
          {
            sid: "PullByEnvironments",
            principals: { AWS: args.readers },
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
          },
        ]),
      },
      childOf(this),
    );
    this.name = repository.name;
    this.arn = repository.arn;
    this.url = repository.repositoryUrl;
    this.registerOutputs({ name: this.name, arn: this.arn, url: this.url });
  }
}

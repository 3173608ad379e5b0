import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { type Transform, transform } from "../shared/transform.ts";
import { assertValid, problem } from "../shared/validation.ts";
import { dataName } from "./state-machine/names.ts";

export interface QueryWorkgroupArgs {
  environment: string;
  keyArn: pulumi.Input<string>;
  /** Bucket of the answers. */
  resultsBucket: pulumi.Input<string>;
  /** Gigabytes that one query may read. */
  scanLimitGb: number;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { workgroup?: Transform<aws.athena.WorkgroupArgs> };
}

const gigabyte = 1024 ** 3;
/** Athena takes no smaller limit. */
const smallestLimit = 10 * 1024 ** 2;

/** Problems of the arguments, one line each. */
export function validateWorkgroup({ scanLimitGb }: Pick<QueryWorkgroupArgs, "scanLimitGb">): string[] {
  if (Number.isFinite(scanLimitGb) && scanLimitGb * gigabyte >= smallestLimit) return [];
  return [problem("scanLimitGb", scanLimitGb, "at least 10 MB, which is 0.01", "Raise it.")];
}

/** Where people query the lake: what a query costs is limited, and answers are encrypted whatever the client asks for. */
export class QueryWorkgroup extends SlipwayComponent {
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: QueryWorkgroupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("QueryWorkgroup", name, opts);
    assertValid(this, name, validateWorkgroup(args));
    const { removal = "retain" } = args;
    const workgroup = new aws.athena.Workgroup(
      ...transform(
        args.transform?.workgroup,
        `${name}-workgroup`,
        {
          name: dataName(args.environment, "queries"),
          description: "Queries of the lakehouse",
          forceDestroy: removal === "destroy",
          configuration: {
            enforceWorkgroupConfiguration: true,
            publishCloudwatchMetricsEnabled: true,
            bytesScannedCutoffPerQuery: Math.floor(args.scanLimitGb * gigabyte),
            engineVersion: { selectedEngineVersion: "Athena engine version 3" },
            resultConfiguration: {
              outputLocation: pulumi.interpolate`s3://${args.resultsBucket}/`,
              encryptionConfiguration: { encryptionOption: "SSE_KMS", kmsKeyArn: args.keyArn },
            },
          },
        },
        childOf(this, protectionOf("rebuildable", removal)),
      ),
    );
    this.name = workgroup.name;
    this.registerOutputs({ name: this.name });
  }
}

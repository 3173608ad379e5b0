import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CreateKeyCommand, EnableKeyRotationCommand, KMSClient } from "@aws-sdk/client-kms";
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Foundation } from "../../automation/bootstrap/addresses.ts";
import { createContext, type Context } from "../../automation/context.ts";
import type { MiniStack } from "../support/ministack.ts";

const root = resolve(import.meta.dirname, "../..");
const region = "us-east-1";
export const account = "111111111111";

export interface Clients {
  s3: S3Client;
  kms: KMSClient;
}

export function clientsOf({ endpoint }: MiniStack): Clients {
  const credentials = { accessKeyId: account, secretAccessKey: "secret" };
  const options = { endpoint, region, credentials };
  return { s3: new S3Client({ ...options, forcePathStyle: true }), kms: new KMSClient(options) };
}

/**
 * Makes bucket and key in the emulator as the operations stack declares them. The AWS plugin that would do it cannot be had without a
 * download; that the components declare just this is what their own tests show.
 */
export async function makeFoundation({ s3, kms }: Clients, Bucket: string): Promise<Foundation> {
  const created = await kms.send(new CreateKeyCommand({}));
  const keyArn = created.KeyMetadata?.Arn ?? "";
  await kms.send(new EnableKeyRotationCommand({ KeyId: keyArn }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const byDefault = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: keyArn };
  const rules = [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: true }];
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: rules } }));
  const all = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: all }));
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: tlsOnly(Bucket) }));
  return { bucket: Bucket, keyArn, region };
}

const tlsOnly = (bucket: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        ...{ Sid: "DenyPlainHttp", Effect: "Deny", Principal: "*", Action: "s3:*" },
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });

/** A checkout whose operations stack is one small resource, one secret, and the outputs that the driver reads. */
export function makeProject({ bucket, keyArn }: Foundation, repositories: Record<string, string> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), "slipway-bootstrap-"));
  const plugin = join(directory, "home", "plugins", "resource-tiny-v1.0.0");
  mkdirSync(plugin, { recursive: true });
  mkdirSync(join(directory, "config"));
  const provider = join(root, "test/support/tiny-provider.ts");
  writeFileSync(join(plugin, "pulumi-resource-tiny"), `#!/bin/sh\nexec "${process.execPath}" "${provider}" "$@"\n`, {
    mode: 0o755,
  });
  // The engine looks for every plugin that Pulumi.yaml names, the policy pack's starter among them.
  for (const path of ["Pulumi.yaml", "Pulumi.operations.yaml", "config/promotion.yaml", "policy/engine"])
    cpSync(join(root, path), join(directory, path), { recursive: true });
  const outputs = {
    ...{ contract: 1, kind: "operations", environment: "operations", account, region, checks: [] },
    ...{
      artifactBucket: "artifacts",
      artifactKeyArn: keyArn,
      stateBucket: bucket,
      stateKeyArn: keyArn,
      repositories: Object.fromEntries(
        Object.entries(repositories).map(([name, url]) => [
          name,
          { name, arn: `arn:aws:ecr:${region}:${account}:${name}`, url },
        ]),
      ),
    },
  };
  writeFileSync(join(directory, "package.json"), `{"type": "module", "main": "index.ts"}`);
  writeFileSync(join(directory, "index.ts"), program(outputs));
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  return directory;
}

/** In the state, and nowhere else in clear. */
export const canary = ["canary", "of", "the", "bootstrap"].join("-");

const program = (outputs: object): string => `import * as pulumi from "@pulumi/pulumi";
const hidden = pulumi.secret(["canary", "of", "the", "bootstrap"].join("-"));
class Item extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs) { super("tiny:index:Item", name, args, { version: "1.0.0" }); }
}
new Item("one", { value: hidden });
export default async () => (${JSON.stringify(outputs)});
`;

export function environmentFor(directory: string, cloud: MiniStack): Record<string, string> {
  return {
    ...{ PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", NO_COLOR: "1" },
    ...cloud.environment(account),
    PULUMI_HOME: join(directory, "home"),
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    TINY_JOURNAL: join(directory, "journal.txt"),
    TINY_CLOUD: join(directory, "cloud.json"),
  };
}

/** A context whose console goes nowhere. */
export function contextFor(cwd: string, environment: NodeJS.ProcessEnv): Context {
  const sink = { write: () => true } as unknown as NodeJS.WritableStream;
  const { signal } = new AbortController();
  return createContext({ options: {}, environment, cwd, stdout: sink, stderr: sink, signal, terminate: signal });
}

export const removeProject = (directory: string): void => rmSync(directory, { recursive: true, force: true });

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { problem } from "../shared/validation.ts";
import type { TableFormat } from "./functions.ts";
import { jobNamesOf } from "./jobs.ts";
import { functionNames } from "./lake-scope.ts";

/** Bytes that a release names by their digest. */
export interface CodeArtifact {
  /** `sha256:<64 hex>`. */
  digest: string;
  /** Local file with exactly these bytes. */
  path: string;
}

/** Everything of a release that the pipeline runs. */
export interface DataArtifacts {
  functions: Readonly<Record<string, CodeArtifact>>;
  /** The library as a Lambda layer. */
  layer: CodeArtifact;
  /** The library as a zip for Spark. */
  jobLibrary: CodeArtifact;
  jobScripts: Readonly<Record<string, CodeArtifact>>;
}

export type CodeKind = "functions" | "layers" | "libraries" | "scripts";

/** An object that is there once `bucket` and `key` are known. */
export interface CodeObject {
  bucket: pulumi.Output<string>;
  key: pulumi.Output<string>;
  /** Base64 of the digest, as Lambda compares code. */
  hash: string;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** Problems of the artifacts, one line each: all that the pipeline runs has to be there, by digest. */
export function validateArtifacts(artifacts: DataArtifacts, tableFormat: TableFormat): string[] {
  const wanted: [field: string, artifact: CodeArtifact | undefined][] = [
    ...functionNames.map((name): [string, CodeArtifact | undefined] => [
      `functions.${name}`,
      artifacts.functions[name],
    ]),
    ["layer", artifacts.layer],
    ["jobLibrary", artifacts.jobLibrary],
    ...jobNamesOf(tableFormat).map((name): [string, CodeArtifact | undefined] => [
      `jobScripts.${name}`,
      artifacts.jobScripts[name],
    ]),
  ];
  return wanted.flatMap(([field, artifact]) => {
    if (artifact === undefined) return [problem(`artifacts.${field}`, null, "its code", "Add it to the release.")];
    if (digestPattern.test(artifact.digest)) return [];
    return [problem(`artifacts.${field}.digest`, artifact.digest, "sha256: and 64 hex digits", "Correct it.")];
  });
}

/**
 * What a record has under a name that validation has found there.
 * @throws RangeError when it is missing after all.
 */
export function codeOf<T>(codes: Readonly<Record<string, T>>, name: string): T {
  const found = codes[name];
  if (found === undefined) throw new RangeError(`there is no code of ${name}.`);
  return found;
}

/** Key of an object by its content, so that code never changes under a key that somebody uses. */
export function codeKey(kind: CodeKind, name: string, digest: string): string {
  const extension = kind === "scripts" ? "py" : "zip";
  return `${kind}/${name}/${digest.replace("sha256:", "")}.${extension}`;
}

/** A digest in hex as base64. */
export function codeHash(digest: string): string {
  return Buffer.from(digest.replace("sha256:", ""), "hex").toString("base64");
}

/**
 * The code of the pipeline in its bucket. A new release adds objects and moves what uses them; the old ones stay, so that
 * going back is only pointing at them again.
 */
export class LakeCode extends SlipwayComponent {
  readonly functions: Readonly<Record<string, CodeObject>>;
  readonly layer: CodeObject;
  readonly jobLibrary: CodeObject;
  readonly jobScripts: Readonly<Record<string, CodeObject>>;

  constructor(
    name: string,
    args: { bucket: pulumi.Input<string>; artifacts: DataArtifacts; tableFormat: TableFormat },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("LakeCode", name, opts);
    const { artifacts } = args;
    const upload = (kind: CodeKind, key: string, { digest, path }: CodeArtifact): CodeObject => {
      const object = new aws.s3.BucketObjectv2(
        `${name}-${kind}-${key.replaceAll("_", "-")}`,
        {
          bucket: args.bucket,
          key: codeKey(kind, key, digest),
          source: new pulumi.asset.FileAsset(path),
          contentType: kind === "scripts" ? "text/x-python" : "application/zip",
        },
        childOf(this, { retainOnDelete: true }),
      );
      return { bucket: object.bucket, key: object.key, hash: codeHash(digest) };
    };
    // A release may hold functions and scripts of other pipelines as well.
    const all = (kind: CodeKind, some: Readonly<Record<string, CodeArtifact>>, names: readonly string[]) =>
      Object.fromEntries(names.map((key) => [key, upload(kind, key, codeOf(some, key))]));
    this.functions = all("functions", artifacts.functions, functionNames);
    this.layer = upload("layers", "lakehouse", artifacts.layer);
    this.jobLibrary = upload("libraries", "lakehouse", artifacts.jobLibrary);
    this.jobScripts = all("scripts", artifacts.jobScripts, jobNamesOf(args.tableFormat));
    this.registerOutputs({});
  }
}

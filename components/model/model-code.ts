import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { codeKey } from "../../model/pipeline/names.ts";
import { type CodeArtifact, type CodeObject, codeHash, codeOf } from "../data/code.ts";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { problem } from "../shared/validation.ts";
import { isImage } from "./grants.ts";

export const codedFunctions = ["training_handler", "deploy_endpoint", "models_api", "traffic_hook"] as const;
export type CodedFunction = (typeof codedFunctions)[number];

/** Code that functions share: documents of the registry, and reading what the lake has published. */
export const codedLayers = ["modelkit", "lakehouse"] as const;
export type CodedLayer = (typeof codedLayers)[number];

/** Everything of a release that the model pipeline runs. */
export interface ModelArtifacts {
  /** What preprocesses, trains and evaluates. */
  code: CodeArtifact;
  functions: Readonly<Record<string, CodeArtifact>>;
  layers: Readonly<Record<string, CodeArtifact>>;
  /** Images by digest: that which runs the code, and that which serves models. */
  images: { model: string; predict: string };
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** Problems of the artifacts, one line each: all that the pipeline runs has to be there, by digest. */
export function validateArtifacts({ code, functions, layers, images }: ModelArtifacts): string[] {
  const wanted: [field: string, artifact: CodeArtifact | undefined][] = [
    ["code", code],
    ...codedFunctions.map((name): [string, CodeArtifact | undefined] => [`functions.${name}`, functions[name]]),
    ...codedLayers.map((name): [string, CodeArtifact | undefined] => [`layers.${name}`, layers[name]]),
  ];
  const problems = wanted.flatMap(([field, artifact]) => {
    if (artifact === undefined) return [problem(`artifacts.${field}`, null, "its code", "Add it to the release.")];
    if (digestPattern.test(artifact.digest)) return [];
    return [problem(`artifacts.${field}.digest`, artifact.digest, "sha256: and 64 hex digits", "Correct it.")];
  });
  const wrong = Object.entries(images).filter(([, image]) => !isImage(image));
  const rule = "an image of ECR by digest";
  return [
    ...problems,
    ...wrong.map(([name, image]) => problem(`artifacts.images.${name}`, image, rule, "Correct it.")),
  ];
}

const keyOf = (kind: "functions" | "layers", name: string, digest: string) =>
  `code/${kind}/${name}/${digest.replace("sha256:", "")}.zip`;

/**
 * The code of the pipeline in its bucket. A new release adds objects and moves what uses them; the old ones stay, so that
 * going back is only pointing at them again.
 */
export class ModelCode extends SlipwayComponent {
  readonly training: CodeObject;
  readonly functions: Readonly<Record<CodedFunction, CodeObject>>;
  readonly layers: Readonly<Record<CodedLayer, CodeObject>>;

  constructor(
    name: string,
    args: { bucket: pulumi.Input<string>; artifacts: ModelArtifacts },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ModelCode", name, opts);
    const { artifacts, bucket } = args;
    const upload = (resource: string, key: string, { digest, path }: CodeArtifact): CodeObject => {
      const object = new aws.s3.BucketObjectv2(
        `${name}-${resource.replaceAll("_", "-")}`,
        { bucket, key, source: new pulumi.asset.FileAsset(path), contentType: "application/zip" },
        childOf(this, { retainOnDelete: true }),
      );
      return { bucket: object.bucket, key: object.key, hash: codeHash(digest) };
    };
    const shared = (kind: "functions" | "layers", key: string) => {
      const artifact = codeOf(artifacts[kind], key);
      return upload(`${kind}-${key}`, keyOf(kind, key, artifact.digest), artifact);
    };
    this.training = upload("training", codeKey(artifacts.code.digest), artifacts.code);
    this.functions = {
      training_handler: shared("functions", "training_handler"),
      deploy_endpoint: shared("functions", "deploy_endpoint"),
      models_api: shared("functions", "models_api"),
      traffic_hook: shared("functions", "traffic_hook"),
    };
    this.layers = { modelkit: shared("layers", "modelkit"), lakehouse: shared("layers", "lakehouse") };
    this.registerOutputs({});
  }
}

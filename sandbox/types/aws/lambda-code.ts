import { block, failures, list, text } from "../build.ts";
import type { Failure, Properties, TypeContext } from "../type-spec.ts";

export const functionType = "aws:lambda/function:Function";
const bucketType = "aws:s3/bucket:Bucket";
const objectTypes = ["aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject"];

/** Runtimes that Lambda still creates functions for. */
export const runtimes: readonly string[] = [
  ...["nodejs22.x", "nodejs24.x", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"],
  ...["java8.al2", "java11", "java17", "java21", "java25", "dotnet8", "dotnet10", "ruby3.2", "ruby3.3", "ruby3.4"],
  ...["provided.al2", "provided.al2023"],
];

const deprecated =
  /^(nodejs(|4\.3|4\.3-edge|6\.10|8\.10|10\.x|12\.x|14\.x|16\.x|18\.x|20\.x)|python(2\.7|3\.[6-9])|java8|go1\.x|dotnetcore.*|dotnet[67]|ruby(2\.[57])|provided)$/;

export function runtimeProblem(runtime: string): string | undefined {
  if (runtimes.includes(runtime)) return undefined;
  if (!deprecated.test(runtime)) {
    return `InvalidParameterValueException: Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${runtimes.join(", ")}] or be a valid ARN`;
  }
  return `InvalidParameterValueException: The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`;
}

/** Code comes as an archive or from a bucket; with `image` an image is a third way. */
export function validSource(inputs: Properties, image = false): Failure[] {
  const ways = image ? ["code", "imageUri", "s3Bucket"] : ["code", "s3Bucket"];
  const given = ways.filter((property) => inputs[property] !== undefined && inputs[property] !== null);
  const half = (inputs["s3Bucket"] === undefined) !== (inputs["s3Key"] === undefined);
  return failures(
    given.length === 1
      ? undefined
      : { property: given[0] ?? "code", reason: `one of ${ways.join(", ")} must be given, got ${given.length}` },
    half ? { property: "s3Key", reason: "s3Bucket and s3Key must be given together" } : undefined,
  );
}

/** What Lambda answers when it cannot fetch the package. Buckets of other accounts are not looked into. */
export function packageMissing(inputs: Properties, context: TypeContext): string | undefined {
  const bucket = text(inputs["s3Bucket"]);
  if (bucket === undefined || packageObject(inputs, context) !== undefined) return undefined;
  const owned = context.find(bucketType).some(({ id }) => id === bucket);
  const [code, message] = owned
    ? ["NoSuchKey", "The specified key does not exist."]
    : ["NoSuchBucket", "The specified bucket does not exist"];
  return `InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${message}`;
}

function packageObject(inputs: Properties, context: TypeContext): Properties | undefined {
  const { s3Bucket, s3Key } = inputs;
  return objectTypes
    .flatMap((type) => context.find(type))
    .find(({ inputs: object }) => object["bucket"] === s3Bucket && object["key"] === s3Key)?.outputs;
}

/** Hash of the package in base64: as the program gave it, else of the archive, else of the object it comes from. */
export function codeHash(inputs: Properties, context: TypeContext): string {
  const given = text(inputs["sourceCodeHash"]) ?? text(inputs["codeSha256"]);
  if (given !== undefined) return given;
  const asset = inputs["code"] ?? block(packageObject(inputs, context))["source"];
  const hash = text(block(asset)["hash"]) ?? context.suffix(64);
  return Buffer.from(hash, "hex").toString("base64");
}

export function validRuntimes(inputs: Properties, property: string): Failure[] {
  return list(inputs[property]).flatMap((runtime) => {
    const known = typeof runtime !== "string" || runtimes.includes(runtime) || deprecated.test(runtime);
    return known ? [] : [{ property, reason: `expected one of ${JSON.stringify(runtimes)}, got ${runtime}` }];
  });
}

/** Name of the function that a name, a partial ARN or an ARN with or without qualifier stands for. */
export function functionName(value: unknown): string {
  const given = text(value) ?? "";
  const name = /function:([\w-]+)/.exec(given)?.[1];
  return name ?? given.split(":")[0] ?? "";
}

export function functionNamed(
  value: unknown,
  context: TypeContext,
): ReturnType<TypeContext["find"]>[number] | undefined {
  const name = functionName(value);
  return context.find(functionType).find((other) => other.id === name);
}

import { codeKey, hexOf, runsPrefix } from "./names.ts";
import type { Hyperparameters, PipelineSettings } from "./settings.ts";
import { executionId, join } from "./steps.ts";
import type { ProcessingInput, Text } from "./types.ts";

const processingRoot = "/opt/ml/processing";
/** Where the container finds an input. */
export const inputFolder = (name: string) => `${processingRoot}/input/${name}`;
/** Where it leaves its outputs. */
export const outputFolder = `${processingRoot}/output`;

/** In the order of the parameters. */
const hyperparameterNames = ["algorithm", "alpha", "trees", "depth"] as const;

/** Where a step of an execution writes. */
export const runOf = ({ bucket }: PipelineSettings, step: string, ...rest: string[]): Text =>
  join([`s3://${bucket}/${runsPrefix}`, executionId, step, ...rest]);

/** The code as a file in a folder of the container, and how it is started. */
export const program = ({ codeDigest }: PipelineSettings, folder: string, command: string) => [
  "python",
  `${folder}/${hexOf(codeDigest)}.zip`,
  command,
];

/** Where the code is. */
export const codeUri = ({ bucket, codeDigest }: PipelineSettings) => `s3://${bucket}/${codeKey(codeDigest)}`;

/** Hyper-parameters that the grid does not vary. */
export function fixed({ tuning: grid }: PipelineSettings): (keyof Hyperparameters)[] {
  return hyperparameterNames.filter((name) => grid?.grid[name] === undefined);
}

/** What all jobs have in common. */
export function job(settings: PipelineSettings, role: keyof PipelineSettings["roles"]) {
  const { surroundings, cacheDays, images, roles, compute } = settings;
  return {
    ...surroundings,
    roleArn: roles[role],
    image: images.model,
    compute: compute[role],
    ...(cacheDays !== undefined && { cacheDays }),
  };
}

/** The code as an input of a processing step. */
export const codeInput = (settings: PipelineSettings): ProcessingInput => ({
  name: "code",
  from: codeUri(settings),
  to: inputFolder("code"),
});

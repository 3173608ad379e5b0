import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a container of the service has everything. */
const containerRoot = "/opt/ml";

/** Folders of one step on this machine, in place of those of a container. */
export interface StepFolders {
  /** Instead of `/opt/ml`. */
  root: string;
  home: string;
  temporary: string;
}

export async function makeFolders(directory: string): Promise<StepFolders> {
  const folders = { root: join(directory, "ml"), home: join(directory, "home"), temporary: join(directory, "tmp") };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
  return folders;
}

/** The text with every path of the container as one of this machine. */
export const onThisMachine = (text: string, { root }: StepFolders): string =>
  text.replaceAll(/(?<![\w.-])\/opt\/ml(?![\w.-])/g, root);

/** A folder below `/opt/ml` on this machine; undefined for one that the step's own root does not hold. */
export function localFolder(path: string, { root }: StepFolders): string | undefined {
  const inside = path === containerRoot || path.startsWith(`${containerRoot}/`);
  if (!inside || path.split("/").includes("..")) return undefined;
  return join(root, path.slice(containerRoot.length));
}

/** All that a step's process knows of this machine: nothing of the caller's environment, so none of its secrets. */
export function baseEnvironment({ home, temporary }: StepFolders): Record<string, string> {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "C.UTF-8",
    TZ: "UTC",
    HOME: home,
    TMPDIR: temporary,
    PYTHONHASHSEED: "0",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONNOUSERSITE: "1",
  };
}

/** What is told to a training beside its data. */
export interface TrainingFacts {
  jobName: string;
  hyperparameters: Readonly<Record<string, string>>;
  /** Content type by channel. */
  channels: Readonly<Record<string, string | undefined>>;
}

/** Files of `/opt/ml/input/config`, as the service writes them. */
export async function writeTrainingConfig({ root }: StepFolders, facts: TrainingFacts): Promise<void> {
  const folder = join(root, "input", "config");
  await mkdir(folder, { recursive: true });
  const channels = Object.entries(facts.channels).map(([name, contentType]) => [
    name,
    {
      TrainingInputMode: "File",
      S3DistributionType: "FullyReplicated",
      RecordWrapperType: "None",
      ...(contentType === undefined ? {} : { ContentType: contentType }),
    },
  ]);
  const documents = {
    "hyperparameters.json": facts.hyperparameters,
    "inputdataconfig.json": Object.fromEntries(channels) as unknown,
    "resourceconfig.json": { current_host: "algo-1", hosts: ["algo-1"], network_interface_name: "lo" },
  };
  for (const [name, document] of Object.entries(documents))
    await writeFile(join(folder, name), `${JSON.stringify(document, undefined, 2)}\n`);
}

/** Variables that the training toolkit of SageMaker's images sets. */
export function trainingVariables({ root }: StepFolders, facts: TrainingFacts): Record<string, string> {
  const names = Object.keys(facts.channels);
  const channels = names.map((name): [string, string] => [
    variable("SM_CHANNEL_", name),
    join(root, "input", "data", name),
  ]);
  const hyperparameters = Object.entries(facts.hyperparameters);
  const decoded = Object.fromEntries(hyperparameters.map(([name, text]) => [name, decode(text)]));
  return {
    TRAINING_JOB_NAME: facts.jobName,
    SM_CHANNELS: JSON.stringify(names),
    SM_MODEL_DIR: join(root, "model"),
    SM_OUTPUT_DIR: join(root, "output"),
    SM_OUTPUT_DATA_DIR: join(root, "output", "data"),
    SM_INPUT_DIR: join(root, "input"),
    SM_INPUT_CONFIG_DIR: join(root, "input", "config"),
    SM_HPS: JSON.stringify(decoded),
    SM_HOSTS: JSON.stringify(["algo-1"]),
    SM_CURRENT_HOST: "algo-1",
    SM_NUM_GPUS: "0",
    ...Object.fromEntries(channels),
    ...Object.fromEntries(hyperparameters.map(([name, text]): [string, string] => [variable("SM_HP_", name), text])),
  };
}

const variable = (prefix: string, name: string) => `${prefix}${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, "_")}`;

/** Hyper-parameters are texts; the toolkit hands on what is JSON as what it is. */
function decode(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

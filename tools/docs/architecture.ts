import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pipelineDefinition } from "../../components/data/state-machine/pipeline-definition.ts";
import { parsePromotionPolicy } from "../../config/promotion.ts";
import { importsOf, source, sourcesBelow } from "./sources.ts";

export type Edge = readonly [from: string, to: string, label?: string];

/** Folders that know about each other only in the ways that `tools/eslint/boundaries.ts` allows. */
const product = [
  ...["program", "components", "config", "automation", "policy", "sandbox", "model/pipeline", "streams/engine"],
];

/** Edges each once, in the order of their names. */
const inOrder = (edges: readonly Edge[]): Edge[] =>
  [...new Map(edges.map((edge) => [edge.join(" "), edge])).values()].sort((a, b) =>
    a.join(" ") < b.join(" ") ? -1 : 1,
  );

const id = (name: string) => name.replaceAll(/\W/gu, "_");

/** A diagram of Mermaid. Names stand in quotes, so that whatever is in them is shown and never read. */
export function flowchart(direction: "LR" | "TB", edges: readonly Edge[]): string {
  const names = [...new Set(edges.flatMap(([from, to]) => [from, to]))];
  return [
    "```mermaid",
    `flowchart ${direction}`,
    ...names.map((name) => `  ${id(name)}["${name}"]`),
    ...edges.map(([from, to, label]) => `  ${id(from)} -->${label === undefined ? "" : `|"${label}"|`} ${id(to)}`),
    "```",
  ].join("\n");
}

/** Which folder imports which, one edge for however many files. */
export function folderImports(root: string): Edge[] {
  const folderOf = (path: string) =>
    product.find((folder) => path.startsWith(`${folder}/`)) ?? (path === "index.ts" ? path : undefined);
  const all = [source(root, "index.ts"), ...product.flatMap((folder) => sourcesBelow(root, folder))];
  return inOrder(
    all.flatMap((one) => {
      const from = folderOf(one.path);
      return importsOf(one).flatMap((path): Edge[] => {
        const to = folderOf(path);
        return from === undefined || to === undefined || from === to ? [] : [[from, to]];
      });
    }),
  );
}

/** Parts of a folder, and which other parts each of them imports. */
export function partImports(root: string, folder: string): Map<string, string[]> {
  const partOf = (path: string) => /^([^/]+)\//u.exec(path.slice(folder.length + 1))?.[1];
  const parts = new Map<string, Set<string>>();
  for (const one of sourcesBelow(root, folder)) {
    const from = partOf(one.path);
    if (from === undefined) continue;
    const known = parts.get(from) ?? new Set();
    parts.set(from, known);
    for (const path of importsOf(one).filter((file) => file.startsWith(`${folder}/`))) {
      const to = partOf(path);
      if (to !== undefined && to !== from) known.add(to);
    }
  }
  return new Map([...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, to]) => [name, [...to].sort()]));
}

/** Stacks of the checkout, what they read of each other, and how releases move. */
export function stackEdges(root: string): Edge[] {
  const { environments } = parsePromotionPolicy(readFileSync(join(root, "config/promotion.yaml"), "utf8"));
  const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/u.exec(file)?.[1] ?? []);
  const reads = stacks.filter((stack) => stack !== "operations").map((stack): Edge => ["operations", stack, "outputs"]);
  const moves = environments.flatMap(({ name, upstream, tags }): Edge[] =>
    upstream === undefined ? [] : [[upstream, name, tags.length === 0 ? "promote" : `tag ${tags.join(" or ")}`]],
  );
  return [...reads, ...moves];
}

interface AmazonState {
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Catch?: { Next: string }[];
}

const failure = "NotifyFailure";

/** The data pipeline's state machine; polling a job is one state here, and the failure path that every task has is left out. */
export function dataPipelineEdges(): Edge[] {
  const states = pipelineDefinition(placeholders()).definition["States"] as unknown as Record<string, AmazonState>;
  const base = (name: string) => {
    const [, first = name] = /^(.+?)(?:Wait|Status|Result)$/u.exec(name) ?? [];
    return Object.hasOwn(states, first) ? first : name;
  };
  const edges = Object.entries(states).flatMap(([name, { Next, Default, Choices = [], Catch = [] }]) =>
    [Next, Default, ...[...Choices, ...Catch].map((one) => one.Next)].flatMap((to): Edge[] =>
      to === undefined || to === failure || base(to) === base(name) ? [] : [[base(name), base(to)]],
    ),
  );
  return [...new Map(edges.map((edge) => [edge.join(" "), edge])).values()];
}

function placeholders(): Parameters<typeof pipelineDefinition>[0] {
  const named = <Name extends string>(...names: Name[]) =>
    Object.fromEntries(names.map((name) => [name, { name, arn: `arn:aws:x:::${name}` }])) as unknown as Record<
      Name,
      { name: string; arn: string }
    >;
  return {
    name: "data",
    functions: named("validate", "catalog", "quality_gate", "publish", "quarantine"),
    jobs: named("raw_to_processed", "daily_features", "quality"),
    topics: { info: "info", warning: "warning", critical: "critical" },
    pollSeconds: 20,
    timeoutMinutes: 60,
  };
}

interface SageMakerStep {
  Name: string;
  Type: string;
  Arguments: { IfSteps?: SageMakerStep[]; ElseSteps?: SageMakerStep[] };
}

/** A rendered definition of the model pipeline, which its own test keeps current. */
const modelDefinition = "test/model-pipeline/golden/dev.json.snap";

/** The steps of the model pipeline: one after the other, and what each condition leads to. */
export function modelPipelineEdges(root: string): Edge[] {
  const { Steps } = JSON.parse(readFileSync(join(root, modelDefinition), "utf8")) as { Steps: SageMakerStep[] };
  return Steps.flatMap(({ Name, Arguments: { IfSteps = [], ElseSteps = [] } }, index): Edge[] => {
    const next = Steps[index + 1];
    return [
      ...(next === undefined ? [] : [[Name, next.Name] as const]),
      ...IfSteps.map((step): Edge => [Name, step.Name, "yes"]),
      ...ElseSteps.map((step): Edge => [Name, step.Name, "no"]),
    ];
  });
}

/** A chapter: its title, what the diagram shows, and the diagram. */
const chapter = (title: string, text: string, diagram: string) => `## ${title}\n\n${text}\n\n${diagram}\n`;

/** The page of the architecture. */
export function architecturePage(root: string): string {
  const areas = [...partImports(root, "components")].flatMap(([from, to]) => to.map((one): Edge => [from, one]));
  return [
    "# Architecture\n",
    "<!-- Made by `npm run docs` from the code: change that. -->\n",
    chapter(
      "Folders",
      "An arrow leads from a folder to one that it imports. `tools/eslint/boundaries.ts` says which arrows there may be, and lint refuses any other.",
      flowchart("LR", folderImports(root)),
    ),
    chapter(
      "Stacks",
      "Operations comes first: environments read its outputs, which are a contract (`config/outputs.ts`). Releases move along the arrows with a tag.",
      flowchart("LR", stackEdges(root)),
    ),
    chapter("Components", "What components of one area take from another.", flowchart("LR", areas)),
    chapter(
      "Data pipeline",
      `The state machine of an environment. Every task also leads to \`${failure}\`, whatever its error is; an execution that took that way has failed.`,
      flowchart("TB", dataPipelineEdges()),
    ),
    chapter(
      "Model pipeline",
      "The steps of the definition that SageMaker runs, and `slipway model run` on this machine.",
      flowchart("LR", modelPipelineEdges(root)),
    ),
    "Components are listed in [components.md](components.md), decisions and their reasons in [adr](adr).\n",
  ].join("\n");
}

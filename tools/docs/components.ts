import ts from "typescript";
import { documentation, sourcesBelow, syntaxOf } from "./sources.ts";

interface Member {
  name: string;
  type: string;
  optional: boolean;
  text: string;
}

/** A component as its class says it. */
interface Component {
  name: string;
  path: string;
  text: string;
  args: readonly Member[];
  outputs: readonly Member[];
  /** Types of resources and components that its file makes. */
  makes: readonly string[];
}

interface Source {
  path: string;
  ast: ts.SourceFile;
}

type Interfaces = ReadonlyMap<string, { ast: ts.SourceFile; node: ts.InterfaceDeclaration }>;

const areas: Readonly<Record<string, string>> = {
  foundation: "Foundation: network and cluster",
  operations: "Operations: what all environments read",
  delivery: "Delivery: who may deploy",
  services: "Services",
  data: "Data pipeline",
  model: "Model pipeline",
  streams: "Stream processing",
  observability: "Observability",
  shared: "Shared",
};

/** The page of all components of a checkout. */
export function componentsPage(root: string): string {
  const sources = sourcesBelow(root, "components").map((one) => ({ path: one.path, ast: syntaxOf(one) }));
  const interfaces = interfacesOf(sources);
  const components = sources.flatMap((source) => componentsOf(source, interfaces));
  const used = [...new Set(components.map(({ path }) => areaOf(path)))];
  const order = [...Object.keys(areas), ...used.filter((area) => !Object.hasOwn(areas, area))];
  const chapters = order
    .filter((area) => used.includes(area))
    .map((area) => [
      `## ${areas[area] ?? area}`,
      ...components.filter(({ path }) => areaOf(path) === area).flatMap((component) => ["", chapter(component)]),
    ]);
  return [
    "# Components",
    "",
    "<!-- Made by `npm run docs` from the JSDoc of components/**: change it there. -->",
    "",
    `${components.length} components, each with the arguments that it takes, what it tells others, and what it makes. Only \`program/\` composes them;` +
      " [architecture.md](architecture.md) shows how. Every component also takes Pulumi's own options.",
    "",
    ...chapters.flatMap((lines) => [...lines, ""]),
  ].join("\n");
}

const areaOf = (path: string) => path.split("/")[1] ?? "";

function interfacesOf(sources: readonly Source[]): Interfaces {
  const found = new Map<string, { ast: ts.SourceFile; node: ts.InterfaceDeclaration }>();
  for (const { ast } of sources)
    for (const node of ast.statements) if (ts.isInterfaceDeclaration(node)) found.set(node.name.text, { ast, node });
  return found;
}

function componentsOf({ path, ast }: Source, interfaces: Interfaces): Component[] {
  return ast.statements
    .filter(ts.isClassDeclaration)
    .filter(isComponent)
    .map((node) => ({
      name: node.name?.text ?? "",
      path,
      text: documentation(node),
      args: argumentsOf(node, interfaces),
      outputs: node.members
        .filter(ts.isPropertyDeclaration)
        .filter(isOutput)
        .map((member) => memberOf(member, ast)),
      makes: madeBy(node, ast),
    }));
}

const isComponent = (node: ts.ClassDeclaration): boolean =>
  node.heritageClauses?.some(({ types }) =>
    types.some(({ expression }) => expression.getText() === "SlipwayComponent"),
  ) ?? false;

const isOutput = (member: ts.PropertyDeclaration): boolean =>
  member.modifiers?.every(({ kind }) => kind !== ts.SyntaxKind.PrivateKeyword) === true;

/** Members of the interface that the constructor takes, those of interfaces that it extends first. */
function argumentsOf(node: ts.ClassDeclaration, interfaces: Interfaces): Member[] {
  const type = node.members.find(ts.isConstructorDeclaration)?.parameters[1]?.type;
  return type === undefined ? [] : membersOf(type.getText(), interfaces);
}

function membersOf(name: string, interfaces: Interfaces): Member[] {
  const found = interfaces.get(name);
  if (found === undefined) return [];
  const inherited = (found.node.heritageClauses ?? []).flatMap(({ types }) =>
    types.flatMap(({ expression }) => membersOf(expression.getText(found.ast), interfaces)),
  );
  const own = found.node.members.filter(ts.isPropertySignature).map((member) => memberOf(member, found.ast));
  return [...inherited.filter((one) => own.every((other) => other.name !== one.name)), ...own];
}

function memberOf(member: ts.PropertySignature | ts.PropertyDeclaration, ast: ts.SourceFile): Member {
  return {
    name: member.name.getText(ast),
    type: (member.type?.getText(ast) ?? "").replaceAll(/\/\*.*?\*\//gsu, "").replaceAll(/\s+/gu, " "),
    optional: member.questionToken !== undefined,
    text: documentation(member),
  };
}

/** What `new` is called for in a component, but for errors and collections. */
function madeBy(node: ts.ClassDeclaration, ast: ts.SourceFile): string[] {
  const found = new Set<string>();
  const visit = (one: ts.Node): void => {
    if (ts.isNewExpression(one)) {
      const made = one.expression.getText(ast);
      if (made.includes(".") || (one.arguments?.length ?? 0) >= 2) found.add(made);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
  return [...found].sort();
}

const cell = (text: string) => text.replaceAll("|", "\\|");
const code = (text: string) => `\`${cell(text)}\``;

function chapter({ name, path, text, args, outputs, makes }: Component): string {
  return [
    `### ${name}`,
    "",
    `${text === "" ? "" : `${text} `}([${path}](../${path}))`,
    ...table("argument", args),
    ...table("output", outputs),
    ...(makes.length === 0 ? [] : ["", `Makes ${makes.map(code).join(", ")}.`]),
  ].join("\n");
}

const shownType = (type: string) => code(type.length <= 90 ? type : `${type.slice(0, 87)}…`);

function table(title: string, members: readonly Member[]): string[] {
  if (members.length === 0) return [];
  const rows = members.map(
    ({ name, type, optional, text }) =>
      `| ${code(optional ? `${name}?` : name)} | ${shownType(type)} | ${cell(text)} |`,
  );
  return ["", `| ${title} | type | what it is |`, "| --- | --- | --- |", ...rows];
}

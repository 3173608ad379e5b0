import { filled, placeholders, type Unit, type UnitPattern, type Units } from "../../config/units.ts";
import { expressionOf, shapesOf, type PatternExpression, type PatternShape } from "./pattern.ts";

/** A pattern with the unit it gives its paths to, and its turn. */
export interface Rule {
  /** From 0; the lowest that matches takes the path. */
  order: number;
  unit: Unit;
  pattern: UnitPattern;
}

/** Where a path belongs. */
export interface Route {
  /** Name of the unit, placeholders filled. */
  unit: string;
  /** The unit as declared. */
  declared: Unit;
  stacks: string[];
  /** Undefined where no pattern matched and the fallback took the path. */
  rule: Rule | undefined;
}

export interface Router {
  readonly rules: readonly Rule[];
  readonly units: Units;
  route(path: string): Route;
}

type OrderedExpression = PatternExpression & { order: number };

/** What a folder already decides for all files in it. */
interface FolderFacts {
  /** Order of the first rule that takes all that is in the folder. */
  taken: number;
  /** Expressions that may match below the folder, in no order. */
  candidates: readonly OrderedExpression[];
  /** Whether folders below may differ from this one though the tables do not name them. */
  bySubfolder: boolean;
  /** Expressions to ask for each file of the folder, in order, before that rule. */
  ask: readonly OrderedExpression[];
}

interface Tables {
  files: Map<string, number>;
  folders: Map<string, number>;
  names: Map<string, number>;
  endings: Map<string, number>;
  /** By the literal folder below which they may match. */
  expressions: Map<string, OrderedExpression[]>;
  /** Segments of the deepest folder in `folders` and `expressions`. */
  depth: number;
}

const nobody = Number.POSITIVE_INFINITY;

/** Rules in the order in which they are asked. */
export function rulesOf({ units }: Units): Rule[] {
  return units
    .flatMap((unit) => unit.patterns.map((pattern) => ({ unit, pattern })))
    .map((rule, order) => ({ ...rule, order }));
}

/** Compiles the units once; a path then costs a few look-ups, however many units there are. */
export function createRouter(units: Units): Router {
  const rules = rulesOf(units);
  const tables = tablesOf(rules);
  const names = rules.map(({ pattern: { glob } }) => (placeholders(glob).length > 0 ? expressionOf(glob) : undefined));
  const fallback = units.units.find(({ name }) => name === units.fallback);
  if (fallback === undefined) throw new Error(`there is no fallback unit ${units.fallback}`);
  const factsOf = folderFacts(tables);
  const order = (path: string): number => {
    const slash = path.lastIndexOf("/");
    return firstRule(tables, factsOf(path, slash), path, slash);
  };
  return {
    rules,
    units,
    route: (path) => {
      const at = order(path);
      return routeTo(rules[at], names[at], path, fallback);
    },
  };
}

function routeTo(rule: Rule | undefined, names: RegExp | undefined, path: string, fallback: Unit): Route {
  const declared = rule?.unit ?? fallback;
  if (rule === undefined || names === undefined)
    return { unit: declared.name, declared, stacks: declared.stacks, rule };
  const captures = names.exec(path)?.groups ?? {};
  return {
    unit: filled(declared.name, captures),
    declared,
    stacks: declared.stacks.map((stack) => filled(stack, captures)),
    rule,
  };
}

function tablesOf(rules: readonly Rule[]): Tables {
  const tables: Tables = {
    files: new Map(),
    folders: new Map(),
    names: new Map(),
    endings: new Map(),
    expressions: new Map(),
    depth: 0,
  };
  for (const { order, pattern } of rules) for (const one of shapesOf(pattern.glob)) enter(tables, order, one);
  for (const folder of [...tables.folders.keys(), ...tables.expressions.keys()])
    tables.depth = Math.max(tables.depth, folder.split("/").length);
  return tables;
}

function enter(tables: Tables, order: number, found: PatternShape): void {
  const first = (table: Map<string, number>, key: string) => void (table.has(key) || table.set(key, order));
  switch (found.shape) {
    case "file":
      return first(tables.files, found.path);
    case "folder":
      return first(tables.folders, found.path);
    case "name":
      return first(tables.names, found.name);
    case "ending":
      return first(tables.endings, found.ending);
    case "expression": {
      const same = tables.expressions.get(found.below) ?? [];
      same.push({ ...found, order });
      tables.expressions.set(found.below, same);
    }
  }
}

/**
 * Facts of the folder a path lies in; each folder is looked at once. Below the deepest folder that the tables name nothing new is decided,
 * unless an expression has to see the whole folder, so most folders share the facts of one far above.
 */
function folderFacts(tables: Tables): (path: string, end: number) => FolderFacts {
  const known = new Map<string, FolderFacts>();
  const factsOf = (folder: string): FolderFacts => {
    let facts = known.get(folder);
    if (facts !== undefined) return facts;
    const above = folder === "" ? undefined : factsOf(folder.slice(0, Math.max(folder.lastIndexOf("/"), 0)));
    const own = tables.expressions.get(folder);
    const candidates = own === undefined ? (above?.candidates ?? []) : [...(above?.candidates ?? []), ...own];
    facts = decide(folder, candidates, Math.min(above?.taken ?? nobody, tables.folders.get(folder) ?? nobody));
    known.set(folder, facts);
    return facts;
  };
  return (path, end) => {
    let cut = -1;
    for (let depth = 0; depth < tables.depth && cut !== end; depth += 1) cut = path.indexOf("/", cut + 1);
    const facts = factsOf(path.slice(0, Math.max(cut, 0)));
    return facts.bySubfolder && cut !== end ? factsOf(path.slice(0, end)) : facts;
  };
}

function decide(folder: string, candidates: readonly OrderedExpression[], literal: number): FolderFacts {
  let taken = literal;
  const ask: OrderedExpression[] = [];
  for (const one of candidates) {
    if (one.order >= taken || (one.folder !== undefined && !one.folder.test(folder))) continue;
    if (one.rest === undefined) taken = one.order;
    else ask.push(one);
  }
  const bySubfolder = candidates.some((one) => one.folder !== undefined);
  return {
    taken,
    candidates,
    bySubfolder,
    ask: ask.filter(({ order }) => order < taken).sort((a, b) => a.order - b.order),
  };
}

function firstRule(tables: Tables, facts: FolderFacts, path: string, slash: number): number {
  const name = path.slice(slash + 1);
  const dot = name.lastIndexOf(".");
  const first = Math.min(
    facts.taken,
    tables.files.get(path) ?? nobody,
    // A submodule, or a file where a folder was.
    tables.folders.get(path) ?? nobody,
    tables.names.get(name) ?? nobody,
    dot === -1 ? nobody : (tables.endings.get(name.slice(dot)) ?? nobody),
  );
  for (const { order, rest } of facts.ask) {
    if (order >= first) break;
    if (rest?.expression.test(rest.of === "name" ? name : path)) return order;
  }
  return first;
}

import { filled, placeholders, type Unit, type UnitPattern, type Units } from "../../config/units.ts";
import { expressionOf, shapeOf } from "./pattern.ts";

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

interface Slow {
  order: number;
  expression: RegExp;
}

/** What a folder already decides for all files in it. */
interface FolderFacts {
  /** Order of the first rule that takes the whole folder. */
  taken: number;
  /** Rules to ask for each file, before that one, in order. */
  ask: readonly Slow[];
}

interface Tables {
  files: Map<string, number>;
  folders: Map<string, number>;
  names: Map<string, number>;
  endings: Map<string, number>;
  others: Map<string, Slow[]>;
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
  const facts = new Map<string, FolderFacts>();
  const order = (path: string): number => {
    const slash = path.lastIndexOf("/");
    const folder = slash === -1 ? "" : path.slice(0, slash);
    let known = facts.get(folder);
    if (known === undefined) facts.set(folder, (known = factsOf(tables, folder)));
    return firstRule(tables, known, path, path.slice(slash + 1));
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
    others: new Map(),
  };
  const first = (table: Map<string, number>, key: string, order: number) => {
    if (!table.has(key)) table.set(key, order);
  };
  for (const { order, pattern } of rules) {
    const found = shapeOf(pattern.glob);
    switch (found.shape) {
      case "file":
        first(tables.files, found.path, order);
        break;
      case "folder":
        first(tables.folders, found.path, order);
        break;
      case "name":
        first(tables.names, found.name, order);
        break;
      case "ending":
        first(tables.endings, found.ending, order);
        break;
      case "other": {
        const others = tables.others.get(found.folder) ?? [];
        tables.others.set(found.folder, [...others, { order, expression: found.expression }]);
      }
    }
  }
  return tables;
}

function factsOf(tables: Tables, folder: string): FolderFacts {
  let taken = nobody;
  const ask = [...(tables.others.get("") ?? [])];
  for (let end = folder.indexOf("/"); folder !== ""; end = folder.indexOf("/", end + 1)) {
    const above = end === -1 ? folder : folder.slice(0, end);
    taken = Math.min(taken, tables.folders.get(above) ?? nobody);
    ask.push(...(tables.others.get(above) ?? []));
    if (end === -1) break;
  }
  return { taken, ask: ask.filter(({ order }) => order < taken).sort((a, b) => a.order - b.order) };
}

function firstRule(tables: Tables, facts: FolderFacts, path: string, name: string): number {
  const dot = name.lastIndexOf(".");
  const first = Math.min(
    facts.taken,
    tables.files.get(path) ?? nobody,
    // A submodule, or a file where a folder was.
    tables.folders.get(path) ?? nobody,
    tables.names.get(name) ?? nobody,
    dot === -1 ? nobody : (tables.endings.get(name.slice(dot)) ?? nobody),
  );
  for (const { order, expression } of facts.ask) {
    if (order >= first) break;
    if (expression.test(path)) return order;
  }
  return first;
}

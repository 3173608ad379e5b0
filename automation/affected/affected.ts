import { placeholders, type Unit } from "../../config/units.ts";
import type { Route, Router } from "./router.ts";

/** One step of the reason why a unit is affected. */
export type ReasonStep =
  /** A changed path and the pattern that took it; without a pattern the fallback did. */
  | { kind: "file"; path: string; pattern: string | undefined; line: number | undefined }
  | { kind: "unit"; unit: string }
  /** Not from a file: everything is affected. */
  | { kind: "everything"; why: string };

export interface AffectedUnit {
  unit: string;
  /** Stacks that are deployed from it, in the order of the units file. */
  stacks: string[];
  /** From the cause to this unit, which is the last step. */
  reason: ReasonStep[];
  /** True where a file of its own changed, false where only what it needs did. */
  direct: boolean;
  /** Changed paths of its own; 0 where it is affected by what it needs or where everything is. */
  files: number;
  /** Affected units it needs itself. */
  needs: string[];
  /** 0 for a unit that needs no other affected one, else one more than the highest of those. */
  wave: number;
}

export interface AffectedInput {
  router: Router;
  /** Changed paths, or the reason why all units count as changed. */
  changes: readonly string[] | { everything: string };
  /** All paths at the head: they tell which units there are. */
  paths: readonly string[];
  /** Whether a change is felt in the units that need the changed one. */
  dependents: boolean;
}

interface Instance {
  name: string;
  declared: Unit;
  stacks: string[];
}

interface Hit {
  instance: Instance;
  reason: ReasonStep[];
  direct: boolean;
  files: number;
}

/** The affected units with their reasons, those first that others need. Pure, and linear in the number of paths. */
export function affectedUnits(input: AffectedInput): AffectedUnit[] {
  const { router, changes } = input;
  const hits = new Map<string, Hit>();
  const routes = isList(changes) ? changes.map((path) => ({ path, route: router.route(path) })) : [];
  for (const { path, route } of routes) addFile(hits, path, route);
  const instances = instancesOf(
    input,
    routes.map(({ route }) => route),
  );
  if (!isList(changes)) for (const instance of instances.values()) addEverything(hits, instance, changes.everything);
  if (input.dependents) addDependents(hits, instances);
  return inWaves(router, hits);
}

const isList = (changes: AffectedInput["changes"]): changes is readonly string[] => Array.isArray(changes);

function addFile(hits: Map<string, Hit>, path: string, route: Route): void {
  const known = hits.get(route.unit);
  if (known !== undefined) {
    known.files += 1;
    return;
  }
  const { glob: pattern, line } = route.rule?.pattern ?? {};
  const reason: ReasonStep[] = [
    { kind: "file", path, pattern, line },
    { kind: "unit", unit: route.unit },
  ];
  hits.set(route.unit, { instance: instanceOf(route), reason, direct: true, files: 1 });
}

function addEverything(hits: Map<string, Hit>, instance: Instance, why: string): void {
  const reason: ReasonStep[] = [
    { kind: "everything", why },
    { kind: "unit", unit: instance.name },
  ];
  hits.set(instance.name, { instance, reason, direct: true, files: 0 });
}

const instanceOf = ({ unit: name, declared, stacks }: Route): Instance => ({ name, declared, stacks });

/** Every unit there is: those that own a path at the head, and those that owned one that was deleted. */
function instancesOf({ router, paths }: AffectedInput, changed: readonly Route[]): Map<string, Instance> {
  const instances = new Map<string, Instance>();
  const add = (route: Route) => {
    if (!instances.has(route.unit)) instances.set(route.unit, instanceOf(route));
  };
  changed.forEach(add);
  for (const path of paths) add(router.route(path));
  return instances;
}

/** Breadth first, so that every reason is the shortest there is. */
function addDependents(hits: Map<string, Hit>, instances: ReadonlyMap<string, Instance>): void {
  const dependents = new Map<string, Instance[]>();
  for (const instance of instances.values())
    for (const need of instance.declared.needs) dependents.set(need, [...(dependents.get(need) ?? []), instance]);
  const queue = [...hits.values()];
  for (const hit of queue)
    for (const instance of dependents.get(hit.instance.declared.name) ?? []) {
      if (hits.has(instance.name)) continue;
      const reason: ReasonStep[] = [...hit.reason, { kind: "unit", unit: instance.name }];
      const next = { instance, reason, direct: false, files: 0 };
      hits.set(instance.name, next);
      queue.push(next);
    }
}

/** By wave, then in the order of the units file, then by name. */
function inWaves(router: Router, hits: ReadonlyMap<string, Hit>): AffectedUnit[] {
  const order = new Map(router.units.units.map(({ name }, index) => [name, index]));
  const byDeclared = Map.groupBy(hits.values(), ({ instance }) => instance.declared.name);
  const waves = new Map<string, number>();
  const waveOf = (declared: Unit): number => {
    const known = waves.get(declared.name);
    if (known !== undefined) return known;
    const needed = router.units.units.filter(({ name }) => declared.needs.includes(name) && byDeclared.has(name));
    const wave = needed.reduce((highest, one) => Math.max(highest, waveOf(one) + 1), 0);
    waves.set(declared.name, wave);
    return wave;
  };
  const units = [...hits.values()].map(({ instance: { name: unit, declared, stacks }, reason, direct, files }) => {
    const needs = declared.needs.flatMap((need) => (byDeclared.get(need) ?? []).map(({ instance }) => instance.name));
    return {
      place: order.get(declared.name) ?? 0,
      value: { unit, stacks, reason, direct, files, needs, wave: waveOf(declared) },
    };
  });
  units.sort((a, b) => a.value.wave - b.value.wave || a.place - b.place || (a.value.unit < b.value.unit ? -1 : 1));
  return units.map(({ value }) => value);
}

/** The same units as far as they reach one stack; what does not reach it is left out. */
export function reaching(units: readonly AffectedUnit[], stack: string): AffectedUnit[] {
  return units.filter(({ stacks }) => stacks.includes(stack)).map((one) => ({ ...one, stacks: [stack] }));
}

/** Stacks that any of the units reaches, in the order given. */
export function stacksOf(units: readonly AffectedUnit[], order: readonly string[]): string[] {
  const reached = new Set(units.flatMap(({ stacks }) => stacks));
  return order.filter((stack) => reached.has(stack));
}

/** The same units without stacks that are no longer there: settings of a deleted stack are deployed nowhere. */
export function withinStacks(units: readonly AffectedUnit[], known: readonly string[]): AffectedUnit[] {
  return units.map((one) => ({ ...one, stacks: one.stacks.filter((stack) => known.includes(stack)) }));
}

/** Stacks that the units file names and the checkout does not have, as `unit: stack`. */
export function unknownStacks(router: Router, known: readonly string[]): string[] {
  const declared = router.units.units.flatMap(({ name, stacks }) => stacks.map((stack) => ({ name, stack })));
  return declared
    .filter(({ stack }) => placeholders(stack).length === 0 && !known.includes(stack))
    .map(({ name, stack }) => `${name}: ${stack}`);
}

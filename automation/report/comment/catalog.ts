import { isDeepStrictEqual } from "node:util";
import type { DatasetDefinition } from "../../../config/datasets.ts";
import { columnRules } from "../data-catalog.ts";
import type { CatalogChange } from "./model.ts";

type Column = DatasetDefinition["columns"][number];
type Line = CatalogChange["lines"][number];

const breaks = (text: string): Line => ({ text, breaking: true });
const keeps = (text: string): Line => ({ text, breaking: false });

/** What changes for readers and writers of the lake's tables between two versions of their definitions. */
export function catalogChanges(
  before: readonly DatasetDefinition[],
  after: readonly DatasetDefinition[],
): CatalogChange[] {
  const [old, next] = [byName(before), byName(after)];
  const names = [...new Set([...old.keys(), ...next.keys()])].sort();
  return names.flatMap((dataset): CatalogChange[] => {
    const [was, is] = [old.get(dataset), next.get(dataset)];
    if (was === undefined) return [{ dataset, status: "added", lines: [] }];
    if (is === undefined) return [{ dataset, status: "removed", lines: [] }];
    const lines = linesOf(was, is);
    return lines.length === 0 ? [] : [{ dataset, status: "changed", lines }];
  });
}

const byName = <T extends { name: string }>(all: readonly T[]) => new Map(all.map((one) => [one.name, one]));

function linesOf(was: DatasetDefinition, is: DatasetDefinition): Line[] {
  const changed = (name: "key" | "version" | "partition" | "source") => !isDeepStrictEqual(was[name], is[name]);
  return [
    ...(changed("key") ? [breaks(`key: ${was.key.join(", ")} -> ${is.key.join(", ")}`)] : []),
    ...(changed("partition") ? [breaks(`partitioned by: ${partition(was)} -> ${partition(is)}`)] : []),
    ...(changed("version") ? [keeps(`newest row by: ${was.version ?? "none"} -> ${is.version ?? "none"}`)] : []),
    ...(changed("source") ? [keeps(`from: ${was.source} -> ${is.source}`)] : []),
    ...columnLines(byName(was.columns), byName(is.columns)),
    ...(was.ruleset.trim() === is.ruleset.trim() ? [] : [keeps("its quality rules change")]),
  ];
}

const partition = ({ partition: { column, from, transform } }: DatasetDefinition) =>
  `${column} (${transform} of ${from})`;

function columnLines(old: ReadonlyMap<string, Column>, next: ReadonlyMap<string, Column>): Line[] {
  const gone = [...old.keys()].filter((name) => !next.has(name)).map((name) => breaks(`column ${name} is gone`));
  const others = [...next.values()].flatMap((column) => {
    const was = old.get(column.name);
    if (was !== undefined) return changedColumn(was, column);
    // Deliveries of today lack the column, so they would all go to the quarantine.
    const text = `column ${column.name} ${column.type} is new`;
    return [column.required ? breaks(`${text} and required`) : keeps(text)];
  });
  return [...gone, ...others];
}

function changedColumn(was: Column, is: Column): Line[] {
  const { name } = is;
  const [old, next] = [columnRules(was), columnRules(is)];
  return [
    ...(was.type === is.type ? [] : [breaks(`column ${name}: ${was.type} -> ${is.type}`)]),
    ...(was.required === is.required
      ? []
      : [is.required ? breaks(`column ${name} becomes required`) : breaks(`column ${name} may be missing`)]),
    ...(old === next ? [] : [keeps(`column ${name}: rules ${old || "none"} -> ${next || "none"}`)]),
  ];
}

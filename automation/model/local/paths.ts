/** One part of a path such as `a.b['c'][0]`. */
export type Segment = { name: string } | { key: string } | { index: number };

const segment = /(?<=^|\.)([A-Za-z_][\w-]*)(?:\.(?=[A-Za-z_]))?|\[(\d+)\]\.?|\['([^']+)'\]\.?|\["([^"]+)"\]\.?/y;

/** The parts of a path; undefined for a text that is none. */
export function parsePath(path: string): Segment[] | undefined {
  if (path === "" || path.endsWith(".")) return undefined;
  const parts: Segment[] = [];
  segment.lastIndex = 0;
  while (segment.lastIndex < path.length) {
    const match = segment.exec(path);
    if (match === null) return undefined;
    const [, name, index, single, double] = match;
    if (name !== undefined) parts.push({ name });
    else if (index !== undefined) parts.push({ index: Number(index) });
    else parts.push({ key: single ?? double ?? "" });
  }
  return parts;
}

/** One spelling of a path, whatever quotes it was written with. */
export function spell(parts: readonly Segment[]): string {
  return parts
    .map((part, at) => {
      if ("index" in part) return `[${part.index}]`;
      return "key" in part ? `['${part.key}']` : `${at === 0 ? "" : "."}${part.name}`;
    })
    .join("");
}

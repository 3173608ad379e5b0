/**
 * Pulumi's property path in its steps: `a.b[0]["c.d"]` is a, b, 0, c.d. What is no path comes back as the one step that it then
 * must be.
 */
export function pathSteps(path: string): string[] {
  const steps: string[] = [];
  const step = /(?:^|\.)([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
  let at = 0;
  while (at < path.length) {
    step.lastIndex = at;
    const found = step.exec(path);
    if (found === null) return [path];
    const [, name, index, quoted] = found;
    steps.push(name ?? index ?? (quoted ?? "").replaceAll(/\\(.)/g, "$1"));
    at = step.lastIndex;
  }
  return steps;
}

/** The steps for a person, the way Pulumi writes them. */
export const pathText = (steps: readonly string[]): string =>
  steps.reduce((text, step) => {
    if (/^\d+$/.test(step)) return `${text}[${step}]`;
    if (!/^[\w$-]+$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");

export const valueAt = (value: unknown, steps: readonly string[]): unknown =>
  steps.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[step] : undefined,
    value,
  );

import { shownPath } from "../finding.ts";
import type { JsonPath } from "../json/document.ts";

/** A stage or a branch, and how many documents came there. */
export interface CoveragePoint {
  /** As people write it, e.g. `pipeline[2].$match`. */
  stage: string;
  path: JsonPath;
  branch: string | undefined;
  count: number;
}

/** What documents reached: every stage, both ways out of a filter, every branch of a conditional expression. */
export class Coverage {
  readonly points: CoveragePoint[] = [];
  readonly #branches = new WeakMap<object, ReadonlyMap<string, CoveragePoint>>();

  point(path: JsonPath, branch?: string): () => void {
    const point = this.#add(path, branch);
    return () => void (point.count += 1);
  }

  branches(expression: object, path: JsonPath, names: readonly string[]): void {
    this.#branches.set(expression, new Map(names.map((name) => [name, this.#add(path, name)])));
  }

  took(expression: object, branch: string): void {
    const point = this.#branches.get(expression)?.get(branch);
    if (point !== undefined) point.count += 1;
  }

  #add(path: JsonPath, branch: string | undefined): CoveragePoint {
    const point = { stage: shownPath(path), path, branch, count: 0 };
    this.points.push(point);
    return point;
  }
}

/** A number that a job prints, as its definition finds it. */
export interface MetricDefinition {
  Name: string;
  Regex: string;
}

/** Collects the metrics of a job's output line by line; what is printed last counts. */
export class MetricReader {
  readonly values = new Map<string, number>();
  readonly #definitions: { name: string; regex: RegExp }[];

  constructor(definitions: readonly MetricDefinition[]) {
    this.#definitions = definitions.map(({ Name, Regex }) => ({ name: Name, regex: new RegExp(Regex) }));
  }

  read(line: string): void {
    for (const { name, regex } of this.#definitions) {
      const value = Number(regex.exec(line)?.[1] ?? Number.NaN);
      if (Number.isFinite(value)) this.values.set(name, value);
    }
  }
}

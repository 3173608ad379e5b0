/** What a workload's folder holds, by which its checks are known. */
export interface ServiceFolder {
  name: string;
  /** Whether an image is built from it. */
  image: boolean;
  /** Whether it is Python with tests. */
  python: boolean;
}

/** What a pull request has to pass. */
export interface Checks {
  /** Steps of `npm test`. */
  suites: string[];
  /** Folders of Python workloads. */
  workloads: string[];
  /** Services whose images are built, started and scanned. */
  services: string[];
  streams: boolean;
  model: boolean;
}

/** What takes seconds and looks at everything. */
const quick = ["typecheck", "lint", "unit"];
/** What starts servers and the real engine. */
const slow = ["kubernetes", "engine", "sandbox", "bootstrap", "e2e"];

const isWorkload = (unit: string) => /^(?:services\/.+|data|model|streams|frontend)$/u.test(unit);

/**
 * The checks that a change asks for, by the units that it reaches. Workloads are held to their own; whatever carries all of them, and
 * a unit that is not known here, to everything.
 */
export function checksOf(units: readonly string[], folders: readonly ServiceFolder[]): Checks {
  const carrying = units.filter((unit) => unit !== "docs" && !isWorkload(unit));
  const services = folders.filter(({ name }) => units.includes(`services/${name}`));
  return {
    suites: suitesFor(units, carrying),
    workloads: [
      ...services.filter(({ python }) => python).map(({ name }) => `services/${name}`),
      ...["data", "model"].filter((unit) => units.includes(unit)),
    ],
    services: services.filter(({ image }) => image).map(({ name }) => name),
    streams: units.includes("streams"),
    model: units.includes("model"),
  };
}

function suitesFor(units: readonly string[], carrying: readonly string[]): string[] {
  if (carrying.length > 0) return [...quick, ...slow];
  if (units.some(isWorkload)) return quick;
  return units.length > 0 ? ["lint", "unit"] : [];
}

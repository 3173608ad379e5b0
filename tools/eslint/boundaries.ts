/** Folders of the checkout that know about each other only in the ways that `boundaryViolation` allows. */
const productFolders = ["automation", "components", "config", "policy", "sandbox", "program"] as const;

/** The one place in product code that points the driver at the sandbox. */
const sandboxSwitch = "automation/engine/sandbox.ts";
/** The error type is the only thing of the driver that everybody may use. */
const sharedErrors = "automation/errors.ts";
/** The one file that brings the packing of a release into the program. */
const releaseBridge = "config/release.ts";

interface Boundary {
  applies(from: string, to: string): boolean;
  reason: string;
}

const inside = (folder: string) => (path: string) => path === folder || path.startsWith(`${folder}/`);
const [inAutomation, inComponents, inConfig, inPolicy, inSandbox, inProgram] = productFolders.map(inside) as [
  Test,
  Test,
  Test,
  Test,
  Test,
  Test,
];
type Test = (path: string) => boolean;
/** The definition of the model pipeline, which components and the driver both read. */
const inPipeline = inside("model/pipeline");
/** What stream processors are and do, which the program, the driver and the sandbox all read. */
const inStreamEngine = inside("streams/engine");
/** What rules of the policy pack and components both ask. */
const inPredicates = inside("policy/predicates");
const inProduct: Test = (path) => path === "index.ts" || productFolders.some((folder) => inside(folder)(path));

const boundaries: readonly Boundary[] = [
  {
    applies: (from, to) => inComponents(from) && inConfig(to),
    reason: "components take arguments, they do not read configuration: pass the value in from program/",
  },
  {
    applies: (from, to) => inComponents(from) && inAutomation(to),
    reason: "components must work under bare `pulumi up`: nothing of the driver may be needed to build them",
  },
  {
    applies: (from, to) => inProduct(from) && !inProgram(from) && !inComponents(from) && inComponents(to),
    reason: "only program/ composes components: everybody else meets them through stack outputs",
  },
  {
    applies: (from, to) => inProduct(from) && from !== "index.ts" && !inProgram(from) && inProgram(to),
    reason: "program/ is the program itself: only index.ts starts it",
  },
  {
    applies: (from, to) => inProgram(from) && inAutomation(to) && to !== sharedErrors,
    reason: "the program must work under bare `pulumi up`: nothing of the driver may be needed to run it",
  },
  {
    applies: (from, to) => inProduct(from) && !inSandbox(from) && from !== sandboxSwitch && inSandbox(to),
    reason: `product code reaches the sandbox through ${sandboxSwitch} alone`,
  },
  {
    applies: (from, to) => inSandbox(from) && (inConfig(to) || (inAutomation(to) && to !== sharedErrors)),
    reason: "the sandbox is a cloud: it knows neither the program nor the driver",
  },
  {
    applies: (from, to) => inConfig(from) && inAutomation(to) && to !== sharedErrors && !releaseMayCross(from, to),
    reason: `configuration meets the driver in ${releaseBridge} alone, and there only automation/release`,
  },
  {
    applies: (from, to) => inPolicy(from) && !inPolicy(to) && to !== sharedErrors,
    reason: "the policy pack is started by an engine alone: it needs neither the program nor the driver",
  },
  {
    applies: (from, to) => (inComponents(from) || inProgram(from)) && inPolicy(to) && !inPredicates(to),
    reason: "components share policy/predicates with the rules, and do not judge by the rules themselves",
  },
  {
    applies: (from, to) => inPipeline(from) && !inPipeline(to),
    reason: "the pipeline's definition stands alone: components and the driver read it, it reads neither",
  },
  {
    applies: (from, to) => inStreamEngine(from) && !inStreamEngine(to),
    reason: "the engine of streams stands alone: program, driver and sandbox read it, it reads none of them",
  },
  {
    applies: (from, to) => inProduct(from) && to === "index.ts",
    reason: "index.ts is the entry of the program: nothing imports it",
  },
  {
    applies: (from, to) => inProduct(from) && /^(test|tools|bench)\//.test(to),
    reason: "product code stands without tests and tools",
  },
];

function releaseMayCross(from: string, to: string): boolean {
  return from === releaseBridge && inside("automation/release")(to);
}

/**
 * Why the file `from` must not import the file `to`, or undefined where it may. Both are `/`-separated paths relative to
 * the root of the checkout. Types count as much as values: a type is knowledge too.
 */
export function boundaryViolation(from: string, to: string): string | undefined {
  return boundaries.find((boundary) => boundary.applies(from, to))?.reason;
}

import path from "node:path";
import { ensureActionlint } from "./actionlint.ts";
import { runMocha, slowFolders, testFiles } from "./mocha.ts";
import { run, runAsOneTest } from "./process.ts";
import { ensureApiServer } from "./kubernetes.ts";
import { ensureVenv, runPython } from "./python.ts";
import { addResults, type Suite, type SuiteContext } from "./suite.ts";

const minute = 60_000;
/** Far beyond what a fast test takes even on a busy machine: only a test that hangs reaches it. */
const fastTimeout = 30_000;

/** What a suite's tests run on, made beforehand: it takes minutes the first time, and its progress is to be seen. */
const preparations: Record<(typeof slowFolders)[number], (context: SuiteContext) => Promise<void>> = {
  kubernetes: async (context) => {
    const { root, environment, say } = context;
    const { reason } = await ensureApiServer(root, environment, say);
    if (reason !== undefined) say(`  the API server is not built: ${reason}`);
    await ensureEngine(context);
  },
  engine: ensureEngine,
  sandbox: ensureEngine,
  bootstrap: ensureEngine,
  e2e: ensureEngine,
};

const titles: Record<(typeof slowFolders)[number], string> = {
  kubernetes: "the services' manifests against a real API server",
  engine: "the engine: finding, installing and running Pulumi",
  sandbox: "the sandbox's providers under the real engine",
  bootstrap: "state and records in a bucket, against a local S3 and KMS",
  e2e: "the driver end to end in throw-away repositories",
};

const bin = ({ root }: SuiteContext, name: string) => path.join(root, "node_modules", ".bin", name);

const checks: readonly Suite[] = [
  {
    name: "typecheck",
    title: "tsc over every file",
    async run(context) {
      const program = await runAsOneTest(bin(context, "tsc"), ["--noEmit"], context);
      // What runs in a browser knows other globals, and so has settings of its own.
      return addResults(program, await runAsOneTest(bin(context, "tsc"), ["--noEmit", "-p", "services/web"], context));
    },
  },
  {
    name: "lint",
    title: "eslint and prettier over every file",
    async run(context) {
      const lint = await runAsOneTest(bin(context, "eslint"), ["."], context);
      const format = await runAsOneTest(bin(context, "prettier"), ["--check", "--log-level", "warn", "."], context);
      return { passed: lint.passed + format.passed, failed: lint.failed + format.failed, skipped: [] };
    },
  },
  {
    name: "unit",
    title: "everything that needs no engine",
    async run(context) {
      // Stores and leases are tested against a server that lives there; making it takes longer than a test may.
      await ensureVenv(context);
      const { reason } = await ensureActionlint(context.root, context.environment);
      if (reason !== undefined) context.say(`  the workflows are not linted: ${reason}`);
      return runMocha(await testFiles(context.root), fastTimeout, context);
    },
  },
];

const python: Suite = { name: "python", title: "the workloads, in .venv", run: runPython };

/** All suites, the quick ones first. */
export const suites: readonly Suite[] = [...checks, python, ...slowFolders.map(engineSuite)];

function engineSuite(folder: (typeof slowFolders)[number]): Suite {
  return {
    name: folder,
    title: titles[folder],
    async run(context) {
      await preparations[folder](context);
      await ensureVenv(context);
      return runMocha(await testFiles(context.root, folder), 5 * minute, context);
    },
  };
}

let engine: Promise<void> | undefined;

/** A first build of the engine takes minutes: it is done here, where its progress is seen, and not inside a test. */
function ensureEngine(context: SuiteContext): Promise<void> {
  return (engine ??= (async () => {
    const { code } = await run(process.execPath, ["automation/main.ts", "doctor", "--install"], context);
    if (code !== 0)
      throw new Error(`the Pulumi engine is not there: \`./slipway doctor --install\` ended with ${code}`);
  })());
}

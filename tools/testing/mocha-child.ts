// Runs test files in a process of their own and sends the counts to the parent: node mocha-child.ts <timeout> <file>...
import path from "node:path";
import Mocha from "mocha";
import type { SuiteResult } from "./suite.ts";

const [timeout, ...files] = process.argv.slice(2);
const root = process.cwd();

/** One line per file as it ends, failures in full after the last one. */
class FileReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    for (const event of ["pass", "fail", "pending"] as const)
      runner.on(event, (test: Mocha.Test) => this.#count(test.file, event));
    runner.once("end", () => {
      this.#finishFile();
      if (this.failures.length > 0) this.epilogue();
    });
  }

  #file: string | undefined;
  #started = performance.now();
  #counts = { pass: 0, fail: 0, pending: 0 };

  #count(file: string | undefined, event: "pass" | "fail" | "pending") {
    if (file !== this.#file) this.#finishFile();
    this.#file = file;
    this.#counts[event] += 1;
  }

  #finishFile() {
    const { pass, fail, pending } = this.#counts;
    if (this.#file !== undefined) {
      const parts = [`${pass} passed`, fail > 0 ? `${fail} failed` : "", pending > 0 ? `${pending} skipped` : ""];
      const seconds = ((performance.now() - this.#started) / 1000).toFixed(1);
      const mark = fail > 0 ? "FAIL" : "ok  ";
      console.log(`  ${mark} ${path.relative(root, this.#file)}: ${parts.filter(Boolean).join(", ")} (${seconds} s)`);
    }
    this.#started = performance.now();
    this.#counts = { pass: 0, fail: 0, pending: 0 };
  }
}

const mocha = new Mocha({ timeout: Number(timeout), forbidOnly: true, reporter: FileReporter });
for (const file of files) mocha.addFile(path.resolve(file));
await mocha.loadFilesAsync();

const result: SuiteResult = { passed: 0, failed: 0, skipped: [] };
const runner = mocha.run(() => process.send?.(result, () => process.exit(result.failed === 0 ? 0 : 1)));
runner.on("pass", () => (result.passed += 1));
runner.on("fail", () => (result.failed += 1));
runner.on("pending", (test) => void result.skipped.push(`${test.fullTitle()}: skipped by the test`));

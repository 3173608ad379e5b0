import assert from "node:assert/strict";
import { join } from "node:path";
import { readStreamFolder } from "../../automation/streams/project.ts";
import { loadTest, runTest, type LoadedTest } from "../../streams/engine/testing/file.ts";
import type { Surroundings } from "../../streams/engine/testing/run.ts";
import { mutantsOf, type Mutant } from "./mutants.ts";

/**
 * Values of stages that change what Atlas does with time, space or money, and nothing that comes out: no test of documents can see them.
 */
const unseen: Readonly<Record<string, readonly RegExp[]>> = {
  machine_readings: [/\.timeseries\.metaField /],
  stock_levels: [/\.maxMemUsageBytes /],
  support_archive: [/\.region /],
};
/** Every number but zero keeps a field. */
const sameProjection = /\.\$project\.[\w.]+ is 2$/;

type Json = Parameters<typeof mutantsOf>[0];

describe("tests of the stream processors", function () {
  // Hundreds of pipelines run through their tests.
  this.timeout(60_000);
  const subjects: { test: LoadedTest; surroundings: Surroundings }[] = [];

  before(async () => {
    const { project } = await readStreamFolder(join(import.meta.dirname, "../../streams"));
    const processors = new Map(project.processors.map(({ name, pipeline, dlq }) => [name, { name, pipeline, dlq }]));
    const connections = project.connections.map(({ value }) => value);
    for (const { path, text } of project.tests.values()) {
      const { test } = loadTest(path, text, processors);
      assert.ok(test, path);
      const subject = processors.get(test.processor);
      assert.ok(subject);
      subjects.push({ test, surroundings: { subject, connections, versions: new Map() } });
    }
    assert.deepEqual(subjects.map(({ test }) => test.processor).sort(), [...processors.keys()].sort());
  });

  const passes = ({ test, surroundings }: (typeof subjects)[number], pipeline: readonly unknown[]): boolean => {
    const subject = { ...surroundings.subject, pipeline };
    return test.file.cases.every(
      ({ name }) => runTest(test, { ...surroundings, subject }, (each) => each === name).cases[0]?.status === "passed",
    );
  };

  it("pass", () => {
    for (const subject of subjects)
      assert.ok(passes(subject, subject.surroundings.subject.pipeline), subject.test.processor);
  });

  it("fail for every pipeline that differs in one stage or value", () => {
    const survivors: string[] = [];
    let count = 0;
    for (const subject of subjects) {
      const { name, pipeline } = subject.surroundings.subject;
      const hidden = ({ what }: Mutant) =>
        sameProjection.test(what) || (unseen[name]?.some((pattern) => pattern.test(what)) ?? false);
      for (const mutant of mutantsOf(pipeline as unknown as Json)) {
        if (hidden(mutant)) continue;
        count += 1;
        if (passes(subject, mutant.pipeline)) survivors.push(`${name}: ${mutant.what}`);
      }
    }
    assert.deepEqual(survivors, []);
    assert.ok(count > 400, `${count} pipelines were tried`);
  });
});

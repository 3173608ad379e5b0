import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import { DirectoryStore } from "../../../automation/store/directory.ts";
import {
  baselinesOf,
  chosenBaseline,
  idOfDefinitions,
  keepBaseline,
  type Baseline,
} from "../../../automation/streams/observe/baselines.ts";
import { failsWith, scratch } from "../../git/throw-away.ts";
import { profile } from "./made.ts";

const temporary = scratch();
after(() => temporary.clear());

const baseline = (letter: string, day: number, names = ["orders"]): Baseline => ({
  ...{ schema: 1, id: letter.repeat(64), takenAt: `2026-03-0${day}T00:00:00.000Z`, workspace: "w" },
  profiles: Object.fromEntries(names.map((name) => [name, profile({ processor: name })])),
});

describe("baselines of stream processors", () => {
  it("are kept by release, and read the newest first", async () => {
    const store = new DirectoryStore(temporary.directory());
    assert.deepEqual(await baselinesOf(store, "prod"), []);
    for (const one of [baseline("a", 1), baseline("b", 3), baseline("c", 2)]) await keepBaseline(store, "prod", one);
    await keepBaseline(store, "staging", baseline("d", 9));
    assert.deepEqual(
      (await baselinesOf(store, "prod")).map(({ id }) => id[0]),
      ["b", "c", "a"],
    );
  });

  it("of the same release keep processors that were not measured again", async () => {
    const store = new DirectoryStore(temporary.directory());
    await keepBaseline(store, "prod", baseline("a", 1, ["orders", "views"]));
    const again = baseline("a", 2);
    await Promise.all([keepBaseline(store, "prod", again), keepBaseline(store, "prod", baseline("a", 2, ["late"]))]);
    const [kept] = await baselinesOf(store, "prod");
    assert.deepEqual(
      [Object.keys(kept?.profiles ?? {}).sort(), kept?.takenAt],
      [["late", "orders", "views"], again.takenAt],
    );
  });

  it("that are damaged are named", async () => {
    const store = new DirectoryStore(temporary.directory());
    const key = await keepBaseline(store, "prod", baseline("a", 1));
    await store.put(key, `{"schema": 2}`);
    await assert.rejects(
      baselinesOf(store, "prod"),
      failsWith(ExitCode.unexpected, /baseline of stream processors is damaged/),
    );
  });

  it("are chosen by what is asked for, by what runs, and by age", () => {
    const all = [baseline("b", 3), baseline("c", 2), baseline("a", 1)];
    const choose = (against: string | undefined, running?: string) =>
      chosenBaseline(all, { against, running, environment: "prod" }).id[0];
    assert.deepEqual(
      [choose(undefined), choose(undefined, "a".repeat(64)), choose(undefined, "f".repeat(64))],
      ["b", "a", "b"],
    );
    assert.equal(choose("cc", "a".repeat(64)), "c");
    assert.throws(() => choose("ff"), failsWith(ExitCode.notFound, /no baseline begins with "ff"/));
    assert.throws(() => choose(""), failsWith(ExitCode.usage, /more than one baseline/));
    const none = { against: undefined, running: undefined, environment: "prod" };
    assert.throws(() => chosenBaseline([], none), failsWith(ExitCode.notFound, /prod has no baseline yet/));
  });

  it("without a release go by what ran, in whatever order", () => {
    const id = idOfDefinitions({ a: "sha256:1", b: null });
    assert.equal(id, idOfDefinitions({ b: null, a: "sha256:1" }));
    assert.notEqual(id, idOfDefinitions({ a: "sha256:2", b: null }));
  });
});

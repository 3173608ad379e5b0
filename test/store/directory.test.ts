import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { SlipwayError } from "../../automation/errors.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { withFileLock } from "../../automation/store/file-lock.ts";
import { scratch } from "../git/throw-away.ts";
import { storeContract, text } from "./store-contract.ts";

const PROCESSES = 5;
const writer = join(import.meta.dirname, "directory-writer.ts");

async function race(directory: string, count: number, key: string, condition: object): Promise<number> {
  const share = count / PROCESSES;
  const children = Array.from({ length: PROCESSES }, (_, at) =>
    spawn(process.execPath, [writer, directory, String(at * share), String(share), key, JSON.stringify(condition)], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const answers = children.map((child) => once(child.stdout, "data"));
  for (const child of children) child.stdin.write("go\n");
  const won = await Promise.all(answers);
  return won.reduce((total, [line]) => total + Number(String(line)), 0);
}

describe("DirectoryStore", () => {
  const temporary = scratch();
  after(() => temporary.clear());

  storeContract(() => {
    const directory = join(temporary.directory(), "made", "on", "demand");
    return Promise.resolve({
      open: () => new DirectoryStore(directory),
      race: (count, key, condition) =>
        race(directory, count, key, condition === "ifAbsent" ? { ifAbsent: true } : condition),
    });
  });

  it("loses no increment of a counter that many handles raise by ifMatch", async () => {
    const directory = temporary.directory();
    await new DirectoryStore(directory).put("counter", "0");
    const raise = async (): Promise<void> => {
      const store = new DirectoryStore(directory);
      for (;;) {
        const current = await store.get("counter");
        const next = String(Number(text(current)) + 1);
        if ((await store.put("counter", next, { ifMatch: current?.etag ?? "" })).ok) return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, raise));
    assert.equal(text(await new DirectoryStore(directory).get("counter")), "20");
  });

  it("frees its lock when the holder is killed", async () => {
    const directory = temporary.directory();
    const lock = join(directory, "~lock");
    const module = join(import.meta.dirname, "../../automation/store/file-lock.ts");
    const hold = `import { withFileLock } from ${JSON.stringify(module)};
      const stop = () => { process.kill(process.pid, "SIGSTOP"); return {}; };
      while (withFileLock(${JSON.stringify(lock)}, stop) === undefined);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", hold], { stdio: "ignore" });
    const exited = once(child, "exit");
    try {
      while (withFileLock(lock, () => ({})) !== undefined) await new Promise((resolve) => setImmediate(resolve));
    } finally {
      child.kill("SIGKILL");
    }
    await exited;
    assert.deepEqual(await new DirectoryStore(directory).put("k", "after"), {
      ok: true,
      etag: (await new DirectoryStore(directory).get("k"))?.etag,
    });
  }).timeout(10_000);

  it("leaves the old body and no pending file when the system refuses to write further", async () => {
    const directory = temporary.directory();
    await new DirectoryStore(directory).put("big", "old");
    const module = join(import.meta.dirname, "../../automation/store/directory.ts");
    const fill = `import { DirectoryStore } from ${JSON.stringify(module)};
      const error = await new DirectoryStore(${JSON.stringify(directory)}).put("big", "x".repeat(1 << 20)).catch((error) => error);
      console.log(JSON.stringify({ ...error, message: error.message }));`;
    const limited = ["-c", 'ulimit -f 16 && exec "$0" --input-type=module -e "$1"', process.execPath, fill];
    const { stdout } = await promisify(execFile)("bash", limited);
    const said = JSON.parse(stdout) as Record<string, string>;
    assert.match(said["message"] ?? "", /could not keep big: the file size limit is reached/u);
    assert.equal(said["where"], join(directory, "big"));
    assert.match(said["next"] ?? "", /run the same command again/u);
    assert.equal(text(await new DirectoryStore(directory).get("big")), "old");
    assert.deepEqual(readdirSync(join(directory, "~pending")), []);
  }).timeout(10_000);

  it("sweeps pending files of killed processes away, but only old ones", async () => {
    const directory = temporary.directory();
    const pending = join(directory, "~pending");
    mkdirSync(pending);
    writeFileSync(join(pending, "old"), "x");
    writeFileSync(join(pending, "young"), "x");
    utimesSync(join(pending, "old"), new Date(0), new Date(0));
    await new DirectoryStore(directory).put("k", "v");
    assert.deepEqual(readdirSync(pending), ["young"]);
  });

  it("names the place when a part of the path is a file", async () => {
    const directory = temporary.directory();
    const store = new DirectoryStore(directory);
    await store.put("a", "file");
    await assert.rejects(
      store.put("a/b", "x"),
      (error) => error instanceof SlipwayError && error.where === join(directory, "a/b"),
    );
    assert.equal(await store.get("a/b"), undefined);
  });
});

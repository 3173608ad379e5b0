import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutDebug } from "../../automation/engine/event-log.ts";

const debug = '{"sequence":1,"timestamp":1,"diagnosticEvent":{"message":"hunter2","color":"never","severity":"debug"}}';
const warning =
  '{"sequence":2,"timestamp":1,"diagnosticEvent":{"message":"careful","color":"never","severity":"warning"}}';
const unknown = '{"sequence":3,"timestamp":1,"somethingNewEvent":{"a":1}}';

describe("a finished event log", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-events-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("keeps everything but debug messages and a line that was cut off, for its owner alone", async () => {
    const file = join(folder, "dev.events.jsonl");
    await writeFile(file, [debug, warning, debug, unknown, '{"sequence":4,"diagn'].join("\n"));
    await withoutDebug(file);
    assert.equal(await readFile(file, "utf8"), `${warning}\n${unknown}\n`);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["dev.events.jsonl"]);
  });

  it("goes when it cannot be cleaned", async () => {
    const file = join(folder, "dev.events.jsonl");
    await writeFile(file, debug);
    await writeFile(`${file}.${process.pid}`, "in the way");
    await withoutDebug(file);
    assert.equal(existsSync(file), false);
  });
});

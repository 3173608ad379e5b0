import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createLineSplitter } from "../../automation/engine/lines.ts";
import { tailLines } from "../../automation/engine/tail.ts";

describe("lines of a growing file", () => {
  it("are the same however the bytes are cut", () => {
    const text = fc.array(fc.string({ unit: "binary", minLength: 1 }).filter((line) => !/\n/.test(line)));
    fc.assert(
      fc.property(text, fc.array(fc.nat(12)), fc.boolean(), (lines, cuts, ended) => {
        const bytes = Buffer.from(lines.join("\n") + (ended && lines.length > 0 ? "\n" : ""));
        const splitter = createLineSplitter();
        const got: string[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          got.push(...splitter.push(bytes.subarray(at, at + cut)));
          at += cut;
        }
        got.push(...splitter.flush());
        assert.deepEqual(got, Buffer.from(lines.join("\n")).toString().split("\n").filter(Boolean));
      }),
    );
  });

  describe("followed", () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "slipway-tail-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it("arrive while it grows, also when it is made later, and to the last", async () => {
      const file = join(folder, "events");
      const lines: string[] = [];
      let wake = () => undefined as void;
      const tail = tailLines(file, (line) => {
        lines.push(line);
        wake();
      });
      const next = async (count: number) => {
        while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve));
      };
      writeFileSync(file, "one\ntw");
      await next(1);
      appendFileSync(file, "ö\n");
      await next(2);
      appendFileSync(file, "three\nlast");
      await tail.close();
      await tail.close();
      assert.deepEqual(lines, ["one", "twö", "three", "last"]);
    });

    it("arrive again from the start when the writer begins the file anew", async () => {
      const file = join(folder, "events");
      const lines: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      writeFileSync(file, "look one\nlook two\n");
      const tail = tailLines(file, (line) => {
        lines.push(line);
        if (lines.length === 2) resolve();
      });
      await promise;
      writeFileSync(file, "done\n");
      await tail.close();
      assert.deepEqual(lines, ["look one", "look two", "done"]);
    });

    it("that are longer than one read arrive whole", async () => {
      const file = join(folder, "events");
      const long = "é".repeat(400_000);
      writeFileSync(file, `${long}\nend\n`);
      const lines: string[] = [];
      await tailLines(file, (line) => lines.push(line)).close();
      assert.deepEqual([lines[0] === long, lines[1]], [true, "end"]);
    });

    it("hand on what their reader throws", async () => {
      const file = join(folder, "events");
      writeFileSync(file, "one\n");
      const tail = tailLines(file, () => {
        throw new Error("reader");
      });
      await assert.rejects(tail.close(), /reader/);
    });
  });
});

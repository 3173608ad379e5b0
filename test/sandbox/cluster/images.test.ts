import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { imageFolder } from "../../../sandbox/cluster/images.ts";
import { startCommand } from "../../../sandbox/cluster/start-command.ts";
import { openClusterLab, putLayer, tarOf, type ClusterLab, type Entry } from "./cluster-lab.ts";

describe("an image of the sandbox", function () {
  this.timeout(30_000);
  let lab: ClusterLab;
  beforeEach(() => {
    lab = openClusterLab();
  });
  afterEach(() => lab.close());

  it("is unpacked once, and whole or not at all", async () => {
    const image = await lab.image({ Dockerfile: "FROM x\n", "app/main.py": "print()\n" });
    const [folder = "", again] = await Promise.all([
      imageFolder(lab.directory, image),
      imageFolder(lab.directory, image),
    ]);
    assert.equal(folder, again);
    assert.equal(readFileSync(join(folder, "app/main.py"), "utf8"), "print()\n");
    writeFileSync(join(folder, "mark"), "");
    assert.equal(existsSync(join(await imageFolder(lab.directory, image), "mark")), true);
    assert.deepEqual(readdirSync(dirname(folder)).length, 1);
  });

  const hostile: [what: string, entry: Entry, message: RegExp][] = [
    ["a path above the folder", { name: "../outside", content: "x" }, /outside of it/],
    ["a path that leaves on the way", { name: "app/../../outside", content: "x" }, /outside of it/],
    ["an absolute path", { name: "/etc/outside", content: "x" }, /outside of it/],
    ["a symbolic link", { name: "link", type: "symlink", linkname: "/etc" }, /holds a symlink/],
    ["a hard link", { name: "link", type: "link", linkname: "Dockerfile" }, /holds a link/],
  ];
  for (const [what, entry, message] of hostile)
    it(`is refused with ${what}`, async () => {
      const image = putLayer(lab.directory, await tarOf([{ name: "Dockerfile", content: "FROM x" }, entry]));
      await assert.rejects(imageFolder(lab.directory, image), message);
      assert.equal(existsSync(join(lab.directory, "outside")), false);
      assert.deepEqual(readdirSync(join(lab.directory, "images")), []);
    });

  it("is refused where its bytes were changed", async () => {
    const image = await lab.image({ Dockerfile: "FROM x\n" });
    const file = join(lab.directory, "store/artifacts/sha256", image.split(":").at(-1) ?? "");
    writeFileSync(file, `${readFileSync(file, "utf8")} `);
    await assert.rejects(imageFolder(lab.directory, image), /damaged/);
    await assert.rejects(imageFolder(lab.directory, "lab:latest"), /not named by its digest/);
  });

  it("is built where it holds a front end", async () => {
    const scripts = { build: "vite build" };
    const image = await lab.image({
      "package.json": JSON.stringify({ type: "module", scripts }),
      "index.html": '<!doctype html><title>tiny</title><script type="module" src="/main.ts"></script>',
      "main.ts": "document.title = (1 satisfies number).toString();",
    });
    const folder = await imageFolder(lab.directory, image);
    assert.match(readFileSync(join(folder, "dist/index.html"), "utf8"), /assets\/index-.*\.js/);
  });

  it("that cannot be built says why", async () => {
    const files = {
      "package.json": '{"scripts":{"build":"vite build"}}',
      "index.html": '<script type="module" src="/none.ts"></script>',
    };
    await assert.rejects(imageFolder(lab.directory, await lab.image(files)), /front end cannot be built: .*none\.ts/);
    assert.deepEqual(readdirSync(join(lab.directory, "images")), []);
  });
});

describe("the start command of a Dockerfile", () => {
  const python = (...words: string[]) => ({ runtime: "python", module: "uvicorn", words });
  const cases: [dockerfile: string, expected: unknown][] = [
    [
      'FROM x\nCMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000", "--no-access-log"]',
      python("app.main:app", "--no-access-log"),
    ],
    ['CMD ["python", "-m", "uvicorn", "a:b", "--port=1"]', python("a:b")],
    [
      'CMD ["node", "old.mjs"]\n# CMD ["x"]\nFROM y\nCMD ["node", \\\n  "server.mjs", "--flag"]',
      { runtime: "node", words: ["server.mjs", "--flag"] },
    ],
    ['ENTRYPOINT ["node"]\nCMD ["server.mjs"]', { runtime: "node", words: ["server.mjs"] }],
    ["CMD uvicorn app.main:app", { problem: 'its Dockerfile has no CMD in exec form, as CMD ["program", "word"]' }],
    ["", { problem: 'its Dockerfile has no CMD in exec form, as CMD ["program", "word"]' }],
    ['CMD ["bash", "-c", "true"]', { problem: 'the sandbox runs uvicorn and node, not "bash"' }],
  ];
  for (const [dockerfile, expected] of cases)
    it(`is found in ${JSON.stringify(dockerfile)}`, () => assert.deepEqual(startCommand(dockerfile), expected));
});

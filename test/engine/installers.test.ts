import assert from "node:assert/strict";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildFromSource, buildTargets, refuseBuild, requiredModule } from "../../automation/engine/build.ts";
import { pinnedVersion } from "../../automation/engine/version.ts";
import { archiveName, archiveUrl, checksumOf } from "../../automation/engine/download.ts";

const toolchain = join(import.meta.dirname, "../../toolchain");
const goMod = (module: string) => readFileSync(join(toolchain, module, "go.mod"), "utf8");

describe("the official build", () => {
  it("is named by platform", () => {
    const cases: [string, string, string | undefined][] = [
      ["linux", "x64", "pulumi-v1.2.3-linux-x64.tar.gz"],
      ["darwin", "arm64", "pulumi-v1.2.3-darwin-arm64.tar.gz"],
      ["win32", "x64", undefined],
      ["linux", "riscv64", undefined],
    ];
    for (const [platform, architecture, name] of cases)
      assert.equal(archiveName("1.2.3", platform, architecture), name);
    assert.equal(archiveUrl("x.tar.gz"), "https://get.pulumi.com/releases/sdk/x.tar.gz");
  });

  it("is known by its checksum, and by nothing that looks like one", () => {
    const hex = "AB".repeat(32);
    const list = `${"0".repeat(64)}  other.tar.gz\n${hex}  a.tar.gz\n${hex} *b.tar.gz\nshort  c.tar.gz\n`;
    assert.equal(checksumOf(list, "a.tar.gz"), hex.toLowerCase());
    assert.equal(checksumOf(list, "b.tar.gz"), hex.toLowerCase());
    for (const name of ["c.tar.gz", "tar.gz", "d"]) assert.equal(checksumOf(list, name), undefined);
  });
});

describe("the toolchain", () => {
  it("builds the CLI that the SDK asks for, and every command it names is one of its tools", () => {
    const version = pinnedVersion();
    assert.equal(requiredModule(goMod("cli"), "github.com/pulumi/pulumi/pkg/v3"), version);
    for (const target of buildTargets(version))
      assert.ok(goMod(target.module).includes(`tool ${target.package}\n`), target.module);
  });

  const text = "go 1.25.11\nrequire github.com/pulumi/pulumi/pkg/v3 v3.259.0\n";
  const cases: [string | undefined, string, RegExp | undefined][] = [
    ["go version go1.26.8 linux/amd64", "3.259.0", undefined],
    ["go version go1.25.11 linux/amd64", "3.259.0", undefined],
    ["go version go1.24.1 linux/amd64", "3.259.0", /Go 1\.25\.11 or later is needed, found 1\.24\.1/],
    [undefined, "3.259.0", /Go 1\.25\.11 or later is not installed/],
    ["go version go1.26.8 linux/amd64", "3.260.0", /is for 3\.259\.0, not 3\.260\.0/],
  ];
  for (const [goVersionText, version, expected] of cases)
    it(`with ${goVersionText ?? "no Go"} for ${version} ${expected === undefined ? "builds" : "refuses"}`, () => {
      const refusal = refuseBuild({ goMod: text, goVersionText, version });
      if (expected === undefined) assert.equal(refusal, undefined);
      else assert.match(refusal ?? "", expected);
    });
});

describe("a build", () => {
  let root: string;
  const lines: string[] = [];
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "slipway-build-"));
    lines.length = 0;
    const launcher = join("toolchain", "language-nodejs", "pulumi-language-nodejs");
    for (const module of ["cli", "language-nodejs"]) {
      mkdirSync(join(root, "toolchain", module), { recursive: true });
      writeFileSync(
        join(root, "toolchain", module, "go.mod"),
        "go 1.25\nrequire github.com/pulumi/pulumi/pkg/v3 v1.2.3\n",
      );
    }
    copyFileSync(join(toolchain, "..", launcher), join(root, launcher));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const build = (go: string) => {
    const file = join(root, "bin", "go");
    mkdirSync(join(root, "bin"), { recursive: true });
    writeFileSync(
      file,
      `#!/bin/sh\nif [ "$1" = version ]; then echo "go version go1.26.0 linux/amd64"; exit; fi\n${go}\n`,
    );
    chmodSync(file, 0o755);
    const environment = { PATH: `${join(root, "bin")}:${process.env["PATH"] ?? ""}` };
    const directory = join(root, "versions", "1.2.3", "bin");
    return buildFromSource({ version: "1.2.3", directory, root, environment, report: (line) => lines.push(line) });
  };

  it("puts both commands in place at the end and counts packages on the way", async () => {
    // The output path follows -o, which stands before the package.
    const refusal = await build(
      `echo github.com/a/b >&2; echo internal/c >&2\nwhile [ "$1" != -o ]; do shift; done\npwd > "$2"`,
    );
    assert.equal(refusal, undefined);
    const bin = join(root, "versions", "1.2.3", "bin");
    assert.deepEqual(readdirSync(bin).sort(), ["pulumi", "pulumi-language-nodejs", "pulumi-language-nodejs-host"]);
    assert.match(readFileSync(join(bin, "pulumi"), "utf8"), /toolchain\/cli\n$/);
    assert.deepEqual(readdirSync(join(root, "versions")), ["1.2.3"]);
    assert.match(lines.join("\n"), /Node language host: 2 packages compiled/);
  });

  it("that fails says why and leaves nothing behind", async () => {
    await assert.rejects(
      build(`echo "x.go:1: undefined: y" >&2; exit 1`),
      /language host failed:\nx\.go:1: undefined: y/,
    );
    assert.equal(existsSync(join(root, "versions", "1.2.3")), false);
    assert.deepEqual(readdirSync(join(root, "versions")), []);
  });
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { extract } from "tar-stream";
import { canonicalJson, sha256 } from "../../automation/release/canonical.ts";
import type { Json } from "../../automation/release/canonical.ts";
import { baseImage } from "../../automation/release/dockerfile.ts";
import { reproducibleTar, sourceImage } from "../../automation/release/oci-image.ts";
import { reproducibleZip } from "../../automation/release/zip.ts";
import type { PackedFile } from "../../automation/release/zip.ts";

const segment = fc.stringMatching(/^[a-z0-9é_.-]{1,12}$/u).filter((name) => name !== "." && name !== "..");
const file: fc.Arbitrary<PackedFile> = fc.record({
  path: fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
  mode: fc.constantFrom("100644", "100755"),
  content: fc.uint8Array({ maxLength: 200 }),
});
const files = fc.uniqueArray(file, { selector: (one) => one.path, maxLength: 8 });
const shuffled = files.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);

describe("packing", () => {
  it("zips to the same bytes in any order, and to what was put in", () => {
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const zip = reproducibleZip(list);
        assert.deepEqual(reproducibleZip(other), zip);
        const inside = Object.entries(unzipSync(zip)).map(([path, content]) => [
          path,
          Buffer.from(content).toString("hex"),
        ]);
        const expected = list.map((one) => [one.path, Buffer.from(one.content).toString("hex")]);
        assert.deepEqual(inside.sort(), expected.sort());
      }),
      { numRuns: 50 },
    );
  });

  it("tars to the same bytes in any order, and to what was put in", async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, async ([list, other]) => {
        const tar = await reproducibleTar(list);
        assert.deepEqual(await reproducibleTar(other), tar);
        const expected = list.map((one) => [one.path, one.mode.slice(3), Buffer.from(one.content).toString("hex")]);
        assert.deepEqual((await untar(tar)).sort(), expected.sort());
      }),
      { numRuns: 50 },
    );
  });

  it("keeps paths that are longer than a plain tar header holds", async () => {
    const path = `${"deep/".repeat(60)}file`;
    const tar = await reproducibleTar([{ path, mode: "100644", content: Buffer.from("x") }]);
    assert.deepEqual(await untar(tar), [[path, "644", "78"]]);
  });

  it("gives the same zip in every time zone, at any time, in any directory", () => {
    const module = join(import.meta.dirname, "../../automation/release/zip.ts");
    const code = `import { reproducibleZip } from ${JSON.stringify(module)};
      const zip = reproducibleZip([{ path: "a", mode: "100755", content: Buffer.from("text".repeat(99)) }]);
      console.log(Buffer.from(zip).toString("hex"));`;
    const zips = ["UTC", "Pacific/Kiritimati", "America/St_Johns"].map((zone) =>
      execFileSync(process.execPath, ["--input-type=module", "-e", code], {
        cwd: "/",
        env: { TZ: zone },
        encoding: "utf8",
      }),
    );
    assert.equal(new Set(zips).size, 1);
    assert.match(zips[0] ?? "", /^504b0304/u);
  });

  it("makes an image whose digests fit together", async () => {
    const list: PackedFile[] = [{ path: "Dockerfile", mode: "100644", content: Buffer.from("FROM python:3.13\n") }];
    const { digest, blobs } = await sourceImage("web", list);
    const [manifestBlob = new Uint8Array(), config = new Uint8Array(), layer = new Uint8Array()] = blobs;
    const manifest = JSON.parse(Buffer.from(manifestBlob).toString()) as Record<string, unknown>;
    assert.equal(digest, `sha256:${sha256(manifestBlob)}`);
    assert.deepEqual(manifest["config"], {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: `sha256:${sha256(config)}`,
      size: config.byteLength,
    });
    assert.deepEqual(manifest["layers"], [
      {
        mediaType: "application/vnd.oci.image.layer.v1.tar",
        digest: `sha256:${sha256(layer)}`,
        size: layer.byteLength,
      },
    ]);
    assert.deepEqual(manifest["annotations"], {
      "org.opencontainers.image.base.name": "python:3.13",
      "dev.slipway.build": "source-only",
    });
  });

  it("refuses an image without a base", async () => {
    await assert.rejects(
      sourceImage("web", [{ path: "Dockerfile", mode: "100644", content: Buffer.from("# none\n") }]),
      /names no base image/u,
    );
  });

  const dockerfiles: [string, string, string | undefined][] = [
    ["a plain base", "FROM node:24\nRUN x\n", "node:24"],
    ["the last stage", "FROM node:24 AS build\nFROM nginx:1.29\n", "nginx:1.29"],
    ["a stage on a stage", "FROM node:24 AS Build\nFROM build AS test\nFROM test\n", "node:24"],
    ["a platform, lower case and CRLF", "from --platform=$BUILDPLATFORM node:24 as b\r\nrun x\r\n", "node:24"],
    ["an argument with a default", 'ARG V=3.13\nARG IMG="python"\nFROM ${IMG}:${V}-slim\n', "python:3.13-slim"],
    ["a fallback in the reference", "FROM node:${V:-24}\n", "node:24"],
    ["an argument of a stage, which does not count", "FROM a\nARG V=1\nFROM b:$V\n", "b:$V"],
    ["a continued line and comments", "# syntax=x\nFROM \\\n# why\n  node:24 \\\n  AS x\n", "node:24"],
    ["a digest", `FROM a@sha256:${"0".repeat(64)}\n`, `a@sha256:${"0".repeat(64)}`],
    ["nothing", "RUN echo FROM x\n", undefined],
  ];
  for (const [what, text, expected] of dockerfiles) {
    it(`reads the base image of ${what}`, () => assert.equal(baseImage(text), expected));
  }
});

describe("canonicalJson", () => {
  it("does not depend on the order of members and says the same as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
        assert.equal(canonicalJson(reversed(value)), text);
      }),
    );
  });

  it("sorts by code units and leaves undefined members out", () => {
    assert.equal(
      canonicalJson({ "\u20ac": 1, "\r": 2, "1": 3, a: undefined, "\u00f6": [1e21, 0.1] }),
      '{"\\r":2,"1":3,"ö":[1e+21,0.1],"€":1}',
    );
  });

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "\uD800"]) {
    it(`refuses ${String(JSON.stringify(value))} from ${typeof value}`, () =>
      assert.throws(() => canonicalJson([value]), TypeError));
  }
});

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member ?? null)]),
  );
}

async function untar(tar: Uint8Array): Promise<string[][]> {
  const reader = extract();
  reader.end(Buffer.from(tar));
  const found: string[][] = [];
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    assert.equal(entry.header.mtime?.getTime(), 0);
    found.push([entry.header.name, (entry.header.mode ?? 0).toString(8), Buffer.concat(chunks).toString("hex")]);
  }
  return found;
}

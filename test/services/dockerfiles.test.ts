import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { baseImage } from "../../automation/release/dockerfile.ts";

const checkout = path.resolve(import.meta.dirname, "../..");
const root = path.join(checkout, "services");
const ports = { api: 8000, predict: 8001, web: 8080 } as const;
const read = (...parts: string[]) => readFileSync(path.join(root, ...parts), "utf8");
const readModel = (name: string) => readFileSync(path.join(checkout, "model", "image", name), "utf8");

/** The instructions of a Dockerfile, each in one line. */
const instructions = (dockerfile: string) =>
  dockerfile
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");

/** The instructions of the last stage: what the image is. */
const lastStage = (dockerfile: string) => {
  const all = instructions(dockerfile);
  return all.slice(all.findLastIndex((line) => line.startsWith("FROM ")));
};

/** Name and version of each line of a requirements file. */
const pinsOf = (requirements: string) =>
  new Map(
    requirements
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("-r "))
      .map((line) => line.split("==") as [string, string]),
  );

const pinnedBase =
  /^(?:python|node):\d+\.\d+\.\d+-slim-trixie@sha256:[\da-f]{64}$|^node:\d+\.\d+\.\d+-trixie-slim@sha256:[\da-f]{64}$/;

function assertPinned(dockerfile: string): void {
  const stages = instructions(dockerfile).flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? []);
  assert.ok(stages.length >= 2, "one stage builds, another one runs");
  // Each FROM is asked for by itself, with the defaults of ARG before the first.
  const defaults = dockerfile.slice(0, dockerfile.indexOf("FROM "));
  for (const stage of stages) assert.match(String(baseImage(`${defaults}\nFROM ${stage}\n`)), pinnedBase);
  assert.match(String(baseImage(dockerfile)), pinnedBase);
}

/** The .dockerignore lets through exactly what is copied. */
function assertCopies(dockerfile: string, ignored: string): void {
  const allowed = new Set(ignored.split("\n").flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []));
  const copied = instructions(dockerfile)
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(" ").slice(1, -1))
    .filter((word) => !word.startsWith("--"))
    .map((file) => file.replace(/^\.\//, ""));
  assert.deepEqual([...new Set(copied)].sort(), [...allowed].sort());
  assert.equal(
    ignored.split("\n").find((line) => !line.startsWith("#")),
    "*",
  );
}

describe("the services' Dockerfiles", () => {
  it("are there for every service and for nothing else", () => {
    assert.deepEqual(readdirSync(root).sort(), Object.keys(ports).sort());
  });

  for (const [name, port] of Object.entries(ports)) {
    const dockerfile = read(name, "Dockerfile");
    const final = lastStage(dockerfile);

    it(`${name} is built on images that are named by tag and digest`, () => assertPinned(dockerfile));

    it(`${name} runs without privileges, without installers and on port ${port}`, () => {
      const user = final.findLastIndex((line) => line === "USER 10001");
      const command = final.findIndex((line) => line.startsWith("CMD "));
      assert.ok(user > 0 && command > user, "the user is set before the command and never changed again");
      assert.ok(final.includes(`EXPOSE ${port}`));
      assert.ok(final.some((line) => line.includes("useradd --system --uid 10001 --no-create-home")));
      const removed =
        name === "web" ? ["lib/node_modules", "bin/npm", "bin/npx"] : ["site-packages/pip", "ensurepip", "bin/pip*"];
      for (const part of removed)
        assert.ok(
          final.some((line) => line.startsWith("RUN rm -rf") && line.includes(part)),
          part,
        );
      assert.ok(!final.some((line) => /npm ci|pip install|apt-get/.test(line)));
    });

    it(`${name} copies only what its .dockerignore lets through`, () =>
      assertCopies(dockerfile, read(name, ".dockerignore")));
  }

  it("the front end is locked to the versions that the checkout tests with", () => {
    const own = JSON.parse(read("web", "package.json")) as Record<
      "dependencies" | "devDependencies",
      Record<string, string>
    >;
    const lock = JSON.parse(read("web", "package-lock.json")) as { packages: Record<string, { version?: string }> };
    const checkout = JSON.parse(readFileSync(path.join(root, "..", "package-lock.json"), "utf8")) as typeof lock;
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
      assert.equal(checkout.packages[`node_modules/${name}`]?.version, version, name);
    }
  });

  it("what both Python services need is pinned to one version", () => {
    const [api, predict] = [pinsOf(read("api", "requirements.txt")), pinsOf(read("predict", "requirements.txt"))];
    for (const [name, version] of predict) assert.equal(api.get(name) ?? version, version, name);
    for (const [name, version] of [...api, ...predict]) assert.match(String(version), /^\d[\w.]+$/, name);
  });

  it("the files that both Python services share are the same", () => {
    for (const file of ["bucket.py", "limits.py", "logs.py", "observe.py", "openapi.py"])
      assert.equal(read("api", "app", file), read("predict", "app", file), file);
  });
});

describe("the Dockerfile of the model pipeline's jobs", () => {
  const dockerfile = readModel("Dockerfile");
  const final = lastStage(dockerfile);

  it("is built on images that are named by tag and digest, those of the services", () => {
    assertPinned(dockerfile);
    assert.equal(baseImage(dockerfile), baseImage(read("predict", "Dockerfile")));
  });

  it("runs Python without installers, as the user that SageMaker's folders belong to", () => {
    assert.equal(final.at(-1), 'ENTRYPOINT ["python3"]');
    for (const part of ["site-packages/pip", "ensurepip", "bin/pip*"])
      assert.ok(final[1]?.startsWith("RUN rm -rf") && final[1].includes(part), part);
    assert.ok(!final.some((line) => /pip install|apt-get|^USER /.test(line)));
  });

  it("copies only what its .dockerignore lets through", () => assertCopies(dockerfile, readModel(".dockerignore")));

  it("has the very versions that the sandbox trains and the services serve with", () => {
    const image = pinsOf(readModel("requirements.txt"));
    const file = (name: string) => pinsOf(readFileSync(path.join(checkout, name), "utf8"));
    for (const pins of [file("requirements-sandbox.txt"), file("services/predict/requirements.txt")])
      for (const [name, version] of pins) assert.equal(image.get(name) ?? version, version, name);
    for (const [name, version] of image) assert.match(String(version), /^\d[\w.]+$/, name);
    const needed = ["numpy", "scikit-learn", "scipy", "skl2onnx", "onnx", "onnxruntime", "pyarrow"];
    const sandbox = file("requirements-sandbox.txt");
    for (const name of needed) assert.ok(image.has(name) && sandbox.has(name), name);
  });
});

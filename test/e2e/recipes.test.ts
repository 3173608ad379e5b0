import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { pageBlocks, type Block } from "../docs/blocks.ts";
import { makeCheckout, type Checkout } from "../support/checkout.ts";

const exec = promisify(execFile);

/** Does what a reader does who takes every word of the recipe literally. Gives what the commands said. */
async function follow(recipe: string, { root, environment }: Checkout): Promise<string> {
  const said: string[] = [];
  for (const block of pageBlocks(`docs/recipes/${recipe}.md`)) {
    if (block.attributes["file"] !== undefined) await write(root, block);
    else if (block.language === "sh") {
      const { stdout } = await exec("sh", ["-ec", block.text], { cwd: root, env: environment, maxBuffer: 1 << 26 });
      said.push(stdout);
    } else assert.fail(`${block.at} is neither a file nor commands`);
  }
  return said.join("");
}

/** Writes a file, or puts the block below a line of one, indented by two more than that line. */
async function write(root: string, { at, attributes, text }: Block): Promise<void> {
  const file = join(root, attributes["file"] ?? "");
  const below = attributes["below"];
  if (below === undefined) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return;
  }
  const lines = (await readFile(file, "utf8")).split("\n");
  const line = lines.findIndex((one) => one.trim() === below);
  assert.ok(line >= 0, `${at}: there is no line "${below}"`);
  const indent = " ".repeat((lines[line]?.search(/\S/u) ?? 0) + 2);
  lines.splice(line + 1, 0, text.trimEnd().replaceAll(/^/gmu, indent));
  await writeFile(file, lines.join("\n"));
}

const planned = async (checkout: Checkout, variables: Record<string, string> = {}) => {
  const { code, json, stderr } = await checkout.slipwayWith(variables, "preview", "dev", "--json");
  assert.equal(code, 0, stderr);
  return json.resources.filter(({ op }) => op === "create").map(({ urn }) => urn.split("::").slice(2).join(" "));
};

describe("recipes, word for word", function () {
  this.timeout(600_000);
  let checkout: Checkout;

  before(async () => {
    checkout = await makeCheckout({ streams: true });
  });
  after(() => checkout.remove());

  it("add a service", async () => {
    const said = await follow("add-a-service", checkout);
    assert.match(said, /services\/hello/u);
    const hello = (await planned(checkout, secrets)).filter((urn) => /\bhello\b/u.test(urn));
    assert.ok(
      hello.some((urn) => urn.includes("argoproj.io/v1alpha1:Application")),
      hello.join("\n"),
    );
    assert.equal(await checkout.git("status", "--porcelain"), "");
  });

  it("add a processor", async () => {
    const said = await follow("add-a-processor", checkout);
    assert.match(said, /sensor_peaks/u);
    const created = await planned(checkout, secrets);
    assert.ok(
      created.some((urn) => /StreamProcessor.*sensor_peaks/u.test(urn)),
      created.join("\n"),
    );
    assert.equal(await checkout.git("status", "--porcelain"), "");
  });
});

/** What connections of the checkout's streams name. */
const secrets = { KAFKA_USERNAME: "any", KAFKA_PASSWORD: "any", GEOCODER_TOKEN: "any", NOTIFIER_TOKEN: "any" };

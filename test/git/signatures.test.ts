import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { verifyTag } from "../../automation/git/signatures.ts";
import { cloneFixture, gitIn, scratch, writeFiles } from "./throw-away.ts";

const signers = "config/allowed_signers";

describe("signed tags", () => {
  const temporary = scratch();
  const clone = cloneFixture(temporary);
  const keys = scratch();
  let directory = "";

  const makeKey = (name: string) =>
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(directory, name)]);
  const publicKey = (name: string) => readFileSync(join(directory, `${name}.pub`), "utf8").trim();

  before(() => {
    directory = keys.directory();
    makeKey("ada");
    makeKey("eve");
  });
  after(() => keys.clear());

  beforeEach(() => {
    const config = { "gpg.format": "ssh", "user.signingKey": join(directory, "ada") };
    for (const [key, value] of Object.entries(config)) gitIn(clone.root, "config", key, value);
    writeFiles(clone.root, { [signers]: `ada@example.com namespaces="git" ${publicKey("ada")}\n` });
  });

  const sign = (tag: string, ...more: string[]): string => {
    gitIn(clone.root, ...more, "tag", "--sign", "--force", "--message", "release", tag, clone.first);
    return gitIn(clone.root, "rev-parse", `refs/tags/${tag}`);
  };
  const check = (tag: string, object: string, file = signers) => verifyTag(clone.root, tag, object, file);

  it("are valid by a key of the file", async () => {
    const { valid, detail } = await check("prod", sign("prod"));
    assert.ok(valid, detail);
    assert.match(detail, /^by ada@example\.com, ED25519 key SHA256:/);
  });

  it("are not valid by another key", async () => {
    const object = sign("prod", "-c", `user.signingKey=${join(directory, "eve")}`);
    assert.equal((await check("prod", object)).valid, false);
  });

  it("are not valid under another name than the one that was signed", async () => {
    const result = await check("prod", sign("staging"));
    assert.deepEqual(result, { valid: false, detail: 'the signed object is the tag "staging"' });
  });

  it("are not valid without a signature, without an annotation, without the file", async () => {
    gitIn(clone.root, "tag", "--annotate", "--message", "x", "prod", clone.first);
    const annotated = gitIn(clone.root, "rev-parse", "refs/tags/prod");
    assert.equal((await check("prod", annotated)).valid, false);
    assert.deepEqual(await check("prod", clone.first), { valid: false, detail: "it is not an annotated tag" });
    assert.deepEqual(await check("v1", sign("v1"), "config/none"), { valid: false, detail: "that file is missing" });
  });

  it("are not valid once their content is changed", async () => {
    const signed = gitIn(clone.root, "cat-file", "tag", sign("prod"));
    const forged = execFileSync("git", ["hash-object", "-t", "tag", "-w", "--stdin"], {
      cwd: clone.root,
      input: `${signed.replace(clone.first, clone.second)}\n`,
      encoding: "utf8",
    }).trim();
    assert.equal((await check("prod", forged)).valid, false);
  });
});

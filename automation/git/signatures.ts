import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { tryGit } from "./git.ts";

export interface SignatureCheck {
  valid: boolean;
  /** Who signed, or what is wrong, in one line. */
  detail: string;
}

/**
 * Whether a tag object is signed by a key of the allowed signers' file, and says of itself that it is this very tag: a signed tag pushed
 * again under another name proves nothing.
 * @param object id of the tag object; that of a commit, where the tag is not annotated, is never valid
 * @param allowedSigners path below the checkout, in the form that `ssh-keygen` reads
 */
export async function verifyTag(
  root: string,
  tag: string,
  object: string,
  allowedSigners: string,
): Promise<SignatureCheck> {
  const file = join(root, allowedSigners);
  if (!existsSync(file)) return { valid: false, detail: "that file is missing" };
  const kind = await tryGit(root, ["cat-file", "-t", object]);
  if (kind.stdout.toString("utf8").trim() !== "tag") return { valid: false, detail: "it is not an annotated tag" };
  const content = (await tryGit(root, ["cat-file", "tag", object])).stdout.toString("utf8");
  const header = content.split("\n\n", 1)[0] ?? "";
  const named = /^tag (.*)$/mu.exec(header)?.[1];
  if (named !== tag) return { valid: false, detail: `the signed object is the tag ${JSON.stringify(named ?? "")}` };
  // OpenPGP keys of whoever runs this would count as well; only the file decides.
  const options = [
    "-c",
    `gpg.ssh.allowedSignersFile=${file}`,
    "-c",
    "gpg.program=false",
    "-c",
    "gpg.x509.program=false",
  ];
  const result = await tryGit(root, [...options, "verify-tag", "--raw", object]);
  const said = stripVTControlCharacters(`${result.stderr}\n${result.stdout.toString("utf8")}`).trim();
  const good = /^Good "git" signature for (\S+) with (\S+) key (\S+)/mu.exec(said);
  if (result.exitCode === 0 && good) return { valid: true, detail: `by ${good[1]}, ${good[2]} key ${good[3]}` };
  return { valid: false, detail: said.split("\n")[0] || "no signature" };
}

import { execFile } from "node:child_process";

/** Files of one folder at the tip of a branch, or why they cannot be had. */
export type Tree =
  | { revision: string; files: Readonly<Record<string, string>>; problem?: undefined }
  | { revision?: string; problem: string };

const maxBytes = 16 * 1024 * 1024;

/** Commit at the tip of a branch of a bare repository; undefined where there is no such branch, or no repository. */
export async function tipOf(repository: string, branch: string): Promise<string | undefined> {
  const reference = `refs/heads/${branch}^{commit}`;
  const found = await git(repository, ["rev-parse", "--quiet", "--verify", "--end-of-options", reference]);
  return typeof found === "string" ? undefined : found.toString("utf8").trim();
}

/** The YAML files directly in a folder of a commit, by name. Links and folders in it are left out. */
export async function readFolder(repository: string, commit: string, path: string): Promise<Tree> {
  const folder = path.replaceAll(/^\.?\/+|\/+$/g, "");
  const listed = await git(repository, ["ls-tree", "-z", "--end-of-options", `${commit}:${folder}`]);
  if (typeof listed === "string") return { revision: commit, problem: `${path}: app path does not exist` };
  const blobs = listed
    .toString("utf8")
    .split("\0")
    .flatMap((line): { name: string; object: string }[] => {
      const match = /^(100644|100755) blob ([0-9a-f]+)\t(.+)$/s.exec(line);
      return match?.[3] !== undefined && /\.ya?ml$/.test(match[3]) ? [{ object: match[2] ?? "", name: match[3] }] : [];
    });
  const input = blobs.map(({ object }) => `${object}\n`).join("");
  const content = await git(repository, ["cat-file", "--batch"], input);
  if (typeof content === "string") return { revision: commit, problem: content };
  const texts = readBatch(content);
  return { revision: commit, files: Object.fromEntries(blobs.map(({ name }, at) => [name, texts[at] ?? ""])) };
}

/** Contents in the order that they were asked for: `<object> blob <size>`, the bytes, a line feed, and so on. */
function readBatch(output: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    if (end < 0) break;
    const size = Number(output.subarray(at, end).toString("utf8").split(" ")[2]);
    texts.push(output.subarray(end + 1, end + 1 + size).toString("utf8"));
    at = end + 1 + size + 1;
  }
  return texts;
}

/** What git printed, or its complaint. It gets no setting of this machine, and no variable of a hook that it may run in. */
function git(repository: string, words: readonly string[], input = ""): Promise<Buffer | string> {
  const environment = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
  };
  return new Promise((resolve) => {
    const options = { encoding: "buffer", env: environment, maxBuffer: maxBytes, timeout: 30_000 } as const;
    const command = ["-c", `safe.directory=${repository}`, "--git-dir", repository, ...words];
    const child = execFile("git", command, options, (error, stdout, stderr) => {
      resolve(error === null ? stdout : stderr.toString("utf8").trim().split("\n")[0] || error.message);
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

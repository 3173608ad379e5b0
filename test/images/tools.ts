import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { run } from "../../automation/commands/images.ts";
import { createContext, type Context } from "../../automation/context.ts";
import { git } from "../../automation/git/git.ts";

/** What a stand-in does when its first word is this: lines of shell. `$@` are its arguments. */
export type Behaviour = Record<string, string>;

/** A checkout with one service and stand-ins for docker and trivy that keep what they were asked. */
export interface ImageLab {
  root: string;
  /** What the command wrote on its way. */
  said(): string;
  images(args: string[], options?: Record<string, unknown>, signal?: AbortSignal): ReturnType<typeof run>;
  /** What a command runs in; more variables come on top of what it sees. */
  context(variables?: Record<string, string>, signal?: AbortSignal): Context;
  /** Puts a program on the PATH of the command. */
  install(tool: "docker" | "trivy", behaviour: Behaviour): Promise<void>;
  /** Adds a file to the checkout, in a commit. */
  commit(file: string, text: string): Promise<void>;
  /** Calls of the stand-ins in their order, each as its words. */
  calls(): Promise<string[][]>;
  close(): Promise<void>;
}

/** A docker whose registry is one file: the tag that it has. Every image that it builds has the given digest. */
export const dockerWithRegistry = (has: string, digest: string): Behaviour => ({
  buildx: `if [ "$2" = imagetools ]; then
  [ "$3" = create ] && exit 0
  read -r tag < "${has}" 2>/dev/null
  for word in "$@"; do [ "$word" = "$tag" ] && { printf '{"mediaType":"x","digest":"${digest}"}'; exit 0; }; done
  echo "ERROR: it: not found" >&2; exit 1
fi
while [ $# -gt 0 ]; do
  case "$1" in
    --metadata-file) printf '{"containerimage.digest":"${digest}"}' > "$2" ;;
    --iidfile) printf 'sha256:${"e".repeat(64)}' > "$2" ;;
    --output) name="\${2#type=image,name=}"; printf '%s\\n' "\${name%%,*}" > "${has}" ;;
  esac
  shift
done`,
  login: 'read -r password; printf "password\\t%s\\n" "$password" >> "$LOG"',
});

export async function startImageLab(): Promise<ImageLab> {
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-images-"));
  const root = await checkoutWithOneService(path.join(folder, "checkout"));
  const bin = path.join(folder, "bin");
  const log = path.join(folder, "calls");
  await mkdir(bin);
  const written: string[] = [];
  const stream = { write: (line: string) => written.push(line) } as unknown as NodeJS.WritableStream;
  const streams = { stdout: stream, stderr: stream };
  const context: ImageLab["context"] = (variables = {}, signal = new AbortController().signal) =>
    createContext({
      ...{ options: {}, environment: { PATH: bin, LOG: log, ...variables }, cwd: root, ...streams },
      ...{ signal, terminate: signal },
    });
  return {
    context,
    root,
    said: () => written.join(""),
    images: (args, options = {}, signal) => run(context({}, signal), args, options),
    install: (tool, behaviour) => install(path.join(bin, tool), tool, behaviour),
    async commit(file, text) {
      await mkdir(path.join(root, path.dirname(file)), { recursive: true });
      await writeFile(path.join(root, file), text);
      await commitAll(root);
    },
    async calls() {
      const text = await readFile(log, "utf8").catch(() => "");
      return text === ""
        ? []
        : text
            .trimEnd()
            .split("\n")
            .map((line) => line.split("\t"));
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function checkoutWithOneService(root: string): Promise<string> {
  await mkdir(path.join(root, "services", "api"), { recursive: true });
  await writeFile(path.join(root, "Pulumi.yaml"), "name: slipway\n");
  await writeFile(path.join(root, ".gitignore"), ".slipway/\n");
  await writeFile(path.join(root, "services/api/Dockerfile"), "FROM scratch\nEXPOSE 8000\n");
  await git(root, ["init", "--quiet"]);
  await commitAll(root);
  return root;
}

async function commitAll(root: string): Promise<void> {
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
  await git(root, ["add", "."]);
  const time = "1700000000 +0000";
  const environment = { GIT_AUTHOR_DATE: time, GIT_COMMITTER_DATE: time };
  await git(root, [...author, "commit", "--quiet", "-m", "more"], { environment });
}

/** Writes a program that keeps its arguments in the file `LOG` and then does what its first one says. */
export async function install(file: string, tool: string, behaviour: Behaviour): Promise<void> {
  const cases = Object.entries(behaviour).map(([word, lines]) => `${word})\n${lines}\n;;`);
  const record = `{ printf '${tool}'; for word in "$@"; do printf '\\t%s' "$word"; done; printf '\\n'; } >> "$LOG"`;
  // Only what a shell has itself: the PATH of the command holds nothing but the stand-ins.
  await writeFile(file, `#!/bin/sh\n${record}\ncase "$1" in\n${cases.join("\n")}\nesac\nexit 0\n`);
  await chmod(file, 0o755);
}

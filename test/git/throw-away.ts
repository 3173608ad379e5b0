import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SlipwayError } from "../../automation/errors.ts";

const IDENTITY = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_AUTHOR_DATE: "2026-01-02T03:04:05Z",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
  GIT_COMMITTER_DATE: "2026-01-02T03:04:05Z",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

/** Directories made by one spec file; `clear` removes them. */
export interface Scratch {
  directory(name?: string): string;
  clear(): void;
}

export function scratch(): Scratch {
  const made: string[] = [];
  return {
    directory(name = "slipway-test-") {
      const path = mkdtempSync(join(tmpdir(), name));
      made.push(path);
      return path;
    },
    clear() {
      for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Runs git in a directory with a fixed identity and time and without this machine's configuration. */
export function gitIn(directory: string, ...args: string[]): string {
  const environment = { ...process.env, ...IDENTITY };
  return execFileSync("git", args, { cwd: directory, env: environment, encoding: "utf8", stdio: "pipe" }).trim();
}

export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/** A repository with one commit of these files; answers the commit. */
export function repositoryWith(directory: string, files: Readonly<Record<string, string>>): string {
  gitIn(directory, "init", "--quiet", "--initial-branch=main");
  return commitFiles(directory, files);
}

/** One more commit with these files; answers it. */
export function commitFiles(directory: string, files: Readonly<Record<string, string>>, subject = "change"): string {
  writeFiles(directory, files);
  gitIn(directory, "add", "--all");
  gitIn(directory, "commit", "--quiet", "--allow-empty", "--message", subject);
  return gitIn(directory, "rev-parse", "HEAD");
}

/** A clone with two commits (`first`, `second`) of `a.txt` and a bare remote `origin`, anew for each test. */
export interface CloneFixture {
  root: string;
  remote: string;
  first: string;
  second: string;
}

export const SECOND_SUBJECT = "second: über | a\tb";

/** Registers hooks that fill the fixture. A copy of a template costs a fraction of the git processes that make a repository. */
export function cloneFixture(temporary: Scratch): CloneFixture {
  const fixture: CloneFixture = { root: "", remote: "", first: "", second: "" };
  const templates = scratch();
  let template = "";
  before(() => {
    template = templates.directory();
    const clone = join(template, "clone");
    mkdirSync(clone);
    fixture.first = repositoryWith(clone, { "a.txt": "1\n" });
    fixture.second = commitFiles(clone, { "a.txt": "2\n" }, SECOND_SUBJECT);
    gitIn(template, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", "origin.git");
    gitIn(clone, "remote", "add", "origin", "../origin.git");
  });
  beforeEach(() => {
    const copy = temporary.directory();
    cpSync(template, copy, { recursive: true });
    fixture.root = join(copy, "clone");
    fixture.remote = join(copy, "origin.git");
  });
  afterEach(() => temporary.clear());
  after(() => templates.clear());
  return fixture;
}

/** For `assert.rejects`: a `SlipwayError` with this code whose message or next step matches. */
export function failsWith(code: number, pattern: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof SlipwayError && error.code === code && pattern.test(`${error.message} ${error.next}`);
}

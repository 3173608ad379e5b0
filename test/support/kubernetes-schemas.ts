import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { AppProject, Application } from "@kubernetes-models/argo-cd/argoproj.io/v1alpha1";
import { AnalysisTemplate, Rollout } from "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1";
import { parse } from "yaml";
import { ensureVenv } from "../../tools/testing/python.ts";

const execute = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** Known everywhere: the models are made from definitions whose documentation is taken out, and with it every field of that name. */
const undocumented = "description";

/** The kinds that Kubernetes itself does not know. */
const argoKinds = { AppProject, Application, AnalysisTemplate, Rollout } as const;

/**
 * A value that remembers which of its fields were looked at. The validators of the Argo definitions look at every field that they know and
 * pass over all others without a word, so whatever nobody looked at is unknown to them.
 */
function watched(value: unknown, at: string, unread: Map<string, Set<string>>): unknown {
  if (!isObject(value)) return value;
  const children = new Map<string, unknown>();
  return new Proxy(value, {
    get(target, key, receiver): unknown {
      if (typeof key !== "string" || Array.isArray(target)) {
        const own = typeof key === "string" && Object.hasOwn(target, key);
        return own ? watched(Reflect.get(target, key, receiver), `${at}[${key}]`, unread) : Reflect.get(target, key);
      }
      // An object of which nothing is looked at may hold anything; this one may not.
      if (!unread.has(at)) unread.set(at, new Set(Object.keys(target).filter((name) => name !== undocumented)));
      unread.get(at)?.delete(key);
      if (!children.has(key)) children.set(key, watched(target[key], `${at}.${key}`, unread));
      return children.get(key);
    },
  });
}

/** Problems of an object of Argo CD or Argo Rollouts by the definitions of its kind, unknown fields among them. */
export function argoProblems(object: unknown): string[] {
  const { kind } = object as { kind: string };
  const { validate } = argoKinds[kind as keyof typeof argoKinds].prototype;
  const unread = new Map<string, Set<string>>();
  try {
    // Not by way of a model: it would take a copy, and the copying looks at everything.
    validate.call(watched(object, kind, unread));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  return [...unread].flatMap(([at, keys]) => [...keys].map((key) => `${at}.${key} is unknown`));
}

/** Whether an object is one of Argo's. */
export function isArgo(object: unknown): boolean {
  return (object as { apiVersion: string }).apiVersion.startsWith("argoproj.io/");
}

/** A Rollout's pods as a Deployment would run them, since the definition of a Rollout leaves them to Kubernetes. */
function asDeployment(rollout: Json): Json {
  const { selector, template } = rollout["spec"] as Json;
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: rollout["metadata"], spec: { selector, template } };
}

/**
 * Problems of manifests by the schemas of one version of Kubernetes, in which no field is unknown. Of a Rollout the pods are looked at.
 * @param files YAML by path.
 * @param version as in a stack file: `1.35`
 */
export async function kubernetesProblems(files: Readonly<Record<string, string>>, version: string): Promise<string[]> {
  const python = await ensureVenv({ root, environment: process.env, say: (line) => process.stderr.write(`${line}\n`) });
  const folder = await mkdtemp(path.join(tmpdir(), "slipway-manifests-"));
  try {
    const checked: string[] = [];
    for (const [file, text] of Object.entries(files)) {
      const object = parse(text, { version: "1.1" }) as Json;
      if (isArgo(object) && object["kind"] !== "Rollout") continue;
      const at = path.join(folder, file);
      await mkdir(path.dirname(at), { recursive: true });
      await writeFile(at, JSON.stringify(isArgo(object) ? asDeployment(object) : object));
      checked.push(file);
    }
    const command = path.join(path.dirname(python), "kubernetes-validate");
    const { stdout } = await execute(command, ["--strict", "-k", version, ...checked], { cwd: folder }).catch(
      (error: { stdout: string }) => error,
    );
    const lines = stdout.split("\n").filter((line) => line !== "");
    const passed = lines.filter((line) => line.startsWith("INFO")).length;
    const problems = lines.filter((line) => !line.startsWith("INFO"));
    if (passed + problems.length < checked.length) problems.push(`${checked.length} files, but only ${passed} passed`);
    return problems;
  } finally {
    await rm(folder, { recursive: true });
  }
}

import { suggest } from "../../../config/suggest.ts";
import type { ProcessorOutput, StreamsOutputs } from "../../../config/streams-outputs.ts";
import { ownName, versionName, versionedName, type Role } from "../../deploy/streams/names.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import type { AtlasProcessor } from "../atlas/types.ts";

/** A processor of the files, and the one of Atlas that does its work. */
export interface Subject {
  processor: string;
  /** What Atlas calls it, or would. */
  name: string;
  there: AtlasProcessor | undefined;
  /** Undefined where nothing says what is wanted. */
  wanted: ProcessorOutput | undefined;
}

/** A processor of Atlas that does nobody's work now: another version, a trial, or one that nobody declared. */
export interface Bystander {
  role: Role | "stranger";
  /** The processor of the files; undefined for a stranger. */
  processor: string | undefined;
  there: AtlasProcessor;
}

/** The version that does a processor's work: the one that is wanted, else one that runs, else the plain one. */
export function workingVersion(
  processor: string,
  { rollout, digest }: Pick<ProcessorOutput, "rollout" | "digest">,
  there: readonly AtlasProcessor[],
): AtlasProcessor | undefined {
  const named = (name: string) => there.find((one) => one.name === name);
  if (rollout === "in-place") return named(processor);
  const versions = there.filter(({ name }) => ownName(processor, name)?.role === "version");
  return (
    named(versionName(processor, digest)) ??
    versions.find(({ state }) => state === "STARTED" || state === "PROVISIONING") ??
    named(processor) ??
    versions.at(-1)
  );
}

/** Who does whose work. Without outputs everybody does his own. */
export function subjectsOf(outputs: StreamsOutputs | undefined, there: readonly AtlasProcessor[]): Subject[] {
  if (outputs === undefined)
    return there.map((one) => ({ processor: one.name, name: one.name, there: one, wanted: undefined }));
  return Object.entries(outputs.processors).map(([processor, wanted]) => {
    const found = workingVersion(processor, wanted, there);
    const planned = wanted.rollout === "in-place" ? processor : versionName(processor, wanted.digest);
    return { processor, name: found?.name ?? planned, there: found, wanted };
  });
}

/** Everybody else. */
export function bystandersOf(
  outputs: StreamsOutputs | undefined,
  there: readonly AtlasProcessor[],
  subjects: readonly Subject[],
): Bystander[] {
  const working = new Set(subjects.map(({ name }) => name));
  return there
    .filter(({ name }) => !working.has(name))
    .map((one) => {
      const version = versionedName(one.name) ?? { processor: one.name, role: "version" as const };
      const known = outputs !== undefined && Object.hasOwn(outputs.processors, version.processor);
      return known
        ? { role: version.role, processor: version.processor, there: one }
        : { role: "stranger" as const, processor: undefined, there: one };
    });
}

/** Those that were asked for, by either name; all where none was. @throws SlipwayError (not found) */
export function asked(subjects: readonly Subject[], names: readonly string[]): readonly Subject[] {
  if (names.length === 0) return subjects;
  const known = [...new Set(subjects.flatMap(({ processor, name }) => [processor, name]))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined)
    return subjects.filter(({ processor, name }) => names.some((one) => one === processor || one === name));
  const like = suggest(unknown, known);
  throw new SlipwayError(ExitCode.notFound, `There is no processor ${JSON.stringify(unknown)}.`, {
    next: like === undefined ? `Use one of: ${known.sort().join(", ") || "none is there"}.` : `did you mean ${like}?`,
  });
}

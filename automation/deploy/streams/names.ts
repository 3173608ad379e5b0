/** What a processor of Atlas is to a processor of the files: a version of it, or a trial of one beside what runs. */
export type Role = "version" | "shadow" | "canary";

/** A name as Atlas knows it, and what it says. */
export interface OwnName {
  name: string;
  role: Role;
  /** Beginning of the digest of its definition; undefined for the plain name, which what changed in place goes by. */
  digest: string | undefined;
}

const separator = "__";
const shortened = 8;

/** The first eight digits of a digest: enough to tell versions of one processor apart. */
export const shortDigest = (digest: string): string => digest.replace(/^sha256:/, "").slice(0, shortened);

/** `orders__1a2b3c4d`: the version of a processor with this definition. */
export const versionName = (processor: string, digest: string): string =>
  `${processor}${separator}${shortDigest(digest)}`;

/** `orders__1a2b3c4d__shadow`: the trial of a version. */
export const trialName = (version: string, role: Exclude<Role, "version">): string => `${version}${separator}${role}`;

/** Pure: what a name in Atlas is to a processor; undefined where it is none of its own. */
export function ownName(processor: string, name: string): OwnName | undefined {
  if (name === processor) return { name, role: "version", digest: undefined };
  if (!name.startsWith(processor + separator)) return undefined;
  const [, digest, role = "version"] =
    /^([0-9a-f]{8})(?:__(shadow|canary))?$/.exec(name.slice(processor.length + separator.length)) ?? [];
  return digest === undefined ? undefined : { name, digest, role: role as Role };
}

/** Pure: the processor and the role that a name says, whichever processor that is; undefined for names without a version. */
export function versionedName(name: string): (OwnName & { processor: string }) | undefined {
  const [, processor] = /^(.+?)__[0-9a-f]{8}(?:__(?:shadow|canary))?$/.exec(name) ?? [];
  const own = processor === undefined ? undefined : ownName(processor, name);
  return own === undefined || processor === undefined ? undefined : { ...own, processor };
}

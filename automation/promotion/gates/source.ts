import { ExitCode } from "../../errors.ts";
import { gate, pass, refuse, short, type Gate } from "./gate.ts";

const SHOWN_FILES = 3;

/** What a release is made of is in a commit; files beside it would only mislead whoever looks at the checkout. */
export const cleanTree: Gate = gate(
  "clean-tree",
  ({ dirtyFiles }) => {
    if (dirtyFiles.length === 0) return pass("the checkout has no changes that no commit holds");
    const more = dirtyFiles.length > SHOWN_FILES ? ` and ${dirtyFiles.length - SHOWN_FILES} more` : "";
    const files = dirtyFiles.slice(0, SHOWN_FILES).map((file) => JSON.stringify(file));
    const reason = `the checkout has changes that no commit holds: ${files.join(", ")}${more}`;
    return refuse(reason, "git stash --include-untracked");
  },
  { exitCode: ExitCode.usage, overridable: false },
);

export const releaseExists: Gate = gate(
  "release",
  ({ commit, release }) =>
    release === undefined
      ? refuse(`commit ${short(commit)} has no release`, `slipway build --commit ${commit}`)
      : pass(`commit ${short(commit)} has release ${short(release.id)}`),
  { exitCode: ExitCode.notFound, overridable: false },
);

/** A version means one commit for ever: whoever looks one up must find what ran. A new version is always a way on. */
export const immutableTag: Gate = gate(
  "version-tag",
  ({ tag }) => {
    if (tag === undefined) return pass("no tag asks for this promotion");
    const { name, commit, version, firstCommit } = tag;
    if (!version) return pass(`${name} is a tag that moves; it names commit ${short(commit)}`);
    if (firstCommit === undefined || firstCommit === commit)
      return pass(`${name} names commit ${short(commit)} as ever`);
    const reason = `${name} was moved from commit ${short(firstCommit)} to ${short(commit)}; a version never moves`;
    return refuse(reason, "push the commit under a new version");
  },
  { overridable: false },
);

export const branchAncestry: Gate = gate("branch", ({ commit, branch }) => {
  if (branch === undefined) return pass("commits of any branch may come here");
  const { holder, wanted, missing, shallow, standIn } = branch;
  if (holder !== undefined) return pass(`commit ${short(commit)} is on ${holder}`);
  if (standIn && missing.length === wanted.length) return pass("the sandbox's remote has no branches to compare with");
  const names = wanted.join(" or ");
  if (missing.length === wanted.length) return refuse(`the remote has no branch ${names} that the commit could be on`);
  const reason = `commit ${short(commit)} is not on ${names} of the remote`;
  return shallow
    ? refuse(`${reason}, as far as this shallow clone shows`, "git fetch --unshallow")
    : refuse(reason, `merge it to ${wanted[0] ?? ""} and push that`);
});

export const tagSignature: Gate = gate("signature", ({ environment, commit, tag }) => {
  const { signedTags, tags, name } = environment;
  if (signedTags === undefined) return pass("no signed tag is asked for");
  if (tag === undefined) {
    const wanted = tags[0] ?? "v<version>";
    const next = `git tag --sign ${wanted} ${commit}, push it, then slipway promote --from-tag ${wanted}`;
    return refuse(`${name} takes signed tags only, and no tag asks for this promotion`, next);
  }
  const { valid, detail } = tag.signature ?? { valid: false, detail: "the signature was not checked" };
  if (valid) return pass(`tag ${tag.name} is signed: ${detail}`);
  const next = `git tag --sign --force ${tag.name} ${commit}, with a key of ${signedTags.allowedSigners}`;
  return refuse(`tag ${tag.name} has no signature that ${signedTags.allowedSigners} allows: ${detail}`, next);
});

/** The verdict of the policy pack on what the release declares. */
export const policyPack: Gate = gate(
  "policy",
  ({ policy }) => {
    if (policy === undefined) return pass("no policy pack is configured");
    if (policy.passed) return pass(policy.detail ?? `policy pack ${policy.pack} has nothing against it`);
    return refuse(`policy pack ${policy.pack} refuses it: ${policy.detail ?? "no reason given"}`, policy.next);
  },
  { exitCode: ExitCode.policy },
);

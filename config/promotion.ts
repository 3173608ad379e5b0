import { parseDocument } from "yaml";
import { parseWith, problemsError } from "./problems.ts";
import { isPreset, presetNames, presetPolicy } from "./promotion-presets.ts";
import { policySchema, presetPolicySchema, type Weekday } from "./promotion-schema.ts";
import { suggest } from "./suggest.ts";

/** Hours in which changes may be made, as the clocks of its time zone show them. */
export interface MaintenanceWindow {
  /** Days on which the window opens; one that lasts over midnight belongs to the day before. */
  days: readonly Weekday[];
  /** "HH:MM". */
  from: string;
  /** "HH:MM", up to "24:00"; not after `from` means on the next day. */
  to: string;
  /** IANA name. */
  timeZone: string;
  /** Dates on which it does not open, "YYYY-MM-DD". */
  except?: readonly string[];
}

/** Who has to agree before a release goes to an environment. */
export interface ApprovalPolicy {
  /** Different people. */
  count: number;
  /** Logins, e-mail addresses or `Name <e-mail>`; anybody where absent. */
  from?: readonly string[];
  /** Whether neither the author of the commit nor whoever promotes it may be one of them. */
  notSelf: boolean;
}

/** One environment's part of the policy. */
export interface EnvironmentPolicy {
  name: string;
  /** Accepted tag names; the first one is the tag that is moved. Empty where no tag deploys. */
  tags: string[];
  /** Other names that people may type for it. */
  aliases?: string[];
  /** Branches whose commits it takes; a push to one of them may promote here. */
  branches?: string[];
  /** Environment in which a release must have been verified before it may come here. */
  upstream?: string;
  verify: boolean;
  /** Whether a failed verification brings the last verified release back. */
  rollbackOnFailure: boolean;
  /** Milliseconds for which every check must go on passing before a release counts as verified. */
  bake?: number;
  /** Whether a commit must be on one of `branches`, or on the protected branch without any. Absent: yes, save in a first environment. */
  protectedBranch?: boolean;
  /** Only signed tags promote here; the file holds the keys in the form of `ssh-keygen`. */
  signedTags?: { allowedSigners: string };
  /** Milliseconds for which a release must have stood upstream without a break. */
  soak?: number;
  approvals?: ApprovalPolicy;
  /** Any one of them being open is enough. */
  windows?: readonly MaintenanceWindow[];
  /** Whether workflows may promote here without a person asking for it. */
  automatic?: boolean;
}

/** How code travels through the environments. */
export interface PromotionPolicy {
  /** Git remote that the tags are pushed to. */
  remote: string;
  /** Branch that a promoted commit must be on. */
  protectedBranch: string;
  /** Environment that version tags (`v1.4.0`) promote to. */
  versionTags?: string;
  /** In promotion order. */
  environments: EnvironmentPolicy[];
}

/** How an environment of the file is called in a message. */
type Label = (index: number, name: string) => string;

const indexed: Label = (index) => `environments[${index}]`;

/** What the shape alone cannot say: unique names, tags and branches, an order in which every upstream comes first, keys that go together. */
function contradictions(policy: PromotionPolicy, label: Label): string[] {
  const problems: string[] = [];
  const names: string[] = [];
  const owners = new Map<string, string>();
  const claim = (at: string, kind: string, value: string, owner: string) => {
    const other = owners.get(`${kind} ${value}`);
    if (other !== undefined)
      problems.push(
        `${at}: got "${value}", expected ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind} that ${other} does not use.`,
      );
    owners.set(`${kind} ${value}`, owner);
  };
  for (const [index, environment] of policy.environments.entries()) {
    const { name, tags, branches = [], aliases = [], upstream } = environment;
    const at = label(index, name);
    if (names.includes(name))
      problems.push(`${at}.name: got "${name}", expected a name that no other environment has.`);
    if (upstream !== undefined && !names.includes(upstream)) {
      const earlier =
        names.length === 0 ? "no upstream, it is the first" : `one of ${names.join(", ")}, listed before it`;
      problems.push(`${at}.upstream: got "${upstream}", expected ${earlier}.`);
    }
    if (policy.environments.find((other) => other.name === upstream)?.verify === false)
      problems.push(
        `${at}.upstream: got "${upstream}", expected an environment with verify: true, or nothing ever comes from there.`,
      );
    for (const tag of tags) claim(`${at}.tags`, "tag", tag, name);
    for (const branch of branches) claim(`${at}.branches`, "branch", branch, name);
    for (const alias of aliases) claim(`${at}.aliases`, "alias", alias, name);
    problems.push(...lonelyKeys(environment, policy.versionTags).map((problem) => `${at}.${problem}`));
    names.push(name);
  }
  return [...problems, ...crossing(policy, names, label)];
}

/** Keys that say nothing without another. */
function lonelyKeys(environment: EnvironmentPolicy, versionTags: string | undefined): string[] {
  const { name, tags, branches, upstream, verify, rollbackOnFailure, soak, approvals, signedTags } = environment;
  const problems: string[] = [];
  if (rollbackOnFailure && !verify)
    problems.push("rollbackOnFailure: got true, expected false while verify is false: nothing would ever fail.");
  if (environment.bake !== undefined && !verify)
    problems.push("bake: got a duration, expected none while verify is false: nothing would be looked at.");
  if (soak !== undefined && upstream === undefined)
    problems.push("soak: got a duration, expected none without an upstream to stand in.");
  if (signedTags !== undefined && tags.length === 0 && versionTags !== name)
    problems.push("signedTags: got a file, expected none where no tag promotes.");
  if (environment.automatic === true && upstream === undefined && branches === undefined)
    problems.push("automatic: got true, expected false without an upstream or branches that releases come from.");
  if (approvals?.from !== undefined && new Set(approvals.from).size < approvals.count)
    problems.push(
      `approvals.count: got ${approvals.count}, expected at most the ${new Set(approvals.from).size} in from.`,
    );
  for (const [index, { from, to }] of (environment.windows ?? []).entries())
    if (from === to) problems.push(`windows[${index}].to: got "${to}", expected another time than from.`);
  return problems;
}

function crossing({ environments, versionTags }: PromotionPolicy, names: readonly string[], label: Label): string[] {
  const problems = environments.flatMap(({ name, aliases = [], tags }, index) => {
    const others = environments.filter((other) => other.name !== name);
    const ambiguous = (word: string) => others.some((other) => other.name === word);
    const taken = (word: string) => others.some((other) => other.name === word || other.tags.includes(word));
    return [...tags.filter(ambiguous), ...aliases.filter(taken)].map(
      (word) => `${label(index, name)}: got "${word}", expected a name that means one environment only.`,
    );
  });
  if (versionTags !== undefined && !names.includes(versionTags))
    problems.push(`versionTags: got "${versionTags}", expected one of ${names.join(", ")}.`);
  return problems;
}

type Raw = Record<string, unknown>;

const isRaw = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

/** The preset with the file's own keys in place of its; environments that both list are merged key by key. */
function withPreset(raw: Raw, file: string): { merged: Raw; label: Label } {
  const name = String(raw["preset"]);
  if (!isPreset(name)) {
    const near = suggest(name, presetNames);
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    throw problemsError(file, [
      `preset: got ${JSON.stringify(raw["preset"])}, expected one of ${presetNames.join(", ")}.${hint}`,
    ]);
  }
  parseWith(presetPolicySchema, raw, { file });
  const { preset: _preset, environments: own = [], ...settings } = raw as Raw & { environments?: Raw[] };
  const base = presetPolicy(name);
  const known = base["environments"] as Raw[];
  const changed = known.map((one) => ({ ...one, ...own.find((other) => other["name"] === one["name"]) }));
  const added = own.filter((one) => known.every((other) => other["name"] !== one["name"]));
  const label: Label = (_index, environment) => {
    const index = own.findIndex((one) => one["name"] === environment);
    return index === -1 ? `${environment} of preset ${name}` : indexed(index, environment);
  };
  return { merged: { ...base, ...settings, environments: [...changed, ...added] }, label };
}

/**
 * Promotion policy from its YAML text.
 * @param file how the person knows the file, for messages
 * @throws SlipwayError (usage) that lists every problem: file, key, value, rule, next step.
 */
export function parsePromotionPolicy(yamlText: string, file = "config/promotion.yaml"): PromotionPolicy {
  const document = parseDocument(yamlText);
  if (document.errors.length > 0) {
    throw problemsError(
      file,
      document.errors.map((error) => error.message.split("\n")[0]?.replace(/:$/, "") ?? error.message),
    );
  }
  const raw: unknown = document.toJS();
  const { merged, label } = isRaw(raw) && "preset" in raw ? withPreset(raw, file) : { merged: raw, label: indexed };
  const policy = parseWith(policySchema, merged, { file }) as PromotionPolicy;
  const problems = contradictions(policy, label);
  if (problems.length > 0) throw problemsError(file, problems);
  return policy;
}

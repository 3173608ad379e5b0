import { block, list } from "../../types/build.ts";
import type { Properties } from "../../types/type-spec.ts";
import { invalid, optionalText, optionalWord, pageOf, requiredText } from "../input.ts";
import { arnOf, AwsError, present, seconds, type Operations, type Scope } from "../protocol.ts";
import type { CloudRecord, Recorded } from "../record.ts";
import type { State } from "../state.ts";
import {
  approvals,
  describedPackage,
  keptMembers,
  packageArn,
  packageEvent,
  summaryOf,
  type ModelPackage,
  type PackageGroup,
} from "./package.ts";

interface Services {
  state: State;
  record: CloudRecord;
  /** Called after each change: an event waits. */
  changed(): void;
}

/** The model registry: versions of the groups that Pulumi made. */
export function packageOperations(services: Services): Operations {
  return {
    CreateModelPackage: (input, scope) => createPackage(services, input, scope),
    DescribeModelPackage: (input, scope) => {
      const { place, found } = findPackage(
        services,
        requiredText(input, "ModelPackageName"),
        "ModelPackageName",
        scope,
      );
      return describedPackage(place, found);
    },
    ListModelPackages: (input, scope) => listPackages(services, input, scope),
    UpdateModelPackage: (input, scope) => updatePackage(services, input, scope),
    DescribeModelPackageGroup: (input, scope) => describedGroup(services, input, scope),
  };
}

function createPackage({ state, record, changed }: Services, input: Properties, scope: Scope): Properties {
  const { group, place } = groupOf(requiredText(input, "ModelPackageGroupName"), scope);
  const token = optionalText(input, "ClientToken");
  const now = Date.now();
  const made = state.transaction(() => {
    const { since, last, tokens } = standing({ state, record }, place, group);
    const before = token === undefined ? undefined : tokens[token];
    if (before !== undefined) return { group, version: before };
    const version = last + 1;
    const found = newPackage(input, { group, version, created: now, modified: now });
    const answered = token === undefined ? tokens : { ...tokens, [token]: version };
    state.put("group", place, group, { since, last: version, tokens: answered });
    state.put("package", place, keyOf(found), found);
    state.emit(place, packageEvent(place, found, []));
    return found;
  });
  changed();
  return { ModelPackageArn: packageArn(place, made) };
}

function newPackage(
  input: Properties,
  known: Pick<ModelPackage, "group" | "version" | "created" | "modified">,
): ModelPackage {
  const containers = list(block(input["InferenceSpecification"])["Containers"]);
  for (const [at, container] of containers.entries()) {
    const url = block(container)["ModelDataUrl"];
    if (url !== undefined && !(typeof url === "string" && /^(s3|https):\/\/[^/]+\/.+/.test(url)))
      throw invalid(
        `InferenceSpecification.Containers.${at + 1}.ModelDataUrl`,
        url,
        "Member must be the URL of an object",
      );
  }
  const approvalDescription = optionalText(input, "ApprovalDescription");
  const description = optionalText(input, "ModelPackageDescription");
  return {
    ...known,
    approval: optionalWord(input, "ModelApprovalStatus", approvals) ?? "PendingManualApproval",
    members: Object.fromEntries(
      keptMembers.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])),
    ),
    metadata: metadataOf(input),
    ...(approvalDescription === undefined ? {} : { approvalDescription }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Members of UpdateModelPackage that replace what was given before. */
const replaceable = ["InferenceSpecification", "SourceUri", "ModelCard", "ModelLifeCycle"];

function updatePackage({ state, record, changed }: Services, input: Properties, scope: Scope): Properties {
  const name = requiredText(input, "ModelPackageArn");
  const result = state.transaction(() => {
    const { place, found } = findPackage({ state, record }, name, "ModelPackageArn", scope);
    const removed = list(input["CustomerMetadataPropertiesToRemove"]).map(String);
    const given = { ...found.metadata, ...metadataOf(input) };
    const metadata = Object.fromEntries(Object.entries(given).filter(([key]) => !removed.includes(key)));
    const approvalDescription = optionalText(input, "ApprovalDescription") ?? found.approvalDescription;
    const members = Object.fromEntries(
      replaceable.flatMap((key) => (input[key] === undefined ? [] : [[key, input[key]]])),
    );
    const next: ModelPackage = {
      ...found,
      approval: optionalWord(input, "ModelApprovalStatus", approvals) ?? found.approval,
      ...(approvalDescription === undefined ? {} : { approvalDescription }),
      metadata,
      members: { ...found.members, ...members },
      modified: Math.max(Date.now(), found.created + 1),
    };
    const fields = Object.keys(input).filter((key) => key !== "ModelPackageArn" && input[key] !== undefined);
    state.put("package", place, keyOf(next), next);
    state.emit(place, packageEvent(place, next, fields.sort()));
    return { ModelPackageArn: packageArn(place, next) };
  });
  changed();
  return result;
}

function listPackages({ state, record }: Services, input: Properties, scope: Scope): Properties {
  const name = optionalText(input, "ModelPackageGroupName");
  const { group, place } = name === undefined ? { group: undefined, place: scope } : groupOf(name, scope);
  const groups = group === undefined ? record.list("packageGroup", place).map((each) => each.name) : [group];
  for (const each of groups) standing({ state, record }, place, each);
  const approval = optionalWord(input, "ModelApprovalStatus", approvals);
  const part = optionalText(input, "NameContains");
  // Versioned packages are the only ones here, so "Versioned" and "Both" mean the same.
  const none = optionalWord(input, "ModelPackageType", ["Versioned", "Unversioned", "Both"]) === "Unversioned";
  const [after, before] = [timeOf(input, "CreationTimeAfter"), timeOf(input, "CreationTimeBefore")];
  const found = state
    .list("package", place)
    .map(({ body }) => body)
    .filter((each) => !none && groups.includes(each.group))
    .filter((each) => approval === undefined || each.approval === approval)
    .filter((each) => part === undefined || each.group.includes(part))
    .filter(({ created }) => created / 1_000 > (after ?? 0) && created / 1_000 < (before ?? Number.POSITIVE_INFINITY));
  const byTime = (optionalWord(input, "SortBy", ["Name", "CreationTime"]) ?? "CreationTime") === "CreationTime";
  const order = (a: ModelPackage, b: ModelPackage) =>
    (byTime ? a.created - b.created : 0) || a.group.localeCompare(b.group) || a.version - b.version;
  found.sort(order);
  if (optionalWord(input, "SortOrder", ["Ascending", "Descending"]) === "Descending") found.reverse();
  const { page, next } = pageOf(found, input);
  return present({ ModelPackageSummaryList: page.map((each) => summaryOf(place, each)), NextToken: next });
}

function describedGroup({ record }: Services, input: Properties, scope: Scope): Properties {
  const { group, place } = groupOf(requiredText(input, "ModelPackageGroupName"), scope);
  const found = recordedGroup(record, place, group);
  return present({
    ModelPackageGroupName: group,
    ModelPackageGroupArn: arnOf(place, "sagemaker", `model-package-group/${group}`),
    ModelPackageGroupDescription: found.properties["modelPackageGroupDescription"],
    ModelPackageGroupStatus: "Completed",
    CreationTime: seconds(Date.parse(found.createdAt)),
  });
}

/**
 * A version by its ARN, also one of another account: policies are not enforced in the sandbox.
 *
 * @param member Member of the request that names it.
 * @throws AwsError where there is none, as where its group is gone.
 */
export function findPackage(
  { state, record }: Pick<Services, "state" | "record">,
  name: string,
  member: string,
  scope: Scope,
): { place: Scope; found: ModelPackage } {
  const [, region = scope.region, account = scope.account, group = "", version = ""] =
    /^arn:[a-z-]+:sagemaker:([a-z0-9-]+):(\d{12}):model-package\/([^/]+)\/(\d+)$/.exec(name) ?? [];
  if (group === "") throw invalid(member, name, "Member must be the ARN of a version of a model package");
  const place = { account, region };
  const recorded = record.find("packageGroup", place, group) !== undefined;
  if (recorded) standing({ state, record }, place, group);
  const found = recorded ? state.get("package", place, `${group}/${version}`) : undefined;
  if (found === undefined) throw new AwsError("ValidationException", `ModelPackage ${name} does not exist.`);
  return { place, found };
}

/**
 * What is known of a group that stands. One that was taken away and made again begins anew: its versions went with it.
 *
 * @throws AwsError where there is no such group.
 */
function standing({ state, record }: Pick<Services, "state" | "record">, place: Scope, group: string): PackageGroup {
  const { createdAt } = recordedGroup(record, place, group);
  const known = state.get("group", place, group);
  if (known?.since === createdAt) return known;
  for (const { name, body } of state.list("package", place))
    if (body.group === group) state.remove("package", place, name);
  const fresh = { since: createdAt, last: 0, tokens: {} };
  state.put("group", place, group, fresh);
  return fresh;
}

function recordedGroup(record: CloudRecord, place: Scope, group: string): Recorded {
  const found = record.find("packageGroup", place, group);
  if (found !== undefined) return found;
  const arn = arnOf(place, "sagemaker", `model-package-group/${group}`);
  throw new AwsError("ValidationException", `Model Package Group ${arn} does not exist.`);
}

function groupOf(name: string, scope: Scope): { group: string; place: Scope } {
  const [, region, account, group] =
    /^arn:[a-z-]+:sagemaker:([a-z0-9-]+):(\d{12}):model-package-group\/(.+)$/.exec(name) ?? [];
  if (region === undefined || account === undefined || group === undefined) return { group: name, place: scope };
  return { group, place: { account, region } };
}

const keyOf = ({ group, version }: Pick<ModelPackage, "group" | "version">) => `${group}/${version}`;

function metadataOf(input: Properties): Record<string, string> {
  const entries = Object.entries(block(input["CustomerMetadataProperties"]));
  const wrong = entries.find(([, value]) => typeof value !== "string");
  if (wrong !== undefined) throw invalid(`CustomerMetadataProperties.${wrong[0]}`, wrong[1], "Member must be a string");
  return Object.fromEntries(entries) as Record<string, string>;
}

function timeOf(input: Properties, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw invalid(member, value, "Member must be a time in seconds since the epoch");
  return value;
}

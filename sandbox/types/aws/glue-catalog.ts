import { arn, block, createdAt, failures, list, mustMatch, oneOf, required, text } from "../build.ts";
import { hasUnknown } from "../../unknown.ts";
import type { Failure, Properties, TypeContext, TypeSpec } from "../type-spec.ts";
import { awsType } from "./aws-type.ts";
import { rulesetProblems } from "./dqdl.ts";
import { icebergShown } from "./iceberg-table.ts";

const databaseType = "aws:glue/catalogDatabase:CatalogDatabase";
const tableType = "aws:glue/catalogTable:CatalogTable";

const lowerCase = /^(?=.{1,255}$)[^A-Z]+$/;
const lowerCaseRule = "1 to 255 characters, upper case cannot be used";

/** The catalog belongs to an account; another account's is named by its id. */
function catalogOf(inputs: Properties, context: TypeContext): string {
  return text(inputs["catalogId"]) ?? context.account;
}

const database = awsType({
  type: databaseType,
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  validate: (inputs) =>
    failures(
      mustMatch(inputs, "name", lowerCase, lowerCaseRule),
      mustMatch(inputs, "description", /^[^]{0,2048}$/, "at most 2048 characters"),
    ),
  id: (inputs, context) => `${catalogOf(inputs, context)}:${String(inputs["name"])}`,
  outputs: (inputs, _id, context) => ({
    arn: arn(context, "glue", `database/${String(inputs["name"])}`),
    catalogId: catalogOf(inputs, context),
    locationUri: text(inputs["locationUri"]) ?? "",
    createTableDefaultPermissions: inputs["createTableDefaultPermissions"] ?? [
      { permissions: ["ALL"], principal: { dataLakePrincipalIdentifier: "IAM_ALLOWED_PRINCIPALS" } },
    ],
  }),
  computed: ["arn", "catalogId", "locationUri", "createTableDefaultPermissions"],
  replaceOn: ["name", "catalogId"],
  unique: {
    properties: ["catalogId", "name"],
    error: () => "AlreadyExistsException: Database already exists.",
  },
  fidelity: "names and ARNs as in Glue; permissions of Lake Formation are not evaluated",
});

const primitives =
  "string|int|integer|bigint|smallint|tinyint|boolean|double|float|date|timestamp|binary|char\\(\\d+\\)|varchar\\(\\d+\\)";
const primitive = new RegExp(`^(${primitives}|decimal(\\(\\d+(,\\s*\\d+)?\\))?)$`, "i");

/** Hive's own wording for a column type that it cannot read, or undefined. */
export function columnTypeProblem(type: string): string | undefined {
  const unreadable = `InvalidInputException: Error: type expected at the position 0 of '${type}' but '${type}' is found.`;
  const nested = /^(array|map|struct)<(.*)>$/is.exec(type);
  if (nested === null) return primitive.test(type) ? undefined : unreadable;
  const members = splitMembers(nested[2] ?? "");
  const types = nested[1]?.toLowerCase() === "struct" ? members.map(memberType) : members;
  const arity = { array: 1, map: 2 }[nested[1]?.toLowerCase() ?? ""];
  if (arity !== undefined && members.length !== arity) return unreadable;
  return types.map((member) => columnTypeProblem(member.trim())).find((problem) => problem !== undefined);
}

function memberType(member: string): string {
  return member.slice(member.indexOf(":") + 1);
}

/** Splits at the commas that are not inside angle or round brackets. */
function splitMembers(text: string): string[] {
  const members = [""];
  let depth = 0;
  for (const character of text) {
    if ("<(".includes(character)) depth += 1;
    if (">)".includes(character)) depth -= 1;
    if (character === "," && depth === 0) members.push("");
    else members[members.length - 1] += character;
  }
  return members;
}

function validColumns(inputs: Properties): Failure[] {
  const columns = list(block(inputs["storageDescriptor"])["columns"]).map(block);
  const keys = list(inputs["partitionKeys"]).map(block);
  const problems = (property: string, described: readonly Properties[]): Failure[] =>
    described.flatMap((column) => {
      const type = text(column["type"]);
      const reason = type === undefined ? undefined : columnTypeProblem(type);
      return reason === undefined ? [] : [{ property, reason: `${String(column["name"])}: ${reason}` }];
    });
  const names = [...columns, ...keys].map((column) => text(column["name"])?.toLowerCase());
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) !== index);
  // Glue itself takes such a table; whoever reads it does not.
  const reason = `HIVE_INVALID_METADATA: Hive metadata for table is invalid: Table descriptor contains duplicate columns: ${twice}`;
  return failures(
    problems("storageDescriptor", columns),
    problems("partitionKeys", keys),
    twice === undefined ? undefined : { property: "storageDescriptor", reason },
  );
}

/** Glue makes an Iceberg table out of a location and a schema, and refuses what only Hive tables have. */
function validIceberg(inputs: Properties): Failure[] {
  const format = block(inputs["openTableFormatInput"]);
  if (inputs["openTableFormatInput"] === undefined || hasUnknown(inputs["openTableFormatInput"])) return [];
  const iceberg = block(format["icebergInput"]);
  const fail = (reason: string): Failure => ({
    property: "openTableFormatInput",
    reason: `InvalidInputException: ${reason}`,
  });
  const described = inputs["storageDescriptor"] !== undefined || iceberg["icebergTableInput"] !== undefined;
  return failures(
    iceberg["metadataOperation"] === "CREATE" ? undefined : fail("metadataOperation must be CREATE"),
    ["1", "2", "3", undefined].includes(iceberg["version"] as string | undefined)
      ? undefined
      : fail(`unsupported Iceberg format version ${String(iceberg["version"])}`),
    described ? undefined : fail("an Iceberg table needs a storageDescriptor with location and columns"),
    list(inputs["partitionKeys"]).length > 0 ? fail("partition keys are not supported for Iceberg tables") : undefined,
  );
}

const table = awsType({
  type: tableType,
  autoName: { property: "name", maxLength: 255 },
  validate: (inputs) =>
    failures(
      required(inputs, "databaseName"),
      mustMatch(inputs, "name", lowerCase, lowerCaseRule),
      oneOf(inputs, "tableType", ["EXTERNAL_TABLE", "VIRTUAL_VIEW", "MANAGED_TABLE", "GOVERNED"]),
      validColumns(inputs),
      validIceberg(inputs),
    ),
  id: (inputs, context) =>
    [catalogOf(inputs, context), String(inputs["databaseName"]), String(inputs["name"])].join(":"),
  outputs: (inputs, _id, context) => ({
    arn: arn(context, "glue", `table/${String(inputs["databaseName"])}/${String(inputs["name"])}`),
    catalogId: catalogOf(inputs, context),
    partitionIndices: inputs["partitionIndices"] ?? [],
    ...icebergShown(inputs),
  }),
  computed: ["arn", "catalogId", "partitionIndices"],
  replaceOn: ["catalogId", "databaseName", "name", "openTableFormatInput", "partitionIndices"],
  references: { databaseName: databaseType },
  unique: {
    properties: ["catalogId", "databaseName", "name"],
    error: () => "AlreadyExistsException: Table already exists.",
  },
  fidelity:
    "column types and Iceberg input checked; an Iceberg table is an entry without metadata files, so nothing can be committed to it",
});

function targetMissing(inputs: Properties, context: TypeContext): string | undefined {
  const databaseName = text(block(inputs["targetTable"])["databaseName"]);
  const tableName = text(block(inputs["targetTable"])["tableName"]);
  if (tableName === undefined) return undefined;
  const there = context
    .find(tableType)
    .some(({ inputs: other }) => other["databaseName"] === databaseName && other["name"] === tableName);
  return there ? undefined : `EntityNotFoundException: Table ${tableName} not found.`;
}

const rulesetType = "aws:glue/dataQualityRuleset:DataQualityRuleset";

const ruleset = awsType({
  type: rulesetType,
  taggable: true,
  autoName: { property: "name", maxLength: 255 },
  validate: (inputs) => {
    const rules = text(inputs["ruleset"]);
    return failures(
      required(inputs, "ruleset"),
      mustMatch(inputs, "name", /^[^]{1,255}$/, "1 to 255 characters"),
      mustMatch(inputs, "description", /^[^]{0,2048}$/, "at most 2048 characters"),
      rules === undefined ? [] : rulesetProblems(rules).map((reason) => ({ property: "ruleset", reason })),
    );
  },
  id: (inputs) => String(inputs["name"]),
  outputs: (_inputs, id, context) => ({
    arn: arn(context, "glue", `dataQualityRuleset/${id}`),
    createdOn: createdAt(context, rulesetType),
    lastModifiedOn: createdAt(context, rulesetType),
    recommendationRunId: "",
  }),
  computed: ["arn", "createdOn", "lastModifiedOn", "recommendationRunId"],
  replaceOn: ["name", "targetTable"],
  refuseCreate: targetMissing,
  unique: {
    properties: ["name"],
    error: (inputs) => `AlreadyExistsException: DataQualityRuleset with name ${String(inputs["name"])} already exists.`,
  },
  fidelity: "rules parsed, names of rule types checked; Glue evaluates nothing here",
});

export const glueCatalogTypes: readonly TypeSpec[] = [database, table, ruleset];

import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { type Transform, transform } from "../shared/transform.ts";
import { databaseDescriptions, ownedByCommits, tableArgs } from "./catalog.ts";
import type { DatasetDefinition } from "./dataset.ts";
import type { TableFormat } from "./functions.ts";
import { type DatabaseRole, lakeDatabase } from "./lake-scope.ts";
import { type DataScope, dataName } from "./state-machine/names.ts";

export interface LakeCatalogArgs extends DataScope {
  datasets: readonly DatasetDefinition[];
  tableFormat: TableFormat;
  /** Defaults to `retain`. */
  removal?: Removal;
  transform?: { table?: Transform<aws.glue.CatalogTableArgs> };
}

/**
 * Databases of the lake, and the published tables with their quality rules, all from the definitions of the datasets. The
 * other databases get copies of these tables from the runs that need them.
 */
export class LakeCatalog extends SlipwayComponent {
  /** Names of the databases. */
  readonly databases: Readonly<Record<DatabaseRole, pulumi.Output<string>>>;

  constructor(name: string, args: LakeCatalogArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LakeCatalog", name, opts);
    const published = protectionOf("data", args.removal ?? "retain");
    const database = (role: DatabaseRole) =>
      new aws.glue.CatalogDatabase(
        `${name}-${role}`,
        { name: lakeDatabase(args, role), description: databaseDescriptions[role] },
        childOf(this, role === "live" ? published : {}),
      ).name;
    this.databases = { live: database("live"), staging: database("staging"), verification: database("verification") };
    for (const dataset of args.datasets) {
      const key = dataset.name.replaceAll("_", "-");
      const table = new aws.glue.CatalogTable(
        ...transform(
          args.transform?.table,
          `${name}-${key}`,
          { databaseName: this.databases.live, ...tableArgs(args, dataset, args.tableFormat) },
          childOf(this, { ...published, ignoreChanges: ownedByCommits(args.tableFormat) }),
        ),
      );
      new aws.glue.DataQualityRuleset(
        `${name}-${key}-rules`,
        {
          name: dataName(args.environment, key),
          description: `Quality rules of ${dataset.name}`,
          ruleset: dataset.ruleset,
          targetTable: { databaseName: table.databaseName, tableName: table.name },
        },
        childOf(this),
      );
    }
    this.registerOutputs({ databases: this.databases });
  }
}

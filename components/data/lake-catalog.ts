import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { SlipwayComponent, childOf } from "../shared/component.ts";
import { type Removal, protectionOf } from "../shared/protection.ts";
import { type Transform, transform } from "../shared/transform.ts";
import { databaseDescriptions, databaseRoles, tableArgs } from "./catalog.ts";
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

/** Databases, tables and quality rules of the lake, all from the definitions of the datasets. */
export class LakeCatalog extends SlipwayComponent {
  /** Names of the databases. */
  readonly databases: Readonly<Record<DatabaseRole, pulumi.Output<string>>>;

  constructor(name: string, args: LakeCatalogArgs, opts?: pulumi.ComponentResourceOptions) {
    super("LakeCatalog", name, opts);
    const made = databaseRoles.map((role) => [role, this.addDatabase(`${name}-${role}`, role, args).name] as const);
    this.databases = Object.fromEntries(made) as LakeCatalog["databases"];
    this.registerOutputs({ databases: this.databases });
  }

  private addDatabase(name: string, role: DatabaseRole, args: LakeCatalogArgs): aws.glue.CatalogDatabase {
    // Only the published tables are worth keeping: the partitions of the others come and go with each run.
    const protection = protectionOf(role === "live" ? "data" : "rebuildable", args.removal ?? "retain");
    const database = new aws.glue.CatalogDatabase(
      `${name}-database`,
      { name: lakeDatabase(args, role), description: databaseDescriptions[role] },
      childOf(this, protection),
    );
    for (const dataset of args.datasets) {
      const table = new aws.glue.CatalogTable(
        ...transform(
          args.transform?.table,
          `${name}-${dataset.name.replaceAll("_", "-")}`,
          { databaseName: database.name, ...tableArgs(args, role, dataset, args.tableFormat) },
          childOf(this, protection),
        ),
      );
      if (role === "live") this.addRuleset(name, dataset, table, args);
    }
    return database;
  }

  private addRuleset(
    name: string,
    dataset: DatasetDefinition,
    table: aws.glue.CatalogTable,
    args: LakeCatalogArgs,
  ): void {
    const key = dataset.name.replaceAll("_", "-");
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
}

import type { CloudResource, InputEquals, Properties } from "../types/type-spec.ts";
import { Database } from "./database.ts";

/** Where one resource lives. Global services and packages without regions leave the region empty. */
export interface Address {
  account: string;
  region: string;
  type: string;
  id: string;
}

/** A resource with what the sandbox itself needs to know about it. */
export interface StoredResource extends CloudResource {
  /** Tells resources of the same URN apart: the n-th try at a name or id. */
  salt: number;
  /** True for a type without a table entry. */
  echoed: boolean;
  updatedAt: string;
}

export interface NewResource {
  urn: string;
  inputs: Properties;
  outputs: Properties;
  uniqueKey: string | undefined;
  /** Id, names and ARN under which others may refer to it. */
  handles: readonly string[];
  salt: number;
  echoed: boolean;
  createdAt: string;
}

interface Row {
  account: string;
  region: string;
  type: string;
  id: string;
  urn: string;
  inputs: string;
  outputs: string;
  salt: number;
  echoed: number;
  created_at: string;
  updated_at: string;
}

const key = "account = ? AND region = ? AND type = ? AND id = ?";

/** The resources of one sandbox, in every account. Safe to use from many processes at once. */
export class Cloud {
  readonly database: Database;

  constructor(directory: string) {
    this.database = new Database(directory);
  }

  get(address: Address): StoredResource | undefined {
    const row = this.database.get<Row>(`SELECT * FROM resources WHERE ${key}`, ...parts(address));
    return row === undefined ? undefined : fromRow(row);
  }

  /** Every resource, or those of one account, type or URN, in order of creation. */
  list(
    filter: { account?: string; region?: string; type?: string; urn?: string } = {},
    equals?: InputEquals,
  ): StoredResource[] {
    const fields = Object.entries(filter).filter(([, value]) => value !== undefined);
    if (equals !== undefined) fields.push([`json_extract(inputs, '$.${identifier(equals.input)}')`, equals.value]);
    const where = fields.length === 0 ? "" : ` WHERE ${fields.map(([name]) => `${name} = ?`).join(" AND ")}`;
    const values = fields.map(([, value]) => value);
    return this.database.all<Row>(`SELECT * FROM resources${where} ORDER BY created_at, id`, ...values).map(fromRow);
  }

  exists(address: Address): boolean {
    return this.database.get(`SELECT 1 FROM resources WHERE ${key}`, ...parts(address)) !== undefined;
  }

  /** Whether another resource of the type holds these unique properties, in this account and region or anywhere. */
  uniqueKeyTaken(
    place: Omit<Address, "id">,
    uniqueKey: string,
    options: { everywhere: boolean; exceptId?: string },
  ): boolean {
    const sql = `SELECT 1 FROM resources WHERE type = ? AND unique_key = ? AND id <> ? AND (? OR (account = ? AND region = ?)) LIMIT 1`;
    const { account, region, type } = place;
    const except = options.exceptId ?? "";
    return this.database.get(sql, type, uniqueKey, except, options.everywhere ? 1 : 0, account, region) !== undefined;
  }

  /** Whether a resource of the type answers to this id, name or ARN. ARNs are looked up in every account. */
  handleExists(type: string, handle: string, account: string): boolean {
    const anyAccount = handle.startsWith("arn:") ? 1 : 0;
    const sql = "SELECT 1 FROM handles WHERE type = ? AND handle = ? AND (account = ? OR ?) LIMIT 1";
    return this.database.get(sql, type, handle, account, anyAccount) !== undefined;
  }

  insert(address: Address, resource: NewResource): void {
    this.database.run(
      `INSERT INTO resources (account, region, type, id, urn, inputs, outputs, unique_key, salt, echoed, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...parts(address),
      resource.urn,
      JSON.stringify(resource.inputs),
      JSON.stringify(resource.outputs),
      resource.uniqueKey ?? null,
      resource.salt,
      resource.echoed ? 1 : 0,
      resource.createdAt,
      resource.createdAt,
    );
    this.#writeHandles(address, resource.handles);
  }

  update(address: Address, resource: Pick<NewResource, "urn" | "inputs" | "outputs" | "uniqueKey" | "handles">): void {
    this.database.run(
      `UPDATE resources SET urn = ?, inputs = ?, outputs = ?, unique_key = ?, updated_at = ? WHERE ${key}`,
      resource.urn,
      JSON.stringify(resource.inputs),
      JSON.stringify(resource.outputs),
      resource.uniqueKey ?? null,
      new Date().toISOString(),
      ...parts(address),
    );
    this.#writeHandles(address, resource.handles);
  }

  /** Changes what the cloud holds without touching names and references; for lifecycle states and drift. */
  overwrite(address: Address, inputs: Properties, outputs: Properties): void {
    const sql = `UPDATE resources SET inputs = ?, outputs = ?, updated_at = ? WHERE ${key}`;
    const now = new Date().toISOString();
    this.database.run(sql, JSON.stringify(inputs), JSON.stringify(outputs), now, ...parts(address));
  }

  overwriteOutputs(address: Address, outputs: Properties): void {
    this.database.run(`UPDATE resources SET outputs = ? WHERE ${key}`, JSON.stringify(outputs), ...parts(address));
  }

  /** Returns false when there was nothing to remove. */
  remove(address: Address): boolean {
    this.database.run(`DELETE FROM handles WHERE ${key}`, ...parts(address));
    return this.database.run(`DELETE FROM resources WHERE ${key}`, ...parts(address)) > 0;
  }

  /** Resources per account, region and type. */
  count(): { account: string; region: string; type: string; count: number; echoed: number }[] {
    return this.database.all(
      `SELECT account, region, type, count(*) AS count, sum(echoed) AS echoed FROM resources
       GROUP BY account, region, type ORDER BY account, region, type`,
    );
  }

  close(): void {
    this.database.close();
  }

  #writeHandles(address: Address, handles: readonly string[]): void {
    this.database.run(`DELETE FROM handles WHERE ${key}`, ...parts(address));
    for (const handle of new Set(handles)) {
      const sql = "INSERT INTO handles (account, region, type, id, handle) VALUES (?, ?, ?, ?, ?)";
      this.database.run(sql, ...parts(address), handle);
    }
  }
}

/** A property's name as it may stand in SQL, where the index on it is found by its text. */
function identifier(name: string): string {
  if (!/^[A-Za-z]\w*$/.test(name)) throw new Error(`"${name}" is no name of an input`);
  return name;
}

function parts(address: Address): [string, string, string, string] {
  return [address.account, address.region, address.type, address.id];
}

function fromRow(row: Row): StoredResource {
  return {
    account: row.account,
    region: row.region,
    type: row.type,
    id: row.id,
    urn: row.urn,
    inputs: JSON.parse(row.inputs) as Properties,
    outputs: JSON.parse(row.outputs) as Properties,
    salt: row.salt,
    echoed: row.echoed === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

import assert from "node:assert/strict";
import { isWildcardOnlyAction } from "@cloud-copilot/iam-simulate";
import { describe, it } from "mocha";
import { mayAssume, mayDo } from "./simulate.ts";
import { attempts } from "./table/assume.ts";
import { dataTable } from "./table/data.ts";
import { deployRows } from "./table/deploy.ts";
import { modelTable } from "./table/model.ts";
import { operationsTable } from "./table/operations.ts";
import { platformTable } from "./table/platform.ts";
import { previewRows } from "./table/preview.ts";
import { type Row, type Table, closedToAll } from "./table/row.ts";
import { type Role, type StackName, world } from "./world.ts";

const accounts = { operations: "111111111111", dev: "222222222222", staging: "333333333333", prod: "444444444444" };
const stacks = Object.keys(accounts) as StackName[];

function tableOf(stack: StackName): Table {
  const place = { environment: stack, account: accounts[stack] };
  if (stack === "operations") return operationsTable(place);
  return {
    ...platformTable(place),
    ...dataTable(place),
    ...modelTable(place),
    "slipway-deploy": deployRows(place),
    "slipway-preview": previewRows(place),
  };
}

async function roleOf(stack: StackName, name: string): Promise<Role> {
  const found = (await world()).roles.find((role) => role.stack === stack && role.name === name);
  assert.ok(found, `${stack} has no role ${name}`);
  return found;
}

interface Granted {
  Sid: string;
  Effect: string;
  Action: string[];
  Resource: string | string[];
}

const asked = ({ action, resource, context }: Row) =>
  `${action} on ${resource}${context === undefined ? "" : ` with ${JSON.stringify(context)}`}`;

/** The rows of a role that come out otherwise than the table says. */
async function otherwise(role: Role, rows: readonly Row[]): Promise<string[]> {
  const made = await world();
  const wrong: string[] = [];
  for (const row of rows) {
    const allowed = await mayDo(made, role, row.action, row.resource, row.context);
    if (allowed !== row.may) wrong.push(`${allowed ? "may" : "may not"} ${asked(row)}`);
  }
  return wrong;
}

describe("test/iam: what every role of the program comes to", function () {
  this.timeout(120_000);

  it("has rows for every role there is, and for no other", async () => {
    for (const stack of stacks) {
      const there = (await world()).roles.filter((role) => role.stack === stack).map(({ name }) => name);
      assert.deepEqual(Object.keys(tableOf(stack)).sort(), there.sort(), stack);
    }
  });

  it("asks of every role for something that it may and something that it may not", () => {
    for (const stack of stacks) {
      for (const [name, rows] of Object.entries(tableOf(stack))) {
        const answers = new Set(rows.map(({ may }) => may));
        assert.deepEqual([answers.has(true), answers.has(false)], [true, true], `${stack} ${name}`);
      }
    }
  });

  it("keeps every role under the boundary of its own account, for an hour at most", async () => {
    for (const { name, boundary, sessionSeconds } of (await world()).roles) {
      assert.equal(boundary?.name, "slipway-boundary", name);
      assert.ok(sessionSeconds <= 3_600, name);
    }
  });

  it("grants what takes no resource on everything, where alone it works", async () => {
    const wrong: string[] = [];
    for (const { name, policies } of (await world()).roles.filter(({ policies }) => policies.length > 0)) {
      for (const { Sid, Effect, Action, Resource } of policies.flatMap(({ policy }) => policy.Statement as Granted[])) {
        if (Effect !== "Allow" || [Resource].flat().includes("*")) continue;
        for (const action of Action.filter((one) => !one.includes("*"))) {
          const [service = "", call = ""] = action.split(":");
          if (await isWildcardOnlyAction(service, call)) wrong.push(`${name} ${Sid}: ${action}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
  });

  for (const stack of stacks) {
    for (const [name, rows] of Object.entries(tableOf(stack))) {
      it(`${stack}: ${name} (${rows.length} rows)`, async () => {
        assert.deepEqual(await otherwise(await roleOf(stack, name), rows), []);
      });
    }

    it(`${stack}: the ways out are closed to all`, async () => {
      for (const role of (await world()).roles.filter((one) => one.stack === stack)) {
        assert.deepEqual(await otherwise(role, closedToAll(role)), [], role.name);
      }
    });
  }
});

describe("test/iam: who takes a role of the delivery on", function () {
  this.timeout(120_000);
  for (const { title, stack, role, claims, may } of attempts) {
    it(`${stack}: ${role} ${may ? "opens to" : "stays shut to"} ${title}`, async () => {
      assert.equal(await mayAssume(await roleOf(stack, role), claims), may);
    });
  }
});

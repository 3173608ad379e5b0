/** A command of the `sp` tool: what it takes, what it really does, and what does it here. */
export interface SpCommand {
  /** Options that a value follows, and those that none does. */
  valued?: readonly string[];
  flags?: readonly string[];
  positional?: number;
  does: string;
  instead: string;
}

const one = ["-p", "--processor"];
const run = { valued: [...one, "-t", "--tier", "--all-tier"], flags: ["--auto"] };
const deploy = "./slipway up <environment>, or ./slipway promote <environment>";

const connections: Readonly<Record<string, SpCommand>> = {
  create: { does: "leaves a connection that exists as it is, changed or not", instead: deploy },
  list: { does: "prints colours and words around the JSON", instead: "./slipway streams status <environment>" },
  delete: { positional: 1, does: "asks nobody", instead: `remove it from connections/, then ${deploy}` },
  test: {
    ...{ flags: ["--require-mongodb"], valued: ["--connection"] },
    ...{ does: "looks whether it is there", instead: "./slipway verify <environment>" },
  },
};

const workspaces: Readonly<Record<string, SpCommand>> = {
  list: { does: "shows what is there", instead: "./slipway streams status <environment>" },
  details: { positional: 1, does: "shows what is there", instead: "./slipway streams status <environment>" },
  create: {
    ...{ positional: 1, valued: ["--cloud-provider", "--region"] },
    ...{ does: "asks for a workspace", instead: `slipway:streams in Pulumi.<environment>.yaml, then ${deploy}` },
  },
  delete: { positional: 1, does: "asks nobody", instead: "./slipway destroy <environment>" },
};

const processors: Readonly<Record<string, SpCommand>> = {
  create: {
    ...{ valued: one, does: "deletes each processor and makes it anew: checkpoints and windows are lost" },
    instead: `${deploy}; ./slipway streams diff says what a change does to a checkpoint`,
  },
  list: {
    valued: one,
    does: "prints colours and words around the JSON",
    instead: "./slipway streams status <environment>",
  },
  stats: { valued: one, flags: ["--verbose"], does: "shows counts", instead: "./slipway streams stats <environment>" },
  start: {
    ...{ ...run, does: "silently takes the workspace's own tier where Atlas refuses the one that it guessed" },
    instead: `"state" and "tier" in policies/<processor>.json, then ${deploy}`,
  },
  stop: {
    ...{ valued: one, does: "stops without saying how long that may last" },
    instead: `"state": "STOPPED" in policies/<processor>.json, then ${deploy}`,
  },
  restart: {
    ...{ ...run, does: "starts what is deployed, not what is in the files" },
    instead: `${deploy}; a change goes on from its checkpoint`,
  },
  drop: {
    ...{ positional: 1, valued: one, flags: ["--all"], does: "deletes what processors know, and asks nobody" },
    instead: `remove the file, then ${deploy}; ./slipway rollback <environment> where something went wrong`,
  },
  test: {
    ...{ valued: one, does: "looks at six things and runs nothing" },
    instead: "./slipway streams lint and ./slipway streams test",
  },
  "tier-advise": {
    ...{ valued: one, flags: ["--all"] },
    does: "looks at what is deployed, so a processor of a pull request is not among it; windows count nothing",
    instead: "./slipway streams advise --base main",
  },
  profile: {
    ...{ valued: [...one, "--duration", "--interval", "--metrics", "--output", "--thresholds"] },
    ...{ flags: ["--all", "--continuous"], does: "ends with 0 whatever the thresholds say" },
    instead: "./slipway streams profile <environment>, and ./slipway streams compare <environment>",
  },
};

/** What a group of commands holds; `workspaces` and `instances` are the same thing, but for one mistake in the tool. */
export const spCommands: Readonly<Record<string, Readonly<Record<string, SpCommand>>>> = {
  workspaces,
  instances: workspaces,
  processors,
  "instances connections": connections,
  "workspaces connections": connections,
};

/** Commands that guides of the tool show, and that it does not have. */
export const imagined: Readonly<Record<string, string>> = {
  "analyze-tier": "./slipway streams advise",
  "create-workspace": workspaces["create"]?.instead ?? "",
  "profile-continuous": "./slipway streams profile <environment>",
  "configure-autoscale": '"autoscaling" in policies/<processor>.json',
  "set-cost-alert": "./slipway streams advise, which prices what is in the files",
};

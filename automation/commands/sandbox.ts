import { dirname } from "node:path";
import type { Context } from "../context.ts";
import type { SandboxSwitch } from "../engine/sandbox.ts";
import { ExitCode, SlipwayError } from "../errors.ts";
import { sandboxStatusLines } from "../report/sandbox-status.ts";
import { plural } from "../report/text.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";
import { done, flag, text, type CommandResult } from "./result.ts";
import { count } from "./run-options.ts";
import { promoteService, serveEnvironment } from "./sandbox-services.ts";

type Options = Record<string, unknown>;
type Action = (
  context: Context,
  workspace: Workspace & { sandbox: SandboxSwitch },
  args: readonly string[],
  options: Options,
) => Promise<CommandResult>;

const actions: Readonly<Record<string, Action>> = { status, shell, serve, promote, fault, drift, reset };

/** These verbs are about the sandbox, so they need no `--sandbox`. */
export async function run(context: Context, args: readonly string[], options: Options): Promise<CommandResult> {
  const [name = "", ...rest] = args;
  const action = actions[name];
  if (action === undefined)
    throw new SlipwayError(ExitCode.usage, `The sandbox has no action "${name}".`, {
      next: `Use one of: ${Object.keys(actions).join(", ")}.`,
    });
  const workspace = await openWorkspace({ ...context, sandbox: true });
  const { sandbox } = workspace;
  if (sandbox === undefined) throw new Error("the workspace was opened without its sandbox");
  return action(context, { ...workspace, sandbox }, rest, options);
}

async function status(context: Context, { sandbox }: { sandbox: SandboxSwitch }): Promise<CommandResult> {
  const found = await sandbox.tools.sandboxStatus(sandbox.directory, {
    events: 10,
    environment: { ...context.environment, ...sandbox.environment },
  });
  return done({ ...found }, sandboxStatusLines(context.console, found).join("\n"));
}

/** Prints what a shell has to evaluate so that plain `pulumi` uses the sandbox: eval "$(./slipway sandbox shell)". */
async function shell(context: Context, workspace: Workspace & { sandbox: SandboxSwitch }): Promise<CommandResult> {
  const { sandbox, root } = workspace;
  const cli = await workspace.cli();
  for (const stack of workspace.stacks) await sandbox.ensureStack(stack);
  const lines = sandbox.tools.shellLines({
    directory: sandbox.directory,
    environment: sandbox.environment,
    root,
    cliDirectory: dirname(cli.path),
    path: context.environment["PATH"] ?? "",
  });
  return done({ script: lines }, lines);
}

async function promote(_context: Context, { sandbox }: { sandbox: SandboxSwitch }, args: readonly string[]) {
  return promoteService(sandbox, args);
}

/**
 * Keeps the emulator running until Ctrl-C, for looking around in it with the tools of the real cloud; with an environment, its services
 * instead, for looking at them in a browser.
 */
async function serve(
  context: Context,
  { sandbox }: { sandbox: SandboxSwitch },
  [environmentName]: readonly string[],
): Promise<CommandResult> {
  if (environmentName !== undefined) return serveEnvironment(context, sandbox, environmentName, aborted);
  const { tools, directory, environment } = sandbox;
  const own = { ...context.environment, ...environment };
  const python = await tools.ensureSandboxPython((line) => context.console.info(line), own);
  const live = await tools.connectLive(directory, { environment: own });
  if (live === undefined)
    throw new SlipwayError(ExitCode.usage, `The sandbox's services are only simulated: ${python.reason ?? "off"}.`, {
      where: directory,
      next: "Install Python 3.11 or newer, or set SLIPWAY_SANDBOX_PYTHON.",
    });
  const { endpoint } = live;
  const atlas = tools.atlasLines(environment["MONGODB_ATLAS_BASE_URL"] ?? "");
  for (const line of [...tools.serveLines(live), ...atlas]) context.console.info(line);
  try {
    await Promise.race([live.ended, aborted(context.signal)]);
  } finally {
    await live.close();
  }
  return done({ endpoint }, "the emulator ends as soon as nobody else uses it");
}

/** Settles with Ctrl-C. The timer keeps the process: a signal that nobody sends does not. */
async function aborted(signal: AbortSignal): Promise<void> {
  const timer = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  clearInterval(timer);
}

async function fault(
  context: Context,
  { sandbox }: { sandbox: SandboxSwitch },
  args: readonly string[],
  options: Options,
): Promise<CommandResult> {
  const [kind = "list", id] = args;
  const { tools, directory } = sandbox;
  if (kind === "list") return listFaults(context, sandbox);
  if (kind === "clear") {
    const lifted = tools.liftFaults(directory, id === undefined ? undefined : Number(id));
    return done({ lifted }, `${plural(lifted, "fault")} lifted`);
  }
  const message = text(options, "message");
  const operation = text(options, "operation");
  const strikes = count(options, "count");
  const milliseconds = count(options, "latency");
  const set = tools.setFault(directory, {
    kind: kind as Parameters<typeof tools.setFault>[1]["kind"],
    typeGlob: text(options, "type") ?? "*",
    ...(operation === undefined ? {} : { operation: operation as "create" }),
    ...(strikes === undefined ? {} : { remaining: strikes }),
    ...(milliseconds === undefined ? {} : { milliseconds }),
    ...(message === undefined ? {} : { message }),
  });
  return done(
    { fault: set },
    `fault ${set.id}: ${kind} on ${set.operation} of ${set.typeGlob}, ${plural(set.remaining, "time")}`,
  );
}

async function listFaults(_context: Context, { tools, directory }: SandboxSwitch): Promise<CommandResult> {
  const faults = tools.activeFaults(directory);
  const lines = faults.map(
    (each) =>
      `${each.id}  ${each.kind} on ${each.operation} of ${each.typeGlob}, ${plural(each.remaining, "time")} left`,
  );
  return done({ faults }, lines.length === 0 ? "no faults" : lines.join("\n"));
}

async function drift(
  _context: Context,
  { sandbox }: { sandbox: SandboxSwitch },
  args: readonly string[],
  options: Options,
): Promise<CommandResult> {
  const { tools, directory } = sandbox;
  const [what = "", resource = ""] = args;
  const type = text(options, "type");
  const account = text(options, "account");
  const target = { resource, ...(type === undefined ? {} : { type }), ...(account === undefined ? {} : { account }) };
  if (what === "delete") {
    const gone = tools.driftDelete(directory, target);
    return done({ deleted: gone }, `${gone.type} ${gone.id} is gone, and Pulumi does not know`);
  }
  const assignment = /^([^=]+)=(.*)$/s.exec(text(options, "set") ?? "");
  if (what !== "set" || assignment === null)
    throw new SlipwayError(
      ExitCode.usage,
      "drift takes `delete <resource>` or `set <resource> --set property=value`.",
      {
        next: "./slipway sandbox drift set <resource> --set tags.owner=somebody",
      },
    );
  const [, property = "", value = ""] = assignment;
  const changed = tools.driftProperty(directory, target, property, jsonOrText(value));
  return done({ changed }, `${changed.type} ${changed.id}: ${property} changed, and Pulumi does not know`);
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

async function reset(
  context: Context,
  { sandbox }: { sandbox: SandboxSwitch },
  _args: readonly string[],
  options: Options,
): Promise<CommandResult> {
  const confirmed =
    flag(options, "yes") ||
    (await context.confirm?.(`This removes everything in ${sandbox.directory}.`, "reset")) === true;
  if (!confirmed)
    throw new SlipwayError(ExitCode.usage, "Nothing was removed: resetting the sandbox was not confirmed.", {
      where: sandbox.directory,
      next: "./slipway sandbox reset --yes",
    });
  const removed = await sandbox.tools.resetSandbox(sandbox.directory);
  return done({ removed }, `removed ${plural(removed.length, "entry", "entries")} of ${sandbox.directory}`);
}

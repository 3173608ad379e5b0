import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseNotifications, type NotificationKind } from "../../config/notifications.ts";
import type { Context } from "../context.ts";
import type { SecretAge } from "../ci/secrets.ts";
import type { StackDrift } from "../drift/detect.ts";
import type { LedgerRecord } from "../promotion/ledger-records.ts";
import { findingLine } from "../report/drift.ts";
import type { Workspace } from "../workspace.ts";
import { deliver, forgetDrift, type Delivery } from "./deliver.ts";
import { eventOfDrift, eventOfRecord, eventOfSecrets, type NotificationEvent } from "./event.ts";
import type { Notifier } from "./notifier.ts";

export type Announcing = Pick<Workspace, "root" | "environment" | "store"> & { sandbox: object | undefined };

/**
 * Tells people of a record that has just been added to the ledger. Call it without waiting: it never rejects, and it keeps the process
 * for three seconds at most. Answers when everything was tried.
 */
export async function announce(context: Context, workspace: Announcing, record: LedgerRecord): Promise<void> {
  await guarded(context, async () => {
    const event = eventOfRecord(record);
    if (event !== undefined) await announceEvent(context, workspace, event);
  });
}

/** The same for what a look for drift found; where it found none, the next drift is news again. */
export async function announceDrift(context: Context, workspace: Announcing, drift: StackDrift): Promise<void> {
  await guarded(context, async () => {
    if (drift.findings.length > 0)
      return announceEvent(context, workspace, eventOfDrift(drift, drift.findings.map(findingLine), context.now()));
    const { notifiers } = await waysOf(context, workspace, "drift");
    if (notifiers.length > 0) await forgetDrift(drift.stack, workspace.store);
  });
}

/** The same for secrets that got too old. */
export async function announceSecrets(
  context: Context,
  workspace: Announcing,
  { old, most }: { old: readonly SecretAge[]; most: number },
): Promise<void> {
  await guarded(context, () => announceEvent(context, workspace, eventOfSecrets(old, most, context.now())));
}

async function announceEvent(context: Context, workspace: Announcing, event: NotificationEvent): Promise<void> {
  await deliver(event, await waysOf(context, workspace, event.kind));
}

/** A mistake in the settings is a warning here: it must not stop what is to be told. */
async function guarded({ console }: Context, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.warn(`nobody was told: ${(error as Error).message}`);
  }
}

async function waysOf({ console }: Context, workspace: Announcing, kind: NotificationKind): Promise<Delivery> {
  const { warn, debug } = console;
  const delivery = { store: workspace.store, warn, debug };
  const { events, webhook, topicArn } = parseNotifications(await settingsText(workspace.root), workspace.environment);
  if (!events.includes(kind) || (webhook === undefined && topicArn === undefined))
    return { ...delivery, notifiers: [] };
  const sandbox = workspace.sandbox !== undefined;
  const notifiers: Notifier[] = [];
  if (webhook !== undefined && mayReach(webhook, sandbox, debug))
    notifiers.push((await import("./slack.ts")).slackNotifier(webhook, { sandbox }));
  const endpoint = workspace.environment["AWS_ENDPOINT_URL_SNS"] ?? workspace.environment["AWS_ENDPOINT_URL"] ?? "";
  if (topicArn !== undefined && mayReach(endpoint || "https://sns", sandbox, debug))
    notifiers.push((await import("./sns.ts")).snsNotifier(topicArn, { sandbox }));
  return { ...delivery, notifiers };
}

const isLocal = ({ hostname }: URL): boolean => ["127.0.0.1", "[::1]", "localhost"].includes(hostname);

/** A rehearsal calls nobody: from the sandbox only this machine is told. Elsewhere an address is encrypted, or local. */
function mayReach(address: string, sandbox: boolean, debug: (line: string) => void): boolean {
  const url = URL.parse(address);
  if (url === null) throw new Error("the webhook's address is no URL");
  if (isLocal(url)) return true;
  if (sandbox) debug("not told: what happens in the sandbox stays on this machine");
  else if (url.protocol !== "https:") throw new Error("the webhook's address does not begin with https://");
  return !sandbox;
}

async function settingsText(root: string): Promise<string | undefined> {
  try {
    return await readFile(join(root, "config", "notifications.yaml"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

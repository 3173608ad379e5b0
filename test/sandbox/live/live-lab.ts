import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Cloud } from "../../../sandbox/cloud/cloud.ts";
import { connectLive, stopLive, type LiveCloud } from "../../../sandbox/live/connect.ts";
import type { CloudResource, Properties } from "../../../sandbox/types/type-spec.ts";
import { ensureVenv } from "../../../tools/testing/python.ts";

const root = resolve(import.meta.dirname, "../../..");
export const account = "111111111111";
export const region = "us-east-1";

/** A throw-away sandbox directory with an emulator of its own. */
export interface LiveLab {
  directory: string;
  environment: Record<string, string>;
  connect(): Promise<LiveCloud>;
  close(): Promise<void>;
}

/** The linger is short, so that a test can wait for the end. */
export async function openLiveLab(lingerMs = 150): Promise<LiveLab> {
  const directory = mkdtempSync(join(tmpdir(), "slipway-live-"));
  const environment = await liveEnvironment(lingerMs);
  return {
    directory,
    environment,
    connect: async () => {
      const live = await connectLive(directory, { environment });
      if (live === undefined) throw new Error("the emulator did not start");
      return live;
    },
    close: async () => {
      await stopLive(directory);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Variables under which an emulator starts, on the Python that the tests have. */
export async function liveEnvironment(lingerMs = 150): Promise<Record<string, string>> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const given = process.env["SLIPWAY_SANDBOX_PYTHON"];
  return {
    SLIPWAY_SANDBOX_LIVE: "auto",
    SLIPWAY_SANDBOX_PYTHON: given ?? (await ensureVenv({ root, environment: process.env, say })),
    SLIPWAY_SANDBOX_LINGER_MS: String(lingerMs),
  };
}

export function resourceOf(type: string, id: string, properties: Properties): CloudResource {
  const urn = `urn:pulumi:dev::lab::${type}::${id}`;
  return { account, region, type, id, urn, inputs: properties, outputs: properties, createdAt: "2026-01-01T00:00:00Z" };
}

/** Puts a resource on the sandbox's record, as a create does. */
export function record(directory: string, resource: CloudResource): void {
  const cloud = new Cloud(directory);
  const { urn, inputs, outputs, createdAt } = resource;
  cloud.insert(resource, {
    urn,
    inputs,
    outputs,
    uniqueKey: undefined,
    handles: [],
    salt: 0,
    echoed: false,
    createdAt,
  });
  cloud.close();
}

/** SDK settings for the lab's account. */
export function settings(live: LiveCloud) {
  return { endpoint: live.endpoint, region, credentials: live.credentialsFor(account), maxAttempts: 1 };
}

export async function until(what: string, check: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain until ${what}`);
    await pause(25);
  }
}

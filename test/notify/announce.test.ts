import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../automation/context.ts";
import type { StackDrift } from "../../automation/drift/detect.ts";
import { announce, announceDrift, type Announcing } from "../../automation/notify/announce.ts";
import { nextRecord } from "../../automation/promotion/ledger.ts";
import type { LedgerEntry, LedgerRecord } from "../../automation/promotion/ledger-records.ts";
import { DirectoryStore } from "../../automation/store/directory.ts";
import { answers, receive, type Answer, type Receiver } from "./receiver.ts";

const CANARY = "canary-1f0e8c";
const NOW = new Date("2026-03-01T12:00:00Z");
const release = "a".repeat(64);
const entry: LedgerEntry = { kind: "promoted", by: "ada", release, verb: "up", seconds: 1, resources: 2, changes: {} };
const record = (more: Partial<LedgerEntry> = {}): LedgerRecord =>
  nextRecord("staging", undefined, { ...entry, ...more } as LedgerEntry, NOW);
const failure = (error: string): LedgerRecord =>
  nextRecord("staging", undefined, { kind: "failed", by: "ada", release, stage: "deploy", seconds: 1, error }, NOW);
const textOf = ({ body }: { body: string }) => (JSON.parse(body) as { text: string }).text;

describe("notifications", function () {
  this.timeout(20_000);
  let root: string;
  let receiver: Receiver;
  let warnings: string[];
  let debugs: string[];
  let context: Context;
  const workspace = (environment: Record<string, string>, sandbox?: object): Announcing => ({
    ...{ root, environment, sandbox, store: new DirectoryStore(join(root, "store")) },
  });
  const hooked = (sandbox?: object) => workspace({ SLIPWAY_SLACK_WEBHOOK: receiver.url }, sandbox);
  const listen = async (answer: Answer) => (receiver = await receive(answer));
  const timed = async (work: Promise<void>) => {
    const started = performance.now();
    await work;
    return performance.now() - started;
  };

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "slipway-notify-"));
    [warnings, debugs] = [[], []];
    const console = { warn: (line: string) => warnings.push(line), debug: (line: string) => debugs.push(line) };
    context = { console, now: () => NOW } as unknown as Context;
    await listen(answers.ok);
  });
  afterEach(async () => {
    await receiver.close();
    rmSync(root, { recursive: true });
  });

  it("tell a webhook once, however often and from wherever the record is announced", async () => {
    await Promise.all([1, 2, 3].map(() => announce(context, hooked(), record())));
    await announce(context, hooked(), record());
    assert.equal(receiver.received.length, 1);
    const [first] = receiver.received;
    assert.equal(first?.headers["content-type"], "application/json; charset=utf-8");
    assert.match(textOf(first ?? { body: "" }), /^:package: \*release aaaaaaaaaaaa is in staging\*\n> up\n> by ada$/);
    assert.deepEqual(warnings, []);
  });

  const troubles: [string, Answer, requests: number, warning: RegExp][] = [
    ["answers 500", answers.status(500), 2, /it answered 500$/],
    ["answers 429", answers.status(429), 2, /it answered 429$/],
    ["refuses what it is sent", answers.status(404), 1, /it answered 404$/],
    ["hangs", answers.hang, 2, /did not answer in time$/],
    ["drops the connection", answers.reset, 2, /could not be reached/],
    ["sends it elsewhere", answers.redirect, 2, /could not be reached/],
  ];
  for (const [what, answer, requests, warning] of troubles)
    it(`end in a warning without the address when the webhook ${what}`, async () => {
      await receiver.close();
      await listen(answer);
      assert.ok((await timed(announce(context, hooked(), record()))) < 3500);
      assert.equal(receiver.received.length, requests);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? "", warning);
      assert.doesNotMatch(warnings[0] ?? "", /secret-path|127\.0\.0\.1/);
    });

  it("end in a warning when nobody listens", async () => {
    await receiver.close();
    await announce(context, hooked(), record());
    assert.match(warnings.join("\n"), /ECONNREFUSED/);
    await listen(answers.ok);
  });

  it("arrive at a slow webhook, and at one that answers the second time", async () => {
    await receiver.close();
    await listen((response, nth) =>
      nth === 1 ? answers.status(503)(response, nth) : answers.later(400)(response, nth),
    );
    await announce(context, hooked(), record());
    assert.equal(receiver.received.length, 2);
    assert.deepEqual(warnings, []);
  });

  it("end in a warning when the store hangs or fails", async () => {
    const never = { get: () => new Promise<never>(() => undefined), put: () => new Promise<never>(() => undefined) };
    const broken = { put: () => Promise.reject(new Error("store is away")) };
    for (const store of [never, broken]) {
      const away = { ...hooked(), store: store as unknown as Announcing["store"] };
      assert.ok((await timed(announce(context, away, record()))) < 3500);
    }
    assert.match(warnings.join("\n"), /did not answer in time[\s\S]*store is away/);
    assert.equal(receiver.received.length, 0);
  });

  it("are for nobody without an address, and leave nothing in the store", async () => {
    const quiet = workspace({});
    await announce(context, quiet, record());
    assert.deepEqual(await quiet.store.list(""), []);
    assert.deepEqual([warnings, debugs], [[], []]);
  });

  it("are of the kinds that the file names, and of no others", async () => {
    mkdirSync(join(root, "config"));
    writeFileSync(join(root, "config/notifications.yaml"), "events: [failed]\n");
    await announce(context, hooked(), record());
    await announce(context, hooked(), failure("boom"));
    assert.equal(receiver.received.length, 1);
    writeFileSync(join(root, "config/notifications.yaml"), "events: [shouted]\n");
    await announce(context, hooked(), record());
    assert.match(warnings.join("\n"), /events\[0\]: got "shouted"/);
  });

  it("from the sandbox stay on this machine", async () => {
    await announce(context, hooked({}), record());
    assert.match(textOf(receiver.received[0] ?? { body: "{}" }), /\(sandbox\)/);
    const outside = workspace({ SLIPWAY_SLACK_WEBHOOK: "https://hooks.example.com/x" }, {});
    await announce(context, outside, record({ by: "eve" }));
    assert.match(debugs.join("\n"), /stays on this machine/);
    assert.deepEqual(warnings, []);
  });

  for (const address of ["http://hooks.example.com/x", "no address"])
    it(`go to no such address as ${address}, which is not repeated`, async () => {
      await announce(context, workspace({ SLIPWAY_SLACK_WEBHOOK: address }), record());
      assert.equal(warnings.length, 1);
      assert.doesNotMatch(warnings[0] ?? "", /example|no address/);
    });

  it("hold no credentials, no markup and no mentions of others", async () => {
    const error = `password=${CANARY} <!channel> <http://x|y> @here *bold* \`code\` & ${"x".repeat(3000)}`;
    await announce(context, hooked(), failure(error));
    const text = textOf(receiver.received[0] ?? { body: "{}" });
    assert.doesNotMatch(text, new RegExp(CANARY));
    assert.doesNotMatch(text, /<|>(?! )|@here|\*bold\*|`code`/);
    assert.match(text, /&lt;!channel&gt;/);
    assert.ok(text.length < 1500);
  });

  it("of drift come once until it changes or is gone", async () => {
    const drift = (found: string): StackDrift => ({
      ...{ stack: "staging", commit: undefined, resources: 1, seconds: 1, noise: [] },
      findings:
        found === ""
          ? []
          : [
              {
                ...{ class: "changed-outside", urn: "urn:x", type: "aws:x:Y", name: "y" },
                properties: [{ path: "tags.owner", recorded: '"ada"', found }],
              },
            ],
    });
    const told = async (found: string) => {
      const before = receiver.received.length;
      await announceDrift(context, hooked(), drift(found));
      return receiver.received.length - before;
    };
    const counts = [];
    for (const found of ['"eve"', '"eve"', '"bob"', "", '"bob"']) counts.push(await told(found));
    assert.deepEqual(counts, [1, 0, 1, 0, 1]);
    assert.match(textOf(receiver.received[0] ?? { body: "{}" }), /tags\.owner: "ada" -&gt; "eve"/);
  });

  it("reach an SNS topic with what filters need", async () => {
    await receiver.close();
    await listen((response) => {
      response.writeHead(200, { "content-type": "text/xml" });
      response.end("<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>");
    });
    const topic = {
      SLIPWAY_SNS_TOPIC_ARN: "arn:aws:sns:eu-west-1:222222222222:slipway",
      AWS_ENDPOINT_URL_SNS: receiver.url,
    };
    const keys = { AWS_ENDPOINT_URL_SNS: receiver.url, AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "y" };
    const before = { ...process.env };
    Object.assign(process.env, keys);
    try {
      await announce(context, workspace(topic), record());
    } finally {
      for (const name of Object.keys(keys)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
    assert.deepEqual(warnings, []);
    const body = new URLSearchParams(receiver.received[0]?.body);
    assert.equal(body.get("TopicArn"), topic.SLIPWAY_SNS_TOPIC_ARN);
    assert.equal(body.get("Subject"), "Slipway: release aaaaaaaaaaaa is in staging");
    assert.equal(body.get("MessageAttributes.entry.1.Value.StringValue"), "promoted");
  });
});

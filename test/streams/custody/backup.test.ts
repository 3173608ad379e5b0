import assert from "node:assert/strict";
import { ExitCode } from "../../../automation/errors.ts";
import type { AtlasConnection } from "../../../automation/streams/atlas/types.ts";
import { connectionCopy } from "../../../automation/streams/custody/backup-connections.ts";
import { backupId, backupText, parseBackup } from "../../../automation/streams/custody/backup-document.ts";
import { backupFiles } from "../../../automation/streams/custody/backup-files.ts";
import { backupOf, withSecrets } from "../../../automation/streams/custody/backup.ts";
import { findBackup, keepBackup } from "../../../automation/streams/custody/backups.ts";
import { beginningOf } from "../../../automation/streams/custody/begins.ts";
import { DirectoryStore } from "../../../automation/store/directory.ts";
import { loadStreams } from "../../../streams/engine/files/project.ts";
import { lint } from "../../../streams/engine/lint/lint.ts";
import { failsWith, scratch, writeFiles } from "../../git/throw-away.ts";
import { processorThere } from "./atlas-lab.ts";

const temporary = scratch();
after(() => temporary.clear());

const connection = (raw: Record<string, unknown> & { name: string; type: string }): AtlasConnection => ({
  ...{ name: raw.name, type: raw.type, raw },
});

const facts = {
  ...{ environment: "prod", takenAt: new Date("2026-03-01T12:30:00.123Z"), release: "1f2e", declared: new Map() },
  place: { projectId: "p1", workspace: "prod-streams" },
  workspace: { name: "prod-streams", provider: "AWS", region: "DUBLIN_IRL", tier: "SP10", maxTier: "SP30" } as const,
  connections: [
    connection({
      ...{ name: "atlas", type: "Cluster", clusterName: "main", state: "READY", _id: "1" },
      dbRoleToExecute: { role: "readWriteAnyDatabase", type: "BUILT_IN" },
    }),
  ],
  processors: [
    processorThere({
      ...{ name: "totals", tier: "SP10", dlq: { connectionName: "atlas", db: "ops", coll: "dlq" } },
      text: '[{"$source":{"connectionName":"atlas","db":"shop","coll":"orders"}},{"$set":{"b":1,"2":1,"a":2}},{"$merge":{"into":{"connectionName":"atlas","db":"shop","coll":"out"},"on":["_id"]}}]',
      stats: { inputMessageCount: 7, changeStreamState: { _data: "82" } },
    }),
    processorThere({ name: "idle", state: "STOPPED", autoscaling: { minTier: "SP5", maxTier: "SP30" }, tier: "SP5" }),
  ],
};
const backup = backupOf(facts);

describe("a backup", () => {
  it("is the same for the same workspace, whatever order it was read in", () => {
    const other = backupOf({ ...facts, processors: [...facts.processors].reverse() });
    assert.equal(other.digest, backup.digest);
    assert.match(backupId(backup), /^2026-03-01T12-30-00Z-[0-9a-f]{12}$/);
  });

  it("comes back as it was, and not where somebody changed it", () => {
    assert.deepEqual(parseBackup(backupText(backup), "x"), backup);
    const changed = backupText(backup).replace('"STOPPED"', '"STARTED"');
    assert.throws(() => parseBackup(changed, "x"), failsWith(ExitCode.usage, /not what it was when it was taken/));
    assert.throws(() => parseBackup("{", "x"), failsWith(ExitCode.usage, /not JSON/));
    assert.throws(() => parseBackup('{"schema": 2}', "x"), failsWith(ExitCode.usage, /no backup: schema/));
  });

  it("is files that the linter accepts, with keys in their order", () => {
    const files = backupFiles(backup);
    const project = loadStreams(files);
    assert.deepEqual(
      lint(project).filter(({ severity, rule }) => severity === "error" && rule !== "names/key-order"),
      [],
    );
    const totals = project.processors.find(({ name }) => name === "totals");
    assert.equal(totals?.pipelineText, facts.processors[0]?.text);
    assert.deepEqual(JSON.parse(files["policies/idle.json"] ?? ""), {
      ...{ autoscaling: { minTier: "SP5", maxTier: "SP30" }, state: "STOPPED" },
    });
    assert.match(files["environments/prod/config.env"] ?? "", /^WORKSPACE_NAME=prod-streams$/m);
  });

  it("warns of secrets that nothing could stand for", () => {
    const text = `[{"$source":{"connectionName":"a"}},{"$https":{"connectionName":"b","headers":{"Authorization":"Bearer ${"x".repeat(20)}"}}}]`;
    const leaky = backupOf({ ...facts, processors: [processorThere({ name: "leaky", text })] });
    assert.deepEqual([withSecrets(backup), withSecrets(leaky)], [[], ["leaky"]]);
  });
});

describe("connections of a backup", () => {
  const kafka = connection({
    ...{
      name: "events",
      type: "Kafka",
      bootstrapServers: "b:9092",
      security: { protocol: "SASL_SSL" },
      state: "READY",
    },
    authentication: { mechanism: "SCRAM-256", username: "ann" },
  });
  const hook = connection({
    ...{ name: "hook", type: "Https", url: "https://h.example.com/?key=abcdefgh", headers: { "X-Thing": "********" } },
  });

  it("have references of their own where no file declares them", () => {
    assert.deepEqual(connectionCopy(kafka), {
      ...{ bootstrapServers: "b:9092", security: { protocol: "SASL_SSL" }, name: "events", type: "Kafka" },
      authentication: { mechanism: "SCRAM-256", username: "ann", password: "${EVENTS_AUTHENTICATION_PASSWORD}" },
    });
    assert.deepEqual(connectionCopy(hook), {
      ...{ url: "https://${HOOK_URL}", headers: { "X-Thing": "${HOOK_HEADERS_X_THING}" }, name: "hook", type: "Https" },
    });
  });

  it("have those of the files, and values that Atlas shows", () => {
    const declared = {
      ...{ name: "events", type: "Kafka" as const, bootstrapServers: "${SERVERS}" },
      authentication: { mechanism: "SCRAM-256", username: "${USER}", password: "${PASSWORD}" },
    };
    const copy = connectionCopy(kafka, declared);
    assert.equal(copy["bootstrapServers"], "b:9092");
    assert.deepEqual(copy["authentication"], { mechanism: "SCRAM-256", username: "ann", password: "${PASSWORD}" });
    const headers = { "X-Thing": "Bearer ${TOKEN}" };
    assert.deepEqual(connectionCopy(hook, { name: "hook", type: "Https", headers })["headers"], headers);
  });

  it("ask for no password where there is none", () => {
    const iam = connection({ name: "msk", type: "Kafka", authentication: { mechanism: "AWS_MSK_IAM" } });
    assert.deepEqual(connectionCopy(iam)["authentication"], { mechanism: "AWS_MSK_IAM" });
  });
});

describe("where a processor begins that is made from a backup", () => {
  const begins = (source: object, stats: object = {}, window = false) => {
    const stages = [{ $source: source }, ...(window ? [{ $tumblingWindow: { pipeline: [] } }] : []), { $merge: {} }];
    const there = processorThere({ name: "one", text: JSON.stringify(stages), stats });
    const [one] = backupOf({ ...facts, processors: [there] }).processors;
    return beginningOf(one ?? assert.fail(), backup);
  };
  const kafka = { connectionName: "k", topic: "t" };
  const partitions = [{ topic: "t", partition: 0, checkpointOffset: 5, currentOffset: 8 }];
  const table: readonly [string, object, object, RegExp, RegExp][] = [
    [
      "a consumer group",
      { ...kafka, config: { group_id: "g" } },
      { kafkaPartitions: partitions },
      /group g stands .*t\/0 at 5/,
      /stop the original first/,
    ],
    [
      "the beginning of topics",
      { ...kafka, config: { auto_offset_reset: "earliest" } },
      { kafkaPartitions: partitions },
      /beginning of its topics/,
      /8 documents were read/,
    ],
    ["the end of topics", kafka, {}, /at the end/, /are not read: it has no group_id/],
    [
      "a change stream without a token",
      { connectionName: "a", db: "d" },
      { inputMessageCount: 3 },
      /^now$/,
      /are not read/,
    ],
    [
      "a change stream that copies",
      { connectionName: "a", db: "d", initialSync: { enable: true } },
      {},
      /with a copy/,
      /every document is read again/,
    ],
    [
      "a time of its own",
      { connectionName: "a", db: "d", config: { startAtOperationTime: 1 } },
      { changeStreamState: { _data: "82" } },
      /at the time that its file names/,
      /since that time/,
    ],
    ["Kinesis", { connectionName: "a", stream: "s", config: {} }, {}, /at the end of its stream/, /are not read/],
    ["documents of its own", { documents: [] }, {}, /beginning of its documents/, /read again/],
  ];
  for (const [name, source, stats, where, effect] of table)
    it(name, () => {
      const { begins: from, effects } = begins(source, stats);
      assert.match(from, where);
      assert.match(effects.join("\n"), effect);
    });

  it("with empty windows, whatever it reads", () => {
    assert.match(begins(kafka, {}, true).effects.join("\n"), /open windows of \$tumblingWindow .* begin empty/);
  });
});

describe("backups in the store", () => {
  it("are found as the latest, by name, as a file and as a folder", async () => {
    const store = new DirectoryStore(temporary.directory());
    const later = backupOf({ ...facts, takenAt: new Date("2026-03-02T00:00:00Z") });
    for (const one of [backup, later, backup]) await keepBackup(store, one);
    assert.equal((await findBackup(store, "prod", undefined)).digest, later.digest);
    assert.equal((await findBackup(store, "prod", backupId(backup))).digest, backup.digest);
    assert.equal((await findBackup(store, "prod", "2026-03-01")).digest, backup.digest);
    const folder = temporary.directory();
    writeFiles(folder, backupFiles(backup));
    assert.equal((await findBackup(store, "staging", folder)).digest, backup.digest);
    assert.equal((await findBackup(store, "staging", `${folder}/backup.json`)).digest, backup.digest);
  });

  it("are missed by name, with what there is", async () => {
    const store = new DirectoryStore(temporary.directory());
    await assert.rejects(findBackup(store, "prod", undefined), failsWith(ExitCode.notFound, /prod has no backup/));
    await keepBackup(store, backup);
    await assert.rejects(findBackup(store, "prod", "2025"), failsWith(ExitCode.notFound, new RegExp(backupId(backup))));
  });
});

import assert from "node:assert/strict";
import { connectRelay, createSignalRelay, type SignalRelay } from "../../automation/engine/signals.ts";

describe("signals to the engine", () => {
  const cases: [string, (relay: SignalRelay) => void, signals: number, reason: string | undefined][] = [
    ["none", () => undefined, 0, undefined],
    ["one for a first request", (relay) => relay.first("user"), 1, "user"],
    ["one for a repeated first request", (relay) => [1, 2, 3].forEach(() => relay.first("user")), 1, "user"],
    ["two for a second request", (relay) => (relay.first("user"), relay.second("user")), 2, "user"],
    ["one for a second request without a first", (relay) => relay.second("user"), 1, "user"],
    ["no third", (relay) => [1, 2, 3, 4].forEach(() => relay.second("user")), 2, "user"],
    ["one for a deadline after a person", (relay) => (relay.first("user"), relay.first("timeout")), 1, "user"],
    ["two for a person after a deadline", (relay) => (relay.first("timeout"), relay.second("user")), 2, "timeout"],
  ];
  for (const [what, act, signals, reason] of cases)
    it(what, () => {
      const sent: string[] = [];
      const relay = createSignalRelay((signal) => sent.push(signal));
      act(relay);
      assert.deepEqual([sent, relay.sent, relay.reason], [Array(signals).fill("SIGINT"), signals, reason]);
    });

  it("of a deadline become two when the engine does not end", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sent: string[] = [];
    const relay = createSignalRelay((signal) => {
      sent.push(signal);
      if (sent.length === 2) resolve();
    });
    let expired = 0;
    const disconnect = connectRelay(relay, { timeoutMs: 1, graceMs: 1, onDeadline: () => (expired += 1) });
    await promise;
    disconnect();
    assert.deepEqual([sent, expired, relay.reason], [["SIGINT", "SIGINT"], 1, "timeout"]);
  });

  it("follow abort signals until they are disconnected", () => {
    const [first, second, late] = [new AbortController(), new AbortController(), new AbortController()];
    const sent: string[] = [];
    const relay = createSignalRelay((signal) => sent.push(signal));
    const disconnect = connectRelay(relay, { signal: first.signal, terminate: second.signal });
    first.abort();
    assert.equal(sent.length, 1);
    second.abort();
    assert.equal(sent.length, 2);
    disconnect();
    const other = createSignalRelay((signal) => sent.push(signal));
    connectRelay(other, { signal: late.signal, timeoutMs: 1 })();
    late.abort();
    assert.equal(sent.length, 2);
    connectRelay(other, { signal: first.signal })();
    assert.equal(other.sent, 1, "an abort from before counts");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ExitCode, SlipwayError } from "../../automation/errors.ts";
import { dataArgs, observabilityArgs } from "../../config/component-args.ts";
import { rawSettings } from "../../config/load.ts";
import { deliveryMetrics, streamMetrics } from "../../config/metrics.ts";
import { type EnvironmentSettings, parseSettings } from "../../config/schema.ts";
import { stackConfig } from "../support/stack-files.ts";

const raw = (observability: unknown, more = {}) => ({ ...rawSettings(stackConfig("dev")), observability, ...more });
const parsed = (observability: unknown) => parseSettings(raw(observability)) as EnvironmentSettings;
const uuid = "11111111-2222-3333-4444-555555555555";
const slack = { workspace: "T0123ABCD", channels: { critical: "C0123ABCD" } };
const teams = { tenant: uuid, team: uuid, channels: { warning: "19%3aab12%40thread.tacv2" } };
const urls = (value: string, name = "web") => ({ checks: { urls: { [name]: value } } });
const noData = { data: { enabled: false }, model: { enabled: false } };

const bad: [title: string, observability: unknown, line: string, more?: object][] = [
  ["a key that is none", { dashboard: true }, "slipway:observability.dashboard: unknown key."],
  ["a key that is nearly one", { budgets: {} }, "Did you mean slipway:observability.budget?"],
  ["no yes or no", { deliveryMetrics: "on" }, 'deliveryMetrics: got "on", expected true or false'],
  ["chat with nobody", { chat: {} }, "observability.chat: got {}, expected slack or teams"],
  ["a workspace by its name", { chat: { slack: { ...slack, workspace: "acme" } } }, "the id of a Slack workspace"],
  ["a channel by its name", { chat: { slack: { ...slack, channels: { info: "#ops" } } } }, "the id of a Slack channel"],
  ["no channel", { chat: { slack: { ...slack, channels: {} } } }, "a channel for at least one severity"],
  ["a severity that is none", { chat: { slack: { ...slack, channels: { fatal: "C0123ABCD" } } } }, "channels"],
  ["a tenant by its name", { chat: { teams: { ...teams, tenant: "acme" } } }, "expected a UUID"],
  ["a decoded channel", { chat: { teams: { ...teams, channels: { info: "19:ab@thread.tacv2" } } } }, "Teams channel"],
  ["a budget of nothing", { budget: { monthlyUsd: 0 } }, "monthlyUsd: got 0, expected an amount of US dollars above 0"],
  ["a budget without an amount", { budget: {} }, "budget.monthlyUsd: missing"],
  ["falling percentages", { budget: { monthlyUsd: 9, percentages: [90, 50] } }, "ascending percentages"],
  ["no percentage", { budget: { monthlyUsd: 9, percentages: [] } }, "ascending percentages"],
  ["too many percentages", { budget: { monthlyUsd: 9, percentages: [1, 2, 3, 4, 5, 6] } }, "up to 5"],
  ["an anomaly below nothing", { anomalies: { minimumUsd: -1 } }, "anomalies.minimumUsd: got -1"],
  ["checks of nothing", { checks: {} }, "observability.checks: got {}, expected at least one address in urls"],
  ["checks once an hour and a bit", { checks: { models: true, everyMinutes: 61 } }, "a whole number from 1 to 60"],
  ["a plain address", urls("http://www.example.com/health"), "an address that begins with https://"],
  ["an address with a password", urls("https://a:b@example.com/"), "holds no password or query"],
  ["an address with a token", urls("https://example.com/?token=x"), "holds no password or query"],
  ["no address", urls("health"), 'checks.urls.web: got "health"'],
  ["a name that is none", urls("https://example.com/", "Web Site"), "a name of lower-case letters"],
  ["two checks of one name", { checks: { models: true, urls: { models: "https://x.example.com/" } } }, "another name"],
  ["chat without topics", { chat: { slack } }, "observability.chat: got", noData],
  ["a budget without topics", { budget: { monthlyUsd: 9 } }, "nothing without a data pipeline", noData],
  ["checks of no models", { checks: { models: true } }, "there is no model pipeline", { model: { enabled: false } }],
];

describe("config/observability-schema", () => {
  for (const [title, observability, line, more] of bad)
    it(`refuses ${title}`, () => {
      assert.throws(
        () => parseSettings(raw(observability, more)),
        (error) => {
          assert.ok(error instanceof SlipwayError && error.code === ExitCode.usage);
          assert.ok(error.message.includes(line), error.message);
          return true;
        },
      );
    });

  it("has everything off that reaches out or costs, where a stack file says nothing", () => {
    for (const nothing of [undefined, {}]) assert.deepEqual(parsed(nothing).observability, { deliveryMetrics: true });
    const settings = parseSettings(raw({}, noData)) as EnvironmentSettings;
    assert.deepEqual(settings.observability, { deliveryMetrics: true });
  });

  it("completes what is named", () => {
    assert.deepEqual(
      parsed({
        chat: { slack, teams },
        budget: { monthlyUsd: 300 },
        anomalies: { minimumUsd: 5 },
        checks: { models: true },
      }).observability,
      {
        deliveryMetrics: true,
        chat: { slack, teams },
        budget: { monthlyUsd: 300, percentages: [80, 100] },
        anomalies: { minimumUsd: 5 },
        checks: { everyMinutes: 5, models: true, urls: {} },
      },
    );
  });
});

describe("config/component-args: observability", () => {
  it("lets those publish warnings of costs that are wanted", () => {
    const publishers = (observability: unknown) => dataArgs(parsed(observability)).publishers;
    assert.deepEqual(publishers({}), []);
    assert.deepEqual(publishers({ anomalies: { minimumUsd: 5 } }), ["anomalies"]);
    assert.deepEqual(publishers({ budget: { monthlyUsd: 5 }, anomalies: { minimumUsd: 5 } }), ["budgets", "anomalies"]);
  });

  it("names the driver's metrics, or none where it tells nothing", () => {
    const { delivery, streamMetrics: streams, settings, lifetimes } = observabilityArgs(parsed({}));
    assert.deepEqual([delivery, streams, settings], [deliveryMetrics, streamMetrics, {}]);
    assert.deepEqual(lifetimes, { logRetentionDays: 7, keyDeletionDays: 7, removal: "destroy" });
    assert.equal(observabilityArgs(parsed({ deliveryMetrics: false })).delivery, undefined);
  });
});

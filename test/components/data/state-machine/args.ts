import type { PipelineDefinitionArgs } from "../../../../components/data/state-machine/pipeline-definition.ts";

const function_ = (name: string) => ({
  name: `slipway-dev-data-${name}`,
  arn: `arn:aws:lambda:us-east-1:222222222222:function:slipway-dev-data-${name}`,
});
const job = (name: string) => ({
  name: `slipway-dev-data-${name}`,
  arn: `arn:aws:glue:us-east-1:222222222222:job/slipway-dev-data-${name}`,
});
const topic = (severity: string) => `arn:aws:sns:us-east-1:222222222222:slipway-dev-data-${severity}`;

export const scope = { environment: "dev", account: "222222222222", region: "us-east-1" };

/** What a pipeline calls, as plain values. */
export const calls = {
  functions: {
    validate: function_("validate"),
    catalog: function_("catalog"),
    quality_gate: function_("quality-gate"),
    publish: function_("publish"),
    quarantine: function_("quarantine"),
  },
  jobs: {
    raw_to_processed: job("raw-to-processed"),
    daily_features: job("daily-features"),
    quality: job("quality"),
  },
  topics: { info: topic("info"), warning: topic("warning"), critical: topic("critical") },
};

export const definitionArgs: PipelineDefinitionArgs = {
  name: "slipway-dev-data-pipeline",
  ...calls,
  pollSeconds: 20,
  timeoutMinutes: 60,
};

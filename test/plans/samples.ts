import { planInputNames, sealEnvelope, type PlanEnvelope, type PlanInputs } from "../../automation/plans/envelope.ts";
import { sha256 } from "../../automation/release/canonical.ts";

export const NOW = new Date("2026-03-01T12:00:00Z");
export const HOUR = 3_600_000;

export const someInputs = (): PlanInputs =>
  Object.fromEntries(planInputNames.map((name) => [name, { digest: sha256(name), says: `${name} 1` }])) as PlanInputs;

export const secretOf = (ciphertext: string) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext,
});

const URN = "urn:pulumi:dev::lab::aws:s3/bucket:Bucket::b";

/** A plan as the engine writes one; `chance` is what differs from run to run. */
export const somePlan = (chance = "1", owner = "ada"): string =>
  JSON.stringify({
    manifest: { time: `2026-01-01T00:00:0${chance}Z`, magic: "m", version: "v3.259.0" },
    resourcePlans: {
      [URN]: {
        goal: {
          type: "aws:s3/bucket:Bucket",
          name: "b",
          custom: true,
          inputDiff: {
            adds: {
              __defaults: ["bucket"],
              bucket: `b-${chance}`,
              tags: { owner },
              password: secretOf(`v1:${chance}:cipher`),
            },
          },
          outputDiff: {},
          dependencies: chance === "1" ? ["urn:x", "urn:y"] : ["urn:y", "urn:x"],
          propertyDependencies: { tags: chance === "1" ? ["urn:x", "urn:y"] : ["urn:y", "urn:x"] },
        },
        steps: ["create"],
        state: { bucket: `b-${chance}` },
        seed: `seed${chance}`,
      },
    },
  });

export const someEnvelope = (plan = somePlan(), inputs = someInputs()): PlanEnvelope =>
  sealEnvelope({ stack: "dev", inputs, plan, now: NOW, lifetime: HOUR });

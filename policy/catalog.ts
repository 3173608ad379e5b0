import { suppressionRules } from "./suppressions.ts";
import { computeRules } from "./rules/compute.ts";
import { dataRules } from "./rules/data.ts";
import { encryptionRules } from "./rules/encryption.ts";
import { identityRules } from "./rules/identity.ts";
import { modelRules } from "./rules/model.ts";
import { networkRules } from "./rules/network.ts";
import { protectionRules } from "./rules/protection.ts";
import { storageRules } from "./rules/storage.ts";
import { streamRules } from "./rules/streams.ts";
import { workflowRules } from "./rules/workflow.ts";
import type { Rule, RuleHead } from "./model.ts";

/** Rules by what they are about; the name of a family is for people. */
export const families: Readonly<Record<string, readonly Rule[]>> = {
  identity: identityRules,
  encryption: encryptionRules,
  storage: storageRules,
  data: dataRules,
  models: modelRules,
  workflows: workflowRules,
  compute: computeRules,
  network: networkRules,
  streams: streamRules,
  protection: protectionRules,
};

/** Every rule about resources. */
export const rules: readonly Rule[] = Object.values(families).flat();

/** Everything that can be violated: the rules, and what is asked of suppressions themselves. */
export const heads: readonly RuleHead[] = [...rules, ...suppressionRules];

// A provider that agrees to everything and keeps nothing: the least that a provider in Node can cost.
import * as provider from "@pulumi/pulumi/provider/index.js";

type Properties = Record<string, unknown>;

const empty: provider.Provider = {
  version: "0.0.0",
  check: async (_urn: string, _olds: Properties, news: Properties) => ({ inputs: news, failures: [] }),
  diff: async (_id: string, _urn: string, olds: Properties, news: Properties) => ({
    changes: JSON.stringify(olds) !== JSON.stringify(news),
  }),
  create: async (urn: string, inputs: Properties) => ({ id: urn.slice(urn.lastIndexOf("::") + 2), outs: inputs }),
  update: async (_id: string, _urn: string, _olds: Properties, news: Properties) => ({ outs: news }),
  delete: async () => undefined,
};

await provider.main(empty, process.argv.slice(2));

import type { Statement } from "../shared/iam.ts";
import { listObjects, readObjects, readWithKey } from "./grants.ts";
import type { ModelScope } from "./model-scope.ts";
import { registryFolder } from "./names.ts";
import type { PromotionSettings } from "./model-settings.ts";
import { foreignModels } from "./promotion-statements.ts";

/** What pods may do that list models, and what those may that load one. */
export interface RegistryReaders {
  api: Statement[];
  predict: Statement[];
}

/** Reading the registry's mirror and, for who predicts, the models that it names. */
export function registryReaders(scope: ModelScope, promotion: PromotionSettings): RegistryReaders {
  const registry = `${registryFolder(scope)}/*`;
  return {
    api: [readObjects(scope, "ReadRegistry", [registry]), listObjects(scope, [registry]), readWithKey(scope)],
    predict: [
      readObjects(scope, "ReadRegistry", [registry, "runs/*/model.tar.gz"]),
      listObjects(scope, [registry, "runs/*"]),
      readWithKey(scope),
      ...foreignModels(scope, promotion),
    ],
  };
}

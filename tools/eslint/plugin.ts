import { importBoundaries } from "./import-boundaries.ts";
import { maxFunctionLines } from "./max-function-lines.ts";
import { noOutputInString } from "./no-output-in-string.ts";
import { noResourceInApply } from "./no-resource-in-apply.ts";

/** The project's own rules, as an ESLint plugin. */
export const slipway = {
  meta: { name: "eslint-plugin-slipway" },
  rules: {
    "import-boundaries": importBoundaries,
    "max-function-lines": maxFunctionLines,
    "no-output-in-string": noOutputInString,
    "no-resource-in-apply": noResourceInApply,
  },
};

import { architecturePage } from "./architecture.ts";
import { componentsPage } from "./components.ts";
import { loadRequirements, requirementsPage } from "./requirements.ts";

/** Pages that are made from the tree, by their path. Prettier leaves them alone: it would widen every row of a table to its longest. */
export const pages: Readonly<Record<string, (root: string) => string>> = {
  "docs/architecture.md": architecturePage,
  "docs/components.md": componentsPage,
  "docs/requirements.md": (root) => requirementsPage(loadRequirements(root)),
};

import type * as pulumi from "@pulumi/pulumi";
import { serviceRole } from "../data/roles.ts";
import { SlipwayComponent } from "../shared/component.ts";
import type { ModelScope } from "./model-scope.ts";
import { type ModelRole, modelRoleName } from "./names.ts";
import { type RoleContext, roleStatements } from "./role-statements.ts";

export interface ModelRolesArgs extends RoleContext {
  scope: ModelScope;
}

/** One role per step, one for the pipeline that runs them, and one for what serves the outcome. */
export class ModelRoles extends SlipwayComponent {
  /** ARNs by role. */
  readonly arns: Readonly<Record<ModelRole, pulumi.Output<string>>>;
  /** Whoever uses a role waits for its policy as well. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: ModelRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ModelRoles", name, opts);
    const { scope } = args;
    const ready: pulumi.Resource[] = [];
    const add = (role: ModelRole): pulumi.Output<string> => {
      const made = serviceRole(this, `${name}-${role}`, {
        service: "sagemaker.amazonaws.com",
        account: scope.account,
        statements: roleStatements(scope, role, args),
        roleName: modelRoleName(scope, role),
      });
      ready.push(made.policy);
      return made.role.arn;
    };
    this.arns = {
      preprocess: add("preprocess"),
      train: add("train"),
      evaluate: add("evaluate"),
      pipeline: add("pipeline"),
      serving: add("serving"),
    };
    this.ready = ready;
    this.registerOutputs({});
  }
}

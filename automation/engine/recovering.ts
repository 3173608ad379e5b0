import { ExitCode, SlipwayError } from "../errors.ts";
import type { PulumiCli } from "./cli.ts";
import { runOperation, type Operation, type OperationResult } from "./operation.ts";
import { clearStaleRemoteLocks, s3Backend } from "./remote-lock.ts";

/**
 * Runs the engine once, and once more where it met the lock of a killed engine in an `s3://` backend. Looking only after the refusal keeps the
 * usual run free of it. A lock whose holder may live is a refusal (lease held).
 */
export async function runRecovering(cli: PulumiCli, operation: Operation): Promise<OperationResult> {
  try {
    return await runOperation(cli, operation);
  } catch (error) {
    const { stack, workDir, environment } = operation;
    const locked = error instanceof SlipwayError && error.code === ExitCode.leaseHeld;
    if (!locked || s3Backend(environment) === undefined) throw error;
    const report = operation.report ?? (() => undefined);
    if (!(await clearStaleRemoteLocks(stack, workDir, environment, report))) throw error;
    return runOperation(cli, operation);
  }
}

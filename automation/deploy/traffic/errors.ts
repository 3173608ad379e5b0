import type { TrafficShift } from "../../../config/outputs.ts";
import { ExitCode, SlipwayError } from "../../errors.ts";
import { leadsTo, nameOf } from "./lines.ts";
import type { Lost } from "./run.ts";

interface LostShift {
  shift: TrafficShift;
  result: Lost;
}

const whereOf = (shift: TrafficShift, deployment: string | undefined): string =>
  deployment === undefined ? `deployment group ${shift.deploymentGroup}` : `deployment ${deployment}`;

const standsAt = (shift: TrafficShift, { answers }: Lost): string =>
  answers === undefined ? `where ${nameOf(shift)} leads is not known` : `${nameOf(shift)} leads to ${leadsTo(answers)}`;

const askDeployment = (deployment: string | undefined): string[] =>
  deployment === undefined ? [] : [`aws deploy get-deployment --deployment-id ${deployment}`];

/** CodeDeploy knows of a hook only that it failed; why is in the hook's log. */
const askHook = ({ hooks }: TrafficShift, reason: string): string[] =>
  [hooks.before, hooks.after]
    .filter((name) => name !== undefined && reason.includes(name))
    .map((name) => `aws logs tail /aws/lambda/${name}`);

/** The error for traffic that did not get to the new version. It counts as a check that did not pass. */
export function shiftFailed(stack: string, { shift, result, sandbox }: LostShift & { sandbox: boolean }): SlipwayError {
  const { deployment, reason } = result;
  const told = deployment === undefined ? "" : `deployment ${deployment}: `;
  const message = `${stack} is deployed, but the traffic of ${nameOf(shift)} did not go to version ${shift.version}: ${told}${reason}`;
  // The sandbox's services are not to be asked without their address.
  const ask = sandbox ? [] : [...askDeployment(deployment), ...askHook(shift, reason)];
  const look = [...ask, `./slipway history ${stack}`].join(", ");
  return new SlipwayError(ExitCode.verificationFailed, message, {
    where: whereOf(shift, deployment),
    changed: `${stack} has its new infrastructure; ${standsAt(shift, result)}`,
    next: `Look at it with ${look}; ./slipway rollback ${stack} brings back an earlier release.`,
  });
}

/** The error for a shift that a person stopped. */
export function shiftCancelled(stack: string, verb: string, { shift, result }: LostShift): SlipwayError {
  const { deployment, reason } = result;
  return new SlipwayError(
    ExitCode.cancelled,
    `The shift of ${nameOf(shift)} to version ${shift.version} was cancelled: ${reason}`,
    {
      where: whereOf(shift, deployment),
      changed: `${stack} has its new infrastructure; ${standsAt(shift, result)}`,
      next: `./slipway ${verb} ${stack} shifts it again; ./slipway rollback ${stack} brings back an earlier release.`,
    },
  );
}

const notAllowed =
  /AccessDenied|Unauthorized|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|CredentialsProvider/u;

/** The error for services that would not be asked or heard. What they do, they go on doing. */
export function shiftRefused(
  stack: string,
  verb: string,
  { shifts, error }: { shifts: readonly TrafficShift[]; error: unknown },
): SlipwayError {
  if (error instanceof SlipwayError) return error;
  const { name = "", message = String(error) } = error instanceof Error ? error : {};
  const code = notAllowed.test(name) ? ExitCode.credentials : ExitCode.unexpected;
  const names = shifts.map(nameOf).join(", ");
  return new SlipwayError(code, `The traffic of ${names} could not be looked after: ${name}: ${message}`, {
    where: shifts.map((shift) => whereOf(shift, undefined)).join(", "),
    changed: `${stack} has its new infrastructure; a shift that is under way goes on by itself`,
    next: `./slipway ${verb} ${stack} goes on from there.`,
    cause: error,
  });
}

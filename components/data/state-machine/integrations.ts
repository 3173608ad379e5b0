import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../shared/iam.ts";
import { type Catcher, type Retrier, type State, type TaskState, type Template, choice, task, wait } from "./states.ts";

/** A function, job or other thing that a state calls. */
export interface Callable {
  name: pulumi.Input<string>;
  arn: pulumi.Input<string>;
}

type Step = Pick<TaskState, "name" | "next"> & { comment?: string; catch: readonly Catcher[]; output?: Template };

/** What the Lambda service answers when it, and not the function, is at fault. */
const lambdaRetry: Retrier = {
  errors: [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
  ],
  intervalSeconds: 2,
  maxAttempts: 6,
};

const glueRetry: Retrier = {
  errors: [
    "Glue.ThrottlingException",
    "Glue.InternalServiceException",
    "Glue.OperationTimeoutException",
    "Glue.SdkClientException",
  ],
  intervalSeconds: 5,
  maxAttempts: 6,
};

/** Another run of the same job has to end first, which takes minutes. */
const glueBusy: Retrier = {
  errors: ["Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException"],
  intervalSeconds: 60,
  maxAttempts: 15,
  maxDelaySeconds: 300,
};

/** Publishing twice is better than not at all. */
const snsRetry: Retrier = { errors: ["States.TaskFailed"], intervalSeconds: 2, maxAttempts: 4 };

/** Invokes a function and goes on with what it returns. The function itself never runs longer than 15 minutes. */
export function invoke(step: Step & { target: Callable; payload: Template }): TaskState {
  const { target, payload, ...common } = step;
  return task({
    output: "{% $states.result.Payload %}",
    ...common,
    resource: "arn:aws:states:::lambda:invoke",
    arguments: { FunctionName: target.arn, Payload: payload },
    timeoutSeconds: 960,
    retry: [lambdaRetry],
    statements: [{ sid: "InvokeFunctions", actions: ["lambda:InvokeFunction"], resources: [target.arn] }],
  });
}

/** Publishes one message and goes on with the input, whatever the answer. */
export function notify(
  step: Omit<Step, "output"> & {
    topicArn: pulumi.Input<string>;
    subject: string;
    message: string;
    statements: readonly Statement[];
  },
): TaskState {
  const { topicArn, subject, message, statements, ...common } = step;
  return task({
    ...common,
    resource: "arn:aws:states:::sns:publish",
    arguments: { TopicArn: topicArn, Subject: subject, Message: message },
    timeoutSeconds: 60,
    output: "{% $states.input %}",
    retry: [snsRetry],
    statements: [{ sid: "PublishToTopics", actions: ["sns:Publish"], resources: [topicArn] }, ...statements],
  });
}

export interface JobStep {
  name: string;
  job: Callable;
  arguments: Template;
  pollSeconds: number;
  next: string;
  /** What goes on when the job has ended well. Defaults to what its last look saw. */
  output?: Template;
  /** State that any end but a good one leads to, with the error `JobRunFailed`. */
  failed: string;
  /** Catchers of both calls, by the state they stand in. */
  catchIn(state: string): readonly Catcher[];
}

function startJob({ name, job, arguments: passed, catchIn }: JobStep, next: string): TaskState {
  return task({
    name,
    resource: "arn:aws:states:::aws-sdk:glue:startJobRun",
    arguments: { JobName: job.name, Arguments: passed },
    timeoutSeconds: 60,
    output: { jobRunId: "{% $states.result.JobRunId %}" },
    retry: [glueRetry, glueBusy],
    catch: catchIn(name),
    statements: [{ sid: "StartJobs", actions: ["glue:StartJobRun"], resources: [job.arn] }],
    next,
  });
}

function lookAtJob({ job, catchIn }: JobStep, name: string, next: string): TaskState {
  return task({
    name,
    resource: "arn:aws:states:::aws-sdk:glue:getJobRun",
    arguments: { JobName: job.name, RunId: "{% $states.input.jobRunId %}" },
    timeoutSeconds: 60,
    // An object leaves out what is not there, such as the message of a run that went well.
    output: "{% $states.result.JobRun.{'jobRunId': Id, 'status': JobRunState, 'message': ErrorMessage} %}",
    retry: [glueRetry],
    catch: catchIn(name),
    statements: [{ sid: "WatchJobs", actions: ["glue:GetJobRun"], resources: [job.arn] }],
    next,
  });
}

const underWay = "{% $states.input.status in ['STARTING', 'RUNNING', 'STOPPING', 'WAITING'] %}";
const jobEnd =
  "{% 'Job run ' & $states.input.jobRunId & ' ended ' & $states.input.status & '. ' & $states.input.message %}";

/**
 * Runs a Glue job to its end: start, wait, look, decide. The optimised `startJobRun.sync` does the same on AWS, but no
 * emulator has it. A status that is not known counts as a failure, so nothing is waited for that never comes.
 */
export function runJob(step: JobStep): State[] {
  const [waiting, look, decide] = [`${step.name}Wait`, `${step.name}Status`, `${step.name}Result`];
  return [
    startJob(step, waiting),
    wait({ name: waiting, seconds: step.pollSeconds, next: look }),
    lookAtJob(step, look, decide),
    choice({
      name: decide,
      rules: [
        {
          condition: "{% $states.input.status = 'SUCCEEDED' %}",
          next: step.next,
          ...(step.output !== undefined && { output: step.output }),
        },
        { condition: underWay, next: waiting },
      ],
      otherwise: {
        next: step.failed,
        output: { state: step.name, failure: { Error: "JobRunFailed", Cause: jobEnd } },
      },
    }),
  ];
}

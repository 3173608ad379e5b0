import { type TaskState, fail, succeed, task } from "../../../../components/data/state-machine/states.ts";

export const done = succeed({ name: "Done" });
export const broken = fail({ name: "Broken", error: "Broken", cause: "It broke" });
/** A task that is sound but for the change. */
export const work = (change: Partial<TaskState> = {}): TaskState =>
  task({
    name: "Work",
    resource: "arn:aws:states:::lambda:invoke",
    arguments: { FunctionName: "f" },
    timeoutSeconds: 60,
    retry: [],
    catch: [{ errors: ["States.ALL"], next: "Broken" }],
    statements: [{ sid: "Invoke", actions: ["lambda:InvokeFunction"], resources: ["arn:f"] }],
    next: "Done",
    ...change,
  });

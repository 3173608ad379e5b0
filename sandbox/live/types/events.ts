import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";

import type { CloudResource } from "../../types/type-spec.ts";
import { block, compact, found, orUndefined, string, text, value } from "./build.ts";
import type { LiveType } from "./live-type.ts";

const bus: LiveType = {
  ensure: async (clients, resource) => {
    const events = await clients.events();
    const Name = string(resource, "name");
    if (!(await found(events.send(new DescribeEventBusCommand({ Name })))))
      await events.send(new CreateEventBusCommand({ Name }));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.events()).send(new DeleteEventBusCommand({ Name: string(resource, "name") }))),
};

const busOf = (resource: CloudResource) => text(value(resource, "eventBusName")) ?? "default";

/** Patterns match as in the cloud. What goes by the clock stays still: a run that nobody asked for would surprise everybody. */
const rule: LiveType = {
  ensure: async (clients, resource) => {
    const enabled =
      string(resource, "state") !== "DISABLED" && text(value(resource, "scheduleExpression")) === undefined;
    await (
      await clients.events()
    ).send(
      new PutRuleCommand({
        Name: string(resource, "name"),
        EventBusName: busOf(resource),
        State: enabled ? "ENABLED" : "DISABLED",
        ...compact({
          EventPattern: text(value(resource, "eventPattern")),
          ScheduleExpression: text(value(resource, "scheduleExpression")),
          Description: text(value(resource, "description")),
        }),
      }),
    );
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.events()).send(
        new DeleteRuleCommand({ Name: string(resource, "name"), EventBusName: busOf(resource), Force: true }),
      ),
    ),
};

const target: LiveType = {
  ensure: async (clients, resource) => {
    const answer = await (
      await clients.events()
    ).send(
      new PutTargetsCommand({
        Rule: string(resource, "rule"),
        EventBusName: busOf(resource),
        Targets: [targetOf(resource)],
      }),
    );
    const [failed] = answer.FailedEntries ?? [];
    if (failed !== undefined) throw new Error(`${failed.ErrorCode}: ${failed.ErrorMessage}`);
  },
  remove: async (clients, resource) =>
    orUndefined(
      (await clients.events()).send(
        new RemoveTargetsCommand({
          Rule: string(resource, "rule"),
          EventBusName: busOf(resource),
          Ids: [string(resource, "targetId")],
        }),
      ),
    ),
};

function targetOf(resource: CloudResource): Target {
  const { inputPaths, inputTemplate } = block(value(resource, "inputTransformer"));
  const template = text(inputTemplate);
  return {
    Id: string(resource, "targetId"),
    Arn: string(resource, "arn"),
    ...compact({
      RoleArn: text(value(resource, "roleArn")),
      Input: text(value(resource, "input")),
      InputPath: text(value(resource, "inputPath")),
    }),
    ...(template === undefined
      ? {}
      : { InputTransformer: { InputTemplate: template, InputPathsMap: block(inputPaths) as Record<string, string> } }),
  };
}

const group: LiveType = {
  ensure: async (clients, resource) => {
    const scheduler = await clients.scheduler();
    const Name = string(resource, "name");
    if (!(await found(scheduler.send(new GetScheduleGroupCommand({ Name })))))
      await scheduler.send(new CreateScheduleGroupCommand({ Name }));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.scheduler()).send(new DeleteScheduleGroupCommand({ Name: string(resource, "name") }))),
};

const schedule: LiveType = {
  ensure: async (clients, resource) => {
    const scheduler = await clients.scheduler();
    const { arn, roleArn, input } = block(value(resource, "target"));
    const at = placeOf(resource);
    const settings = {
      ...at,
      ScheduleExpression: string(resource, "scheduleExpression"),
      ScheduleExpressionTimezone: text(value(resource, "scheduleExpressionTimezone")) ?? "UTC",
      FlexibleTimeWindow: { Mode: "OFF" as const },
      // Kept and never fired, like a rule that goes by the clock.
      State: "DISABLED" as const,
      Target: compact({ Arn: text(arn) ?? "", RoleArn: text(roleArn) ?? "", Input: text(input) }),
    };
    const exists = await found(scheduler.send(new GetScheduleCommand(at)));
    if (exists) await scheduler.send(new UpdateScheduleCommand(settings));
    else await scheduler.send(new CreateScheduleCommand(settings));
  },
  remove: async (clients, resource) =>
    orUndefined((await clients.scheduler()).send(new DeleteScheduleCommand(placeOf(resource)))),
};

function placeOf(resource: CloudResource): { Name: string; GroupName: string } {
  return { Name: string(resource, "name"), GroupName: text(value(resource, "groupName")) ?? "default" };
}

export const eventTypes: Readonly<Record<string, LiveType>> = {
  "aws:cloudwatch/eventBus:EventBus": bus,
  "aws:cloudwatch/eventRule:EventRule": rule,
  "aws:cloudwatch/eventTarget:EventTarget": target,
  "aws:scheduler/scheduleGroup:ScheduleGroup": group,
  "aws:scheduler/schedule:Schedule": schedule,
};

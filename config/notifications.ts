import { parseDocument } from "yaml";
import { z } from "zod";
import { parseWith, problemsError } from "./problems.ts";

/** What can be told. */
export const notificationKinds = [
  "promoted",
  "verified",
  "failed",
  "rolled-back",
  "overridden",
  "frozen",
  "drift",
  "secrets",
] as const;

export type NotificationKind = (typeof notificationKinds)[number];

const topicRule = "the ARN of an SNS topic";
const topicArn = z
  .string({ error: topicRule })
  .regex(/^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/, { error: topicRule });

const schema = z.strictObject({
  events: z.array(z.enum(notificationKinds, { error: `one of ${notificationKinds.join(", ")}` }), {
    error: "a list of events, [] for none",
  }),
  slack: z
    .strictObject({
      webhookVariable: z
        .string({ error: "the name of an environment variable" })
        .regex(/^[A-Z][A-Z0-9_]*$/, { error: "the name of an environment variable; the URL itself is a secret" }),
    })
    .optional(),
  sns: z.strictObject({ topicArn }).optional(),
});

/** Where notifications go. */
export interface NotificationSettings {
  events: readonly NotificationKind[];
  webhook: string | undefined;
  topicArn: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from the YAML text and the environment, which has the last word on addresses. Without a text everything is told.
 * @throws SlipwayError (usage) that lists every problem; it never quotes a webhook's URL.
 */
export function parseNotifications(
  yamlText: string | undefined,
  environment: Environment,
  file = "config/notifications.yaml",
): NotificationSettings {
  const document = parseDocument(yamlText ?? `events: [${notificationKinds.join(", ")}]`);
  if (document.errors.length > 0)
    throw problemsError(
      file,
      document.errors.map(({ message }) => message.split("\n")[0] ?? "not YAML"),
    );
  const { events, slack, sns } = parseWith(schema, document.toJS(), { file });
  const fromVariable = environment["SLIPWAY_SNS_TOPIC_ARN"];
  if (fromVariable && !topicArn.safeParse(fromVariable).success)
    throw problemsError("SLIPWAY_SNS_TOPIC_ARN", [`got ${JSON.stringify(fromVariable)}, expected ${topicRule}.`]);
  return {
    events: [...new Set(events)],
    webhook: environment[slack?.webhookVariable ?? "SLIPWAY_SLACK_WEBHOOK"] || undefined,
    topicArn: fromVariable || sns?.topicArn,
  };
}

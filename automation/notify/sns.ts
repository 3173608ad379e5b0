import type { NotificationEvent } from "./event.ts";
import { plainText, type Notifier } from "./notifier.ts";

const LONGEST_SUBJECT = 100;

/** SNS takes printable ASCII only. */
export const subjectOf = ({ title }: NotificationEvent): string =>
  `Slipway: ${title}`.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_SUBJECT);

/** An SNS topic; the region is the topic's own. Credentials come from where the AWS SDK looks for them. */
export function snsNotifier(topicArn: string, options: { sandbox: boolean }): Notifier {
  return {
    name: "the SNS topic",
    async notify(event, signal) {
      // Loaded by those who use it alone: the SDK costs more time than the rest of a verb.
      const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns");
      const client = new SNSClient({ region: topicArn.split(":")[3] ?? "us-east-1", maxAttempts: 2 });
      const attribute = (value: string) => ({ DataType: "String", StringValue: value });
      const fifo = topicArn.endsWith(".fifo");
      try {
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: subjectOf(event),
            Message: `${options.sandbox ? "(sandbox) " : ""}${plainText(event)}`,
            MessageAttributes: { kind: attribute(event.kind), environment: attribute(event.environment) },
            ...(fifo ? { MessageGroupId: event.environment, MessageDeduplicationId: event.id } : {}),
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        throw new Error((error as Error).name, { cause: error });
      } finally {
        client.destroy();
      }
    },
  };
}

import type { NotificationEvent } from "./event.ts";
import { escapeMrkdwn, type Notifier } from "./notifier.ts";

const ATTEMPTS = 2;
/** So that a second attempt still fits into the time that a notification has. */
const ATTEMPT_MS = 1400;

const signs: Record<NotificationEvent["kind"], string> = {
  promoted: ":package:",
  verified: ":white_check_mark:",
  failed: ":x:",
  "rolled-back": ":leftwards_arrow_with_hook:",
  overridden: ":warning:",
  frozen: ":snowflake:",
  drift: ":mag:",
  secrets: ":key:",
};

/** The body that Slack, Mattermost and others take at an incoming webhook. */
export function slackBody({ kind, title, details, next }: NotificationEvent, sandbox: boolean): string {
  const lines = [
    `${signs[kind]} ${sandbox ? "(sandbox) " : ""}*${escapeMrkdwn(title)}*`,
    ...details.map((detail) => `> ${escapeMrkdwn(detail)}`),
    ...(next === undefined ? [] : [`next: \`${next.replaceAll("`", "'")}\``]),
  ];
  return JSON.stringify({ text: lines.join("\n"), mrkdwn: true });
}

/** Answers that another attempt may change. */
const transient = (status: number): boolean => status === 429 || status >= 500;

/** A Slack-compatible incoming webhook. Its URL is a secret: no error says it. */
export function slackNotifier(webhook: string, options: { sandbox: boolean; attemptMs?: number }): Notifier {
  const post = async (body: string, signal: AbortSignal): Promise<number> => {
    const response = await fetch(webhook, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8" },
      body,
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.attemptMs ?? ATTEMPT_MS)]),
    });
    await response.body?.cancel();
    return response.status;
  };
  return {
    name: "the webhook",
    async notify(event, signal) {
      const body = slackBody(event, options.sandbox);
      let problem = "";
      for (let attempt = 1; attempt <= ATTEMPTS && !signal.aborted; attempt += 1) {
        try {
          const status = await post(body, signal);
          if (status < 300) return;
          problem = `it answered ${status}`;
          if (!transient(status)) break;
        } catch (error) {
          problem = reasonOf(error);
        }
      }
      throw new Error(problem || "there was no time left");
    },
  };
}

/** The code of a network error; its message may hold the address. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === "TimeoutError" || name === "AbortError") return "it did not answer in time";
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? "it could not be reached" : `it could not be reached (${code})`;
}

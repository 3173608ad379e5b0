import type { NotificationEvent } from "./event.ts";

/** One way to tell people. */
export interface Notifier {
  /** For a warning: never an address. */
  readonly name: string;
  /** Rejects when it could not be told; stops when the signal is aborted. */
  notify(event: NotificationEvent, signal: AbortSignal): Promise<void>;
}

/** Zero width: a mention that nobody typed must call nobody, and reads as it did. */
const BREAK = "\u200b";

/**
 * Text for Slack's mrkdwn: the three characters that it reads as markup are escaped, its own signs for bold, code and the like are
 * kept from pairing, and no `@name` becomes a mention.
 */
export const escapeMrkdwn = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", `@${BREAK}`)
    .replaceAll(/[`*_~]/g, (sign) => `${sign}${BREAK}`);

/** Plain text, for mail and machines. */
export const plainText = ({ title, details, next }: NotificationEvent): string =>
  [title, ...details, ...(next === undefined ? [] : [`next: ${next}`])].join("\n");

import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import { problem } from "../../shared/validation.ts";

/** Who else hears what happens in the repository. */
export interface WebhookArgs {
  /** Where GitHub sends it, encrypted and without a user. */
  url: string;
  /** Names of GitHub's events, e.g. `deployment_status`; never all of them. */
  events: readonly string[];
  /** What GitHub signs each delivery with, so that the receiver can tell it from anybody's. */
  secret: pulumi.Input<string>;
}

/** Problems of the arguments, one line each. The address is not repeated: a path may be as good as a password. */
export function validateWebhook({ url, events }: Pick<WebhookArgs, "url" | "events">): string[] {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const safe = address?.protocol === "https:" && address.username === "" && address.password === "";
  return [
    ...(safe ? [] : ["`webhook.url`: expected an https:// address without a user."]),
    ...(events.length === 0 || events.includes("*")
      ? [problem("webhook.events", events, "names of events", "Name those that somebody waits for.")]
      : []),
  ];
}

/** The webhook. GitHub checks the receiver's certificate and signs what it sends; secret and address stay out of sight. */
export function webhook(
  name: string,
  repository: string,
  { url, events, secret }: WebhookArgs,
  opts: pulumi.CustomResourceOptions,
): github.RepositoryWebhook {
  return new github.RepositoryWebhook(
    name,
    {
      ...{ repository, active: true, events: [...events].sort() },
      configuration: pulumi.secret({ url, contentType: "json", insecureSsl: false, secret }),
    },
    { ...opts, additionalSecretOutputs: ["configuration", "url"] },
  );
}

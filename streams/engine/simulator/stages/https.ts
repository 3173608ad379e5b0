import type { JsonPath } from "../../json/document.ts";
import { documented } from "../constants.ts";
import { DocumentError, PipelineRefused, ProcessorFailure } from "../errors.ts";
import type { Compiled } from "../expressions/evaluator.ts";
import { fromEjson } from "../values/ejson.ts";
import { type Doc, isDoc } from "../values/types.ts";
import type { HttpsReply, Request } from "../world/services.ts";
import { addingField } from "./as-field.ts";
import { payloadOf } from "./payload.ts";
import { type Envelope, type StageContext, type StageMaker, choice, fieldsOf, textField } from "./stage.ts";

const known = [
  ...["connectionName", "path", "parameters", "method", "headers", "as", "onError", "payload", "config", "parallelism"],
];

/** `$https`: asks an endpoint, and puts the answer into the document. */
export const https: StageMaker = (argument, path, context) => {
  const given = fieldsOf("$https", argument, path, known);
  const request = requestOf(given, path, context);
  const onError = choice(given["onError"], ["dlq", "ignore", "fail"], "dlq", [...path, "onError"]);
  const add = given["as"] === undefined ? undefined : addingField(textField("$https", given, "as", path), path);
  const parse = isDoc(given["config"]) && given["config"]["parseJsonStrings"] === true;
  return (envelope) => {
    const asked = request(envelope);
    const reply = context.world.services.https(asked);
    const failed = failureOf(asked, reply);
    if (failed === undefined) {
      const body = contentOf(reply, parse);
      return body === undefined || add === undefined ? envelope : add(envelope, body);
    }
    if (onError === "fail" || !failed.recoverable) throw new ProcessorFailure(`$https: ${failed.reason}`);
    if (onError === "ignore") return envelope;
    throw new HttpsError(failed.reason, {
      url: asked.target.replace(/^\S+ /, ""),
      ...{ method: asked.method, httpStatusCode: reply.status, responseTimeMs: reply.responseTimeMs ?? 0 },
    });
  };
};

/** A request that failed: what is known of it goes to the dead letter queue beside the document. */
export class HttpsError extends DocumentError {
  readonly https: Doc;

  constructor(reason: string, https: Doc) {
    super(reason);
    this.https = https;
  }
}

function requestOf(given: Doc, path: JsonPath, context: StageContext): (envelope: Envelope) => Request {
  const connectionName = textField("$https", given, "connectionName", path);
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
  const method = choice(given["method"], methods, "GET", [...path, "method"]);
  const at = context.evaluator.expression(given["path"] ?? "", [...path, "path"]);
  const parameters = fieldsMade(given["parameters"], [...path, "parameters"], context);
  const headers = fieldsMade(given["headers"], [...path, "headers"], context);
  const payload = payloadOf("$https", given["payload"], [...path, "payload"], context);
  const withBody = given["payload"] !== undefined || context.constants.httpsBodyMethods.includes(method);
  return (envelope) => {
    const target = at(envelope.doc, envelope.meta);
    if (typeof target !== "string") throw new DocumentError("$https: path must evaluate to a string");
    const sent = headers(envelope);
    const bad = Object.entries(sent).find(([, value]) => typeof value !== "string");
    if (bad !== undefined) throw new DocumentError(`$https: the header ${bad[0]} must evaluate to a string`);
    return {
      ...{ kind: "https", connectionName, target: `${method} ${target}`, method, path: target },
      ...{ parameters: parameters(envelope), headers: sent },
      ...(withBody ? { body: payload(envelope) } : {}),
    };
  };
}

/** Fields whose values are expressions. */
function fieldsMade(fields: unknown, path: JsonPath, { evaluator }: StageContext): (envelope: Envelope) => Doc {
  if (fields !== undefined && !isDoc(fields)) throw new PipelineRefused("this takes an object", path);
  const compiled: [string, Compiled][] = Object.entries(fields ?? {}).map(([name, value]) => [
    name,
    evaluator.expression(value, [...path, name]),
  ]);
  return ({ doc, meta }) => Object.fromEntries(compiled.map(([name, value]) => [name, value(doc, meta)]));
}

function failureOf({ target }: Request, reply: HttpsReply): { reason: string; recoverable: boolean } | undefined {
  const status = reply.status ?? 200;
  if (status < 200 || status > 299) {
    const recoverable = (documented.httpsRecoverable as readonly number[]).includes(status);
    return { reason: `Request failure in $https with status code ${status}: ${target}`, recoverable };
  }
  const type = contentTypeOf(reply);
  if (type === "application/json" || type === "text/plain") return undefined;
  return { reason: `Unsupported Content-Type ${type} in $https: ${target}`, recoverable: true };
}

function contentTypeOf({ headers = {} }: HttpsReply): string {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return (found ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** What the endpoint answered; undefined for an answer of no bytes. */
function contentOf(reply: HttpsReply, parse: boolean): unknown {
  if (reply.body === undefined || reply.body === "") return undefined;
  const body = fromEjson(reply.body);
  return parse ? parsedStrings(body) : body;
}

/** Strings that hold an object or a list of JSON become what they say. */
function parsedStrings(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(parsedStrings);
  if (isDoc(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parsedStrings(inner)]));
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return parsedStrings(fromEjson(JSON.parse(value)));
  } catch {
    return value;
  }
}

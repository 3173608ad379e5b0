import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
  ReadRequest,
  UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";

import type { Operation } from "../cloud/events.ts";
import { previewCreate, previewUpdate, read, remove, update } from "../operations/change.ts";
import { check } from "../operations/check.ts";
import { create } from "../operations/create.ts";
import { diff } from "../operations/diff.ts";
import { withFaults } from "../operations/faults.ts";
import { invoke } from "../operations/invoke.ts";
import { parseUrn, type Session } from "../operations/session.ts";
import type { Properties } from "../types/type-spec.ts";
import { diffResponse } from "./diff-response.ts";
import { identityOf, parseConfig } from "./identity.ts";
import { decodeProperties, encodeProperties } from "./marshal.ts";
import { fromStruct, messages, toStruct } from "./wire.ts";

type StructMessage = Parameters<typeof fromStruct>[0];

/** The resource operations of one provider process, as the engine's protocol knows them. */
export class ResourceService {
  readonly #packageName: string;
  readonly #session: Session;

  constructor(packageName: string, session: Session) {
    this.#packageName = packageName;
    this.#session = session;
  }

  configure(request: ConfigureRequest): unknown {
    const config = request.hasArgs() ? plain(request.getArgs()) : variables(request);
    this.#session.identity = identityOf(this.#packageName, parseConfig(config));
    const response = new messages.ConfigureResponse();
    // Secrets stay with the engine: it unwraps them on the way here and marks the outputs of the same names.
    response.setAcceptsecrets(false);
    response.setAcceptresources(false);
    response.setAcceptoutputs(false);
    response.setSupportspreview(true);
    return response;
  }

  async check(request: CheckRequest): Promise<unknown> {
    const urn = request.getUrn();
    const { inputs, failures } = await this.#strike(urn, "check", () =>
      check(this.#session, urn, plain(request.getOlds()), plain(request.getNews())),
    );
    const response = new messages.CheckResponse();
    response.setInputs(toStruct(encodeProperties(inputs)));
    for (const failure of failures) {
      const message = new messages.CheckFailure();
      message.setProperty(failure.property);
      message.setReason(failure.reason);
      response.addFailures(message);
    }
    return response;
  }

  async diff(request: DiffRequest): Promise<unknown> {
    const urn = request.getUrn();
    const olds = plain(request.hasOldInputs() ? request.getOldInputs() : request.getOlds());
    const work = () => diff(this.#session, urn, olds, plain(request.getNews()));
    return diffResponse(await this.#strike(urn, "diff", work));
  }

  async create(request: CreateRequest): Promise<unknown> {
    const urn = request.getUrn();
    const inputs = plain(request.getProperties());
    const response = new messages.CreateResponse();
    const { live } = this.#session;
    if (request.getPreview()) {
      await live?.admit?.(this.#session, { urn, inputs, preview: true });
      response.setProperties(this.#outputs(urn, previewCreate(this.#session, urn, inputs)));
      return response;
    }
    const created = await this.#strike(urn, "create", async () => {
      await live?.admit?.(this.#session, { urn, inputs, preview: false });
      return create(this.#session, urn, inputs);
    });
    await live?.ensure(this.#session, { urn, id: created.id, inputs, outputs: created.outputs });
    response.setId(created.id);
    response.setProperties(this.#outputs(urn, created.outputs));
    return response;
  }

  async read(request: ReadRequest): Promise<unknown> {
    const urn = request.getUrn();
    const id = request.getId();
    const inputs = plain(request.getInputs());
    const outputs = plain(request.getProperties());
    const found = await this.#strike(urn, "read", () => read(this.#session, { urn, id, inputs, outputs }));
    const response = new messages.ReadResponse();
    if (found === undefined) return response;
    response.setId(id);
    response.setInputs(toStruct(encodeProperties(found.inputs)));
    response.setProperties(this.#outputs(urn, found.outputs));
    return response;
  }

  async update(request: UpdateRequest): Promise<unknown> {
    const urn = request.getUrn();
    const news = plain(request.getNews());
    const outputs = plain(request.getOlds());
    const existing = { urn, id: request.getId(), inputs: plain(request.getOldInputs()), outputs };
    const response = new messages.UpdateResponse();
    if (request.getPreview()) {
      response.setProperties(this.#outputs(urn, previewUpdate(this.#session, existing, news)));
      return response;
    }
    const changed = await this.#strike(urn, "update", async () => {
      await this.#session.live?.admit?.(this.#session, { urn, inputs: news, preview: false });
      return update(this.#session, existing, news);
    });
    await this.#session.live?.ensure(this.#session, existing);
    response.setProperties(this.#outputs(urn, changed));
    return response;
  }

  async delete(request: DeleteRequest): Promise<void> {
    const urn = request.getUrn();
    const outputs = plain(request.getProperties());
    const existing = { urn, id: request.getId(), inputs: plain(request.getOldInputs()), outputs };
    await this.#strike(urn, "delete", async () => {
      await this.#session.live?.remove(this.#session, existing);
      remove(this.#session, existing);
    });
  }

  async invoke(request: InvokeRequest): Promise<unknown> {
    const token = request.getTok();
    const work = () => invoke(this.#session, token, plain(request.getArgs()));
    const result = await withFaults(this.#session, { type: token, urn: "", operation: "invoke" }, work);
    const response = new messages.InvokeResponse();
    response.setReturn(toStruct(encodeProperties(result)));
    return response;
  }

  #strike<T>(urn: string, operation: Operation, work: () => T | Promise<T>): Promise<T> {
    return withFaults(this.#session, { type: parseUrn(urn).type, urn, operation }, work);
  }

  #outputs(urn: string, outputs: Properties): ReturnType<typeof toStruct> {
    return toStruct(encodeProperties(outputs, this.#session.behaviours.of(parseUrn(urn).type).secretOutputs));
  }
}

function plain(struct: StructMessage): Properties {
  return decodeProperties(fromStruct(struct));
}

/** Older engines pass `aws:config:region` style variables only. */
function variables(request: ConfigureRequest): Properties {
  const config: Properties = {};
  request.getVariablesMap().forEach((value, key) => {
    config[key.split(":").pop() ?? key] = value;
  });
  return config;
}

/**
 * What Atlas does where its documentation says nothing, or not enough. Every one has a name, stands in docs/streams-simulator.md and can be
 * given another value: `createSimulator(pipeline, { constants: { … } })`, or `constants` in a test file.
 */
export interface Constants {
  /** Milliseconds that the watermark stays behind the greatest event time. */
  watermarkOffsetMs: number;
  /** The moment from which windows are counted, before `offset`: milliseconds since 1970-01-01T00:00:00Z. */
  windowEpochMs: number;
  /** A document of several windows is late when one of them is closed, or only when all are. It goes into those that are open. */
  lateWhen: "any-window-missed" | "all-windows-missed";
  /** What a document without an open session is compared with: the watermark itself, or what `allowedLateness` leaves of it. */
  sessionLateAgainst: "watermark" | "watermark-minus-lateness";
  /** A document that is read again after a changed window, for a window that was closed before: silently left out, or late. */
  replayedForClosedWindow: "drop" | "dlq";
  /** What is written into a sink's document beside it: nothing, the window, or everything. */
  projectStreamMeta: "none" | "window" | "all";
  /** The field that holds it. */
  streamMetaFieldName: string;
  /** The field that holds the event time where `tsFieldName` names none; "" for none. */
  timestampFieldName: string;
  /** What happens to a Kafka key that is not of `keyFormat` where `keyFormatError` is not given. */
  keyFormatError: "dlq" | "passThrough";
  /** Methods of `$https` that send the document as the request's body. */
  httpsBodyMethods: readonly string[];
  /** What `onError: "ignore"` of `$externalFunction` does with the document. */
  externalFunctionIgnore: "pass" | "drop";
  /** Seconds of its rate that a `$throttle` lets pass at once, where nothing passed before. */
  throttleBurstSeconds: number;
  /** Milliseconds that one call of `$function` may take. */
  functionTimeoutMs: number;
}

export const defaultConstants: Constants = {
  watermarkOffsetMs: 0,
  windowEpochMs: 0,
  lateWhen: "any-window-missed",
  sessionLateAgainst: "watermark",
  replayedForClosedWindow: "drop",
  projectStreamMeta: "window",
  streamMetaFieldName: "_stream_meta",
  timestampFieldName: "",
  keyFormatError: "dlq",
  httpsBodyMethods: ["POST", "PUT", "PATCH"],
  externalFunctionIgnore: "pass",
  throttleBurstSeconds: 1,
  functionTimeoutMs: 1000,
};

/** What is documented, and still worth a name. */
export const documented = {
  /** `allowedLateness` where a window has none. */
  allowedLatenessMs: 3000,
  /** Answers of an endpoint that `onError` of `$https` is about; any other that is no success fails the processor. */
  httpsRecoverable: [400, 404, 410, 413, 414, 431],
  /** Why a processor fails at once, without being tried again. */
  outOfMemory: 418,
  invalidOptions: 420,
} as const;

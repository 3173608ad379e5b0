/** One version of a model, as `GET /api/models` lists it. What is not known of it is not there. */
export interface Model {
  name: string;
  version: string;
  status: "candidate" | "rejected" | "approved" | "serving" | "retired";
  /** The furthest environment it has reached. */
  stage?: string;
  /** Percent of predictions that it is meant to answer. */
  weight?: number;
  /** What its evaluation measured, e.g. `rmse`. */
  metrics?: Record<string, number>;
}

/** What one version answered lately. */
export interface ModelTraffic {
  /** `name/version`. */
  model: string;
  requests: number;
  errors: number;
  /** From 0 to 1. */
  share: number;
}

/** What serves right now, as `GET /api/status` says it. */
export interface Status {
  environment: string;
  /** `ready`, or why it is not. */
  predict: string;
  model: string | null;
  traffic: { requests: number; errors: number; error_rate: number; models: ModelTraffic[] };
}

/** What a person is told when there is no answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";
}

const TIMEOUT = 10_000;

/** The list of models. Rejects with an ApiError. */
export async function fetchModels(signal: AbortSignal): Promise<Model[]> {
  const value = await fetchJson("/api/models", signal);
  if (!Array.isArray(value)) throw new ApiError("The list of models cannot be read.");
  return value as Model[];
}

/** What serves. Rejects with an ApiError. */
export async function fetchStatus(signal: AbortSignal): Promise<Status> {
  const value = await fetchJson("/api/status", signal);
  if (typeof value !== "object" || value === null || !("traffic" in value))
    throw new ApiError("The serving status cannot be read.");
  return value as Status;
}

async function fetchJson(path: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) }).catch(
    (error: unknown) => {
      if (signal.aborted) throw error;
      throw new ApiError("This page's server cannot be reached.");
    },
  );
  const value: unknown = await response.json().catch(() => undefined);
  if (response.ok) return value;
  throw new ApiError(`The models service answers ${response.status}${detailOf(value)}.`);
}

function detailOf(value: unknown): string {
  if (typeof value !== "object" || value === null || !("detail" in value)) return "";
  return typeof value.detail === "string" ? `: ${value.detail}` : "";
}

/** A statement of a policy document, its values as lists. */
export interface PolicyStatement {
  index: number;
  sid: string;
  effect: string;
  actions: readonly string[];
  resources: readonly string[];
  principals: readonly string[];
  conditional: boolean;
  condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const list = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === "string");

function principalsOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return list(value);
  return Object.values(value).flatMap(list);
}

function statement(raw: Record<string, unknown>, index: number): PolicyStatement {
  const condition = (raw["Condition"] ?? {}) as PolicyStatement["condition"];
  return {
    index,
    sid: typeof raw["Sid"] === "string" ? raw["Sid"] : "",
    effect: String(raw["Effect"]),
    actions: list(raw["Action"]),
    resources: list(raw["Resource"]),
    principals: principalsOf(raw["Principal"]),
    conditional: Object.keys(condition).length > 0,
    condition,
  };
}

/** The statements of a policy document given as text or as an object; none where it is unknown or no policy. */
export function statementsOf(document: unknown): PolicyStatement[] {
  const parsed = typeof document === "string" ? parse(document) : document;
  if (typeof parsed !== "object" || parsed === null || !("Statement" in parsed)) return [];
  const { Statement: raw } = parsed;
  const statements = (Array.isArray(raw) ? raw : [raw]) as Record<string, unknown>[];
  return statements.map(statement);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whether it is JSON at all is for the provider to say.
    return undefined;
  }
}

/** Whether the document denies every use without TLS. */
export const deniesPlainHttp = (statements: readonly PolicyStatement[]): boolean =>
  statements.some(
    ({ effect, condition }) =>
      effect === "Deny" &&
      Object.values(condition).some((values) => list(values["aws:SecureTransport"]).includes("false")),
  );

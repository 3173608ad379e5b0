import type { CheckKind } from "../check-kind.ts";
import { get } from "../http.ts";

/** A URL answers with the expected status (default 200) and, where asked for, contains a text. */
export const http: CheckKind<"http"> = {
  kind: "http",
  async probe(check, { signal }) {
    const expected = check.status ?? 200;
    try {
      const answer = await get(check.url, { signal });
      if (answer.status !== expected)
        return { state: "pending", detail: `${check.url} answered ${answer.status}, expected ${expected}` };
      if (check.contains !== undefined && !answer.body.includes(check.contains))
        return { state: "pending", detail: `${check.url} answered without the text "${check.contains}"` };
      return { state: "passed", detail: `${check.url} answered ${answer.status}` };
    } catch (error) {
      return { state: "pending", detail: `${check.url}: ${(error as Error).message}` };
    }
  },
};

import assert from "node:assert/strict";
import fc from "fast-check";
import { isDebug, parseEvent } from "../../automation/engine/events.ts";

const line = (payload: object) => JSON.stringify({ sequence: 3, timestamp: 9, ...payload });
const metadata = { op: "create", urn: "urn:pulumi:dev::p::t::n", type: "t" };

describe("engine events", () => {
  const head = { sequence: 3, timestamp: 9 };
  const cases: [string, string, unknown][] = [
    [
      "a known kind",
      line({ resourcePreEvent: { metadata } }),
      { ...head, kind: "resourcePreEvent", resourcePreEvent: { metadata } },
    ],
    [
      "an unknown kind, kept",
      line({ progressEvent: { done: 1 } }),
      { ...head, kind: "progressEvent", progressEvent: { done: 1 } },
    ],
    [
      "an unknown field of a known kind",
      line({ diagnosticEvent: { severity: "info", message: "m", new: 1 } }),
      {
        ...{ ...head, kind: "diagnosticEvent", diagnosticEvent: { severity: "info", message: "m", new: 1 } },
      },
    ],
    [
      "a known kind of another shape",
      line({ summaryEvent: { changes: 1 } }),
      { ...head, kind: "unknown", payload: { changes: 1 } },
    ],
    ["a step without metadata", line({ resOutputsEvent: {} }), { ...head, kind: "unknown", payload: {} }],
    ["no payload", line({}), { ...head, kind: "unknown" }],
    ["a known kind that is no object", line({ policyEvent: 4 }), { ...head, kind: "unknown" }],
    ["no sequence", `{"cancelEvent":{}}`, { sequence: -1, timestamp: 0, kind: "cancelEvent", cancelEvent: {} }],
    ["half a line", `{"sequence":1,"cancelEv`, undefined],
    ["no object", "7", undefined],
  ];
  for (const [what, text, expected] of cases) it(what, () => assert.deepEqual(parseEvent(text), expected));

  it("are never a reason to throw", () => {
    fc.assert(fc.property(fc.json(), (text) => parseEvent(text) !== null));
    const kinds = fc.constantFrom("resourcePreEvent", "summaryEvent", "diagnosticEvent", "policyEvent", "xEvent");
    fc.assert(fc.property(kinds, fc.jsonValue(), (kind, value) => parseEvent(line({ [kind]: value }))?.sequence === 3));
  });

  it("are for nobody when their severity is debug", () => {
    const severities = ["debug", "info", "info#err", "warning", "error"];
    const debug = severities.map((severity) =>
      isDebug(parseEvent(line({ diagnosticEvent: { severity, message: "" } }))!),
    );
    assert.deepEqual(debug, [true, false, false, false, false]);
  });
});

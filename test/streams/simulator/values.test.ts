import assert from "node:assert/strict";
import fc from "fast-check";
import { CannotSimulate } from "../../../streams/engine/simulator/errors.ts";
import { compareStrings, compareValues, keyOf } from "../../../streams/engine/simulator/values/compare.ts";
import { fromEjson, toEjson } from "../../../streams/engine/simulator/values/ejson.ts";
import { anyValueAt, valueAt, withoutHoles } from "../../../streams/engine/simulator/values/paths.ts";
import { bsonSize } from "../../../streams/engine/simulator/values/size.ts";
import { Binary, ObjectId, Timestamp, Uuid, bsonType } from "../../../streams/engine/simulator/values/types.ts";

const oid = "65a000000000000000000001";
const uuid = "00112233-4455-4677-8899-aabbccddeeff";

/** Values in the order of BSON, each less than the next. */
const ascending: readonly unknown[] = [
  undefined,
  null,
  NaN,
  -Infinity,
  -1,
  0,
  1.5,
  2,
  "",
  "a",
  "b",
  "\uffff",
  "\u{1f600}",
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { a: 2 },
  { b: 1 },
  { a: "1" },
  [],
  [1],
  [1, 0],
  [2],
  new Binary("AA=="),
  new Binary("AQ=="),
  new Uuid(uuid),
  new ObjectId(oid),
  false,
  true,
  new Date(0),
  new Date(1),
  new Timestamp(1, 1),
  new Timestamp(1, 2),
  /a/,
];

describe("values of the simulator", () => {
  it("are ordered as in BSON", () => {
    for (const [i, a] of ascending.entries())
      for (const [j, b] of ascending.entries())
        assert.equal(Math.sign(compareValues(a, b)), Math.sign(i - j), `${keyOf(a)} and ${keyOf(b)}`);
  });

  it("have the same key exactly where they are equal", () => {
    for (const [i, a] of ascending.entries())
      for (const [j, b] of ascending.entries()) assert.equal(keyOf(a) === keyOf(b), i === j, `${keyOf(a)} ${keyOf(b)}`);
    assert.equal(keyOf(-0), keyOf(0));
    assert.notEqual(keyOf({ a: 1, b: 2 }), keyOf({ b: 2, a: 1 }));
    assert.notEqual(keyOf("1"), keyOf(1));
  });

  it("compare strings as UTF-8 does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        assert.equal(Math.sign(compareStrings(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 300 },
    );
  });

  it("survive Extended JSON", () => {
    const value = {
      ...{
        id: new ObjectId(oid),
        at: new Date(5),
        u: new Uuid(uuid),
        b: new Binary("AQI=", 5),
        t: new Timestamp(7, 8),
      },
      ...{ n: [1, 2.5, -Infinity], r: /x+/i, nothing: null, deep: { a: [{ b: true }] } },
    };
    const written = JSON.parse(JSON.stringify(toEjson(value))) as unknown;
    assert.equal(keyOf(fromEjson(written)), keyOf(value));
    assert.deepEqual(Object.keys(written as object), Object.keys(value));
  });

  it("are read from canonical Extended JSON", () => {
    const read = (json: unknown) => fromEjson(json);
    assert.equal(read({ $numberInt: "5" }), 5);
    assert.equal(read({ $numberLong: "123456789012" }), 123456789012);
    assert.equal(read({ $numberDouble: "-0.5" }), -0.5);
    assert.deepEqual(read({ $date: { $numberLong: "1000" } }), new Date(1000));
    assert.deepEqual(read({ $binary: { base64: "ABEiM0RVRneImaq7zN3u/w==", subType: "04" } }), new Uuid(uuid));
    assert.deepEqual(read({ $match: { $expr: 1 } }), { $match: { $expr: 1 } });
  });

  it("are refused where JavaScript cannot hold them", () => {
    const refused: readonly [unknown, RegExp][] = [
      [{ a: { $numberDecimal: "1.1" } }, /cannot be simulated: 128-bit decimals \(a\)/],
      [{ $numberLong: "9007199254740993" }, /64-bit integer 9007199254740993/],
      [{ $minKey: 1 }, /minKey/],
      [{ $oid: "12" }, /24 hexadecimal digits/],
      [{ $date: "soon" }, /not a date/],
      [JSON.parse('{"__proto__": 1, "x": 2}'), /__proto__/],
    ];
    for (const [json, message] of refused)
      assert.throws(
        () => fromEjson(json),
        (error) => error instanceof CannotSimulate && message.test(error.message),
      );
  });

  it("have the types of BSON", () => {
    const types = [undefined, null, 1, 2 ** 31, 1.5, "a", {}, [], new Binary(""), new ObjectId(oid), true, new Date(0)];
    assert.deepEqual(types.map(bsonType), [
      "missing",
      "null",
      "int",
      "long",
      "double",
      "string",
      "object",
      "array",
      "binData",
      "objectId",
      "bool",
      "date",
    ]);
  });

  it("have the size of BSON", () => {
    // As bsonsize() of a shell says.
    assert.equal(bsonSize({}), 5);
    assert.equal(bsonSize({ a: 1 }), 12);
    assert.equal(bsonSize({ a: 1.5, s: "abc" }), 5 + 11 + (1 + 2 + 4 + 4));
    assert.equal(bsonSize({ l: [true, null], d: new Date(0), o: new ObjectId(oid) }), 5 + (3 + 5 + 4 + 3) + 11 + 15);
  });

  it("are found by paths, through lists", () => {
    const doc = { a: { b: 1 }, l: [{ b: 1 }, { b: 2 }, 3, { c: 4 }], n: [[{ b: 1 }]] };
    assert.equal(valueAt(doc, ["a", "b"]), 1);
    assert.deepEqual(valueAt(doc, ["l", "b"]), [1, 2]);
    assert.equal(valueAt(doc, ["a", "b", "c"]), undefined);
    assert.equal(valueAt(doc, ["constructor"]), undefined);
    const tried = (...parts: string[]) => {
      const values: unknown[] = [];
      anyValueAt(doc, parts, (value) => values.push(value) < 0);
      return values;
    };
    assert.deepEqual(tried("l", "b"), [1, 2, undefined]);
    assert.deepEqual(tried("l", "0", "b"), [1]);
    assert.deepEqual(tried("l").at(-1), doc.l);
    assert.deepEqual(tried("x", "y"), [undefined]);
  });

  it("lose their holes, and are copied only where they have some", () => {
    const whole = { a: [{ b: 1 }] };
    assert.equal(withoutHoles(whole), whole);
    assert.deepEqual(withoutHoles({ a: undefined, b: [undefined, { c: undefined }] }), { b: [null, {}] });
  });
});

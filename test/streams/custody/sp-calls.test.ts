import assert from "node:assert/strict";
import { invocationsIn, remarksOn } from "../../../automation/streams/import/invocations.ts";

describe("calls of sp", () => {
  const remarks = (text: string) =>
    invocationsIn(text).flatMap((call) =>
      remarksOn(call).map(({ rule, message, why }) => [rule, message, why].join("|")),
    );

  it("are found behind whatever a shell puts before a command, and nowhere else", () => {
    const text =
      "cd tools && ./sp processors list | jq . ; python3 tools/sp processors test\nX=$(sp instances list)\n# sp processors list\necho wisp processors";
    assert.deepEqual(
      invocationsIn(text).map(({ line, column, words }) => [line, column, words.join(" ")]),
      [
        [1, 13, "processors list"],
        [1, 51, "processors test"],
        [2, 5, "instances list"],
      ],
    );
  });

  it("go on behind a backslash, and take what is in quotes as one word", () => {
    assert.deepEqual(invocationsIn('sp processors \\\n  profile -p "a b" > out.json')[0]?.words, [
      "processors",
      "profile",
      "-p",
      "a b",
    ]);
  });

  const table: readonly [string, string][] = [
    [
      "sp processors stats --all",
      "import/command-fails|sp processors stats cannot work as it is written|sp knows no option --all here",
    ],
    ["sp processors test --all --security-check", "import/command-fails"],
    [
      "sp workspaces connections list",
      "import/command-fails|sp workspaces connections list cannot work as it is written|sp knows connections below instances alone",
    ],
    ["sp instances connections list", "import/command|sp instances connections list is not carried over"],
    ["sp processors start -p a --tier SP10", "import/command|"],
    ["sp --config c.txt processors drop old", "import/command|sp processors drop"],
    [
      "sp processors drop old new",
      'import/command-fails|sp processors drop cannot work as it is written|sp takes no "new" here',
    ],
    ["sp processors analyze-tier", "import/no-command|there is no command sp processors analyze-tier"],
    ["sp workspaces create a --region EU_WEST_1", "import/region|the region EU_WEST_1|"],
  ];
  for (const [text, expected] of table)
    it(`${text}: ${expected}`, () => {
      const found = remarks(text);
      assert.ok(
        found.some((each) => each.startsWith(expected)),
        found.join("\n"),
      );
    });

  it("ask for a region that there is, and then nothing is said about it", () => {
    assert.equal(remarks("sp workspaces create a --region DUBLIN_IRL").length, 1);
    assert.equal(remarks("sp workspaces create a").length, 2);
  });
});

import { diffProjects } from "../../streams/engine/diff/diff.ts";
import type { StreamProject } from "../../streams/engine/files/project.ts";
import { testDocument } from "../../streams/engine/testing/document.ts";
import { type TestCase, testFileOf } from "../../streams/engine/testing/format.ts";
import type { Context } from "../context.ts";
import { ExitCode } from "../errors.ts";
import { replayJson, replayText } from "../report/streams-replay.ts";
import { replayCase, type Replayed } from "../streams/custody/replay.ts";
import { flag, type CommandResult } from "./result.ts";
import { selected, versions } from "./streams-diff.ts";

/**
 * `streams replay [processors...]`: what two versions of changed processors leave in their sinks for the same documents, those of their tests;
 * document by document, without Atlas.
 */
export async function replay(
  context: Context,
  args: readonly string[],
  options: Record<string, unknown>,
): Promise<CommandResult> {
  const { before, after, base, head } = await versions(context, options);
  const replays: Replayed[] = [];
  const without: string[] = [];
  for (const { processor, status } of selected(diffProjects(before, after), args)) {
    const [old, now] = [before, after].map((project) => versionOf(project, processor));
    if (status !== "changed" || old === undefined || now === undefined) continue;
    const cases = casesOf(after, processor);
    if (cases.length === 0) without.push(processor);
    replays.push(...cases.map((testCase) => replayCase(testCase, old, now)));
  }
  const report = { base, head, replays, without };
  return {
    exitCode: verdict(replays, flag(options, "strict")),
    json: replayJson(report),
    text: replayText(context.console, report).join("\n"),
  };
}

/** A difference is what a change is for; it is a reason to stop only where somebody says that there must be none. */
function verdict(replays: readonly Replayed[], strict: boolean): ExitCode {
  return strict && replays.some(({ outcome }) => outcome !== "same") ? ExitCode.unexpectedChanges : ExitCode.done;
}

function versionOf(project: StreamProject, name: string) {
  const processor = project.processors.find((one) => one.name === name);
  return processor && { project, processor };
}

/** Cases of a processor's test. One that cannot be read has none: `streams test` says why. */
function casesOf({ tests }: StreamProject, name: string): readonly TestCase[] {
  const test = tests.get(name);
  return (test && testFileOf(testDocument(test.path, test.text)).value?.cases) ?? [];
}
